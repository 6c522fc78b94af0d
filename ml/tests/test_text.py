"""Rules of reading text in two languages."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.text import Mentions, arabic_share, content_hash, has_words, latin_part, normalise, readable, tokens

ARABIC_WORDS = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=3, max_size=9)
MIXED = st.text(
    alphabet=st.sampled_from("اأإآةىئؤيکگـًَّabcEF wWjJsS.,'-+#@:/٣3٬،_&\u200f\u0654éİßﻻ😀\n"), max_size=60
)


@given(st.one_of(st.text(max_size=80), MIXED))
@settings(max_examples=400)
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once


@given(ARABIC_WORDS, st.sampled_from("\u064b\u064e\u064f\u0650\u0651\u0652ـ"), st.data())
def test_marks_and_tatweel_do_not_make_another_word(word, mark, data):
    place = data.draw(st.integers(1, len(word)))
    assert normalise(word[:place] + mark + word[place:]) == normalise(word)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("أحمد إلى آخر", "احمد الى اخر"),
        ("ا\u0654حمد", "أحمد"),
        ("مكتبة", "مكتبه"),
        ("على", "علي"),
        ("مسؤول رئيس", "مسوول رييس"),
        ("کتابی", "كتابي"),
        ("٢٠٢٦ ۱۲", "2026 12"),
        ("ﻻﻋﺐ", "لاعب"),
        ("جميييييل", "جميل"),
        ("Café Ｗeb", "cafe web"),
        ("E-Commerce", "ecommerce"),
        ("1,500 EGP", "1500 egp"),
        ("١٬٥٠٠", "1500"),
    ],
)
def test_spelling_variants_are_one_spelling(written, same):
    assert normalise(written) == normalise(same)


def test_addresses_emoji_and_symbols_go():
    text = "🎉 Call me: a.b@example.com or https://example.com/x?y=1, www.example.org -- ★ now!"
    assert normalise(text) == "call me or now"


def test_names_of_technologies_keep_their_signs():
    assert normalise("C# and C++, .NET/ASP.NET; Node.js!") == "c# and c++ .net asp.net node.js"


def test_a_full_stop_without_a_space_still_ends_a_word():
    assert normalise("done.Next step") == "done next step"


def test_arabic_glued_to_latin_is_two_words():
    assert normalise("وPython") == "و python"


def test_article_and_plural_do_not_separate_arabic_words():
    assert tokens("تصميم الشعارات") == tokens("تصميم شعارات") == tokens("وتصميم شعار")
    assert tokens("الترجمة") == tokens("ترجمات") == tokens("للترجمه")


def test_english_words_meet_in_their_stem():
    assert tokens("designing logos") == tokens("design logo")


def test_the_commonest_words_are_left_out():
    assert tokens("I need a logo for the shop") == ["logo", "shop"]
    assert tokens("محتاج شعار من أجل المحل")[0] == tokens("شعار")[0]


@given(st.text(max_size=60))
def test_share_of_arabic_is_a_share(text):
    assert 0.0 <= arabic_share(text) <= 1.0


def test_share_of_arabic_counts_letters_only():
    assert arabic_share("123 !?") == 0.0
    assert arabic_share("مرحبا 123") == 1.0
    assert arabic_share("اب ab") == 0.5


def test_a_text_of_symbols_has_no_words():
    assert not has_words("")
    assert not has_words("123 -- !? 🎉 _")
    assert has_words("ا")
    assert has_words("ok")


def test_latin_part_keeps_only_what_a_latin_encoder_reads():
    assert latin_part("محتاج مطور React و Python 3") == "React Python 3"
    assert latin_part("وReact") == "React"
    assert latin_part("مطلوب سباك 50") == ""
    assert latin_part("Привет") == ""


def test_an_encoder_is_given_only_what_it_reads():
    latin, both = frozenset({"latin"}), frozenset({"latin", "arabic"})
    arabic, english = "محتاج مطور React محترف", "Build a shop, متجر"
    assert readable(arabic, latin) == ""
    assert readable(arabic, both) == arabic
    assert readable(english, latin) == "Build a shop,"


def test_hash_tells_where_one_part_ends():
    assert content_hash("ab", "c") != content_hash("a", "bc")
    assert content_hash("a") != content_hash("a", "")
    assert content_hash("نص", "\ud800") == content_hash("نص", "\ud800")


VOCABULARY = {
    1: ["React", "React.js", "ReactJS"],
    2: ["React Native"],
    3: ["Java"],
    4: ["JavaScript"],
    5: ["Logo Design", "تصميم شعارات", "لوجو"],
    6: ["C#"],
    7: ["R"],
    8: ["Go", "Golang"],
    9: ["Node.js"],
    10: ["Accounting", "محاسبة"],
    11: ["Microsoft Excel", "Excel", "اكسل"],
    12: ["Front End"],
    13: ["Maths", "حساب"],
    14: ["C++"],
    15: ["UI/UX Design"],
}


@pytest.fixture(scope="module")
def mentions():
    return Mentions(VOCABULARY)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("محتاج تصميم شعارات لشركتي", {5}),
        ("محتاج تصميم الشعارات", {5}),
        ("عايز لوجو بسيط", {5}),
        ("وباللوجو كمان", {5}),
        ("logo designs wanted", {5}),
        ("React Native app", {2}),
        ("React and React Native", {1, 2}),
        ("a ReactJS site", {1}),
        ("a react.js site", {1}),
        ("JavaScript", {4}),
        ("Java, JavaScript", {3, 4}),
        ("C# developer", {6}),
        ("C++ developer", {14}),
        ("C developer", set()),
        ("nodejs", {9}),
        ("node js api", {9}),
        ("frontend and front-end", {12}),
        ("my bank account", set()),
        ("accounting for a shop", {10}),
        ("إدارة حسابات فيسبوك", set()),
        ("UI / UX design", {15}),
        ("", set()),
        ("!!! 🎉", set()),
    ],
)
def test_a_skill_is_found_by_its_whole_name(mentions, text, ids):
    assert mentions.find(text) == ids


@pytest.mark.parametrize(
    "text",
    [
        "Go to the shop",
        "let it go live",
        "we go. Go home",
        "R&D team",
        "they excel in sales",
        "Excel at school now",
    ],
)
def test_an_ordinary_word_is_not_a_skill(mentions, text):
    assert not mentions.find(text)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("A service written in Go for us", {8}),
        ("go developer", {8}),
        ("Python, Go, Rust", {8}),
        ("statistics in R", {7}),
        ("R programming", {7}),
        ("a list in Excel", {11}),
        ("an excel sheet", {11}),
        ("ملف Excel كبير", {11}),
    ],
)
def test_an_ordinary_word_among_its_like_is_a_skill(mentions, text, ids):
    assert mentions.find(text) == ids


@given(st.sampled_from(["React Native", "Accounting", "تصميم شعارات", "Node.js", "C#", "اكسل"]), ARABIC_WORDS)
def test_a_name_is_found_between_any_words(name, word):
    found = Mentions(VOCABULARY).find(f"{word} {name} {word}")
    assert Mentions(VOCABULARY).find(name) <= found


def test_an_empty_vocabulary_finds_nothing():
    assert Mentions({}).find("React") == frozenset()


def test_a_long_text_is_read_in_milliseconds():
    names = {
        number: [f"skill {number} name", f"alias{number}", f"مهارة رقم{number}"] for number in range(300)
    }
    finder = Mentions(names | {400: ["Go"]})
    text = ("Someone who knows alias7 and skill 12 name, Go or else " * 40)[:2000]
    finder.find(text)
    spent = []
    for _ in range(15):
        start = time.perf_counter()
        finder.find(text)
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.004
