"""Rules of the words' half of search: what a document weighs, what a query asks, which spelling was meant."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.search import (
    QUERY_WORDS,
    TERM_DIMENSIONS,
    Near,
    bones_of,
    deletion_keys,
    document,
    lexemes,
    marked,
    nearest,
    plan,
    query_words,
    reach,
    score,
    script_of,
    spans,
    spelling_distance,
    surfaces,
    term_id,
)
from ml.text import skeleton, tokens

TEXT = st.text(max_size=120)


@pytest.mark.parametrize(
    "forms",
    [
        "موقع مواقع",
        "ترجمة مترجم",
        "تصميم مصمم",
        "شقة شقق",
        "متجر متاجر",
        "صورة تصوير مصور",
        "درس دروس مدرس تدريس",
        "مطعم مطاعم",
        "استشارة مستشار",
        "تنظيف منظف نظافة",
    ],
)
def test_broken_plurals_and_derivations_share_a_skeleton(forms):
    assert len({skeleton(stem) for stem in tokens(forms)} - {""}) == 1


@pytest.mark.parametrize(
    "forms", ["plumber plumbing", "photographer photography", "cleaner cleaning", "teacher teach"]
)
def test_whoever_does_a_thing_is_found_by_it(forms):
    one, two = tokens(forms)
    assert one != two
    assert {one, bones_of(one)} & {two, bones_of(two)} - {""}


def test_short_words_are_no_derivations():
    assert bones_of("number") == bones_of("poster") == bones_of("logo") == bones_of("c++") == ""


def test_words_of_other_scripts_have_no_skeleton():
    assert skeleton("design") == skeleton("في") == skeleton("") == skeleton("12") == ""


@given(TEXT, TEXT, TEXT)
def test_weights_stay_below_one_and_columns_within_the_dimensions(title, names, body):
    made = document(title=title, names=names, body=body)
    assert all(0 < weight < 1 for weight in made.terms.values())
    assert all(0 <= column < TERM_DIMENSIONS for column in made.terms)
    assert all(field in "ABC" and lexeme for lexeme, field in made.words.items())


@given(TEXT, TEXT)
def test_a_score_is_at_most_one(said, text):
    made = document(title=text, names=said, body=text)
    words = query_words(said)
    frequencies = dict.fromkeys(lexemes(words), 3)
    assert 0 <= score(plan(words, frequencies=frequencies, total=10).terms, made.terms) <= 1.0001


def _score(said, made, frequencies=None, total=1000):
    words = query_words(said)
    known = frequencies or dict.fromkeys(lexemes(words), 10)
    return score(plan(words, frequencies=known, total=total).terms, made.terms)


def test_the_title_weighs_more_than_names_and_names_more_than_the_text():
    filler = "some other words of no meaning whatever " * 3
    places = [
        document(title="logo", names="other", body=filler),
        document(title="other", names="logo", body=filler),
        document(title="other", names="other", body=f"logo {filler}"),
    ]
    scores = [_score("logo", made) for made in places]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_a_rare_word_weighs_more_than_a_common_one():
    known = {"logo": 5, "design": 500}
    rare = _score("logo design", document(title="logo", names="", body=""), known)
    common = _score("logo design", document(title="design", names="", body=""), known)
    assert rare > 2 * common


def test_more_of_the_words_is_better_and_neighbours_better_still():
    both = document(title="logo design", names="", body="")
    apart = document(title="logo for a big shop with design", names="", body="")
    one = document(title="logo", names="", body="")
    assert _score("logo design", both) > _score("logo design", apart) > _score("logo design", one)


def test_a_long_text_with_a_word_counts_less_than_a_short_one():
    assert _score("logo", document(title="x", names="", body="logo please")) > _score(
        "logo", document(title="x", names="", body="logo " + "many further things " * 60)
    )


def test_a_derived_word_is_found_with_less_weight_than_the_word_itself():
    exact = document(title="مترجم", names="", body="")
    derived = document(title="ترجمة", names="", body="")
    known = {"مترجم": 5, "~رجم": 9}
    assert 0 < _score("مترجم", derived, known) < _score("مترجم", exact, known)


def test_what_no_document_has_costs_the_others_nothing():
    made = document(title="logo", names="", body="")
    assert _score("logo zzzz", made, {"logo": 3}) == pytest.approx(_score("logo", made, {"logo": 3}))


def test_the_rarest_words_gather_and_the_common_ones_only_score():
    words = query_words("logo design website")
    known = {"logo": 100, "design": 5_000, "websit": 50_000}
    made = plan(words, frequencies=known, total=100_000, budget=8_000)
    assert made.gather == ("logo", "design")
    assert term_id("websit") in made.terms
    assert plan(words, frequencies={"websit": 50_000}, total=100_000, budget=8_000).gather == ("websit",)


def test_a_word_that_nobody_wrote_stands_for_near_ones_at_less_weight():
    words = query_words("plumbr")
    near = {"plumbr": [Near("plumber", "plumber", 1)]}
    made = plan(words, frequencies={"plumber": 4}, total=50, near=near)
    assert made.gather == ("plumber",)
    assert made.meant == {"plumbr": "plumber"}
    known = plan(words, frequencies={"plumbr": 1, "plumber": 4}, total=50, near=near)
    assert known.gather == ("plumbr",)
    assert known.meant == {}


def test_a_long_query_is_cut():
    assert len(query_words(" ".join(f"word{number}" for number in range(100)))) <= QUERY_WORDS
    assert query_words("the of and") == query_words("🎉") == query_words("") == []


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("logo design", "latin"),
        ("تصميم شعار", "arabic"),
        ("تصميم logo", "mixed"),
        ("3ayez mosamem", "arabizi"),
        ("me7tag logo", "arabizi"),
        ("mp3 player", "latin"),
        ("5 pages, 2 logos", "latin"),
        ("C++ v2 b2b", "latin"),
        ("123", "latin"),
        ("", "latin"),
    ],
)
def test_the_script_of_a_text_is_known(text, script):
    assert script_of(text) == script


# --- Spelling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [
        ("design", "desing", 1),
        ("plumber", "plumbr", 1),
        ("kitchen", "kithcen", 1),
        ("logo", "loggo", 1),
        ("a", "a", 0),
        ("logo", "shop", 3),
        ("مطبخ", "مطبح", 1),
        ("", "ab", 2),
    ],
)
def test_letters_amiss_are_counted(one, two, distance):
    assert min(3, spelling_distance(one, two, 2)) == distance


def test_short_words_and_numbers_are_taken_as_they_are():
    assert reach("cat") == reach("2026") == reach("c++") == 0
    assert (reach("logo"), reach("kitchen")) == (1, 2)


@given(st.text(alphabet="abcdefghij", min_size=5, max_size=12), st.randoms(use_true_random=False))
def test_words_one_letter_apart_share_a_key(word, rng):
    place = rng.randrange(len(word))
    other = rng.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + "k" + word[place:],
            word[:place] + "k" + word[place + 1 :],
            word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
        ]
    )
    assert deletion_keys(word) & deletion_keys(other)
    assert all(-(2**31) <= key < 2**31 for key in deletion_keys(word))


def test_the_nearest_and_commonest_word_is_meant_first():
    (word,) = query_words("desgin")
    vocabulary = [
        ("design", ["design"], 9),
        ("desig", ["desig"], 1),
        ("resign", ["resign"], 50),
        ("logo", ["logo"], 5),
    ]
    first, *others = [near.stem for near in nearest(word, vocabulary)]
    assert first == "design"
    assert "logo" not in others


# --- Words where they stand -----------------------------------------------------------------------------------------


@given(TEXT)
def test_words_are_where_they_are_said_to_be(text):
    for span in spans(text):
        assert 0 <= span.start < span.end <= len(text)
        assert span.stem in [stem[:40] for stem in tokens(text[span.start : span.end])]
        assert span.bones == bones_of(span.stem)


def test_words_are_shown_as_they_are_written():
    assert surfaces("Designing شقةً، Logos!")["شقه"] == "شقةً"
    assert surfaces("Designing")["design"] == "designing"


def test_the_fragment_is_where_most_of_the_words_are():
    text = "Filler about a logo. " + "nothing to see here. " * 30 + "A logo and a website for the shop."
    part, places = marked(text, {"logo", "websit"}, width=80)
    assert "logo and a website" in part
    assert [part[start:end] for start, end in places] == ["logo", "website"]
    assert marked("short text", {"zzz"}) == ("short text", [])


@given(TEXT, st.integers(10, 60))
def test_a_fragment_is_a_part_of_the_text(text, width):
    part, places = marked(text, {span.stem for span in spans(text)}, width=width)
    assert part in text
    assert len(part) <= max(width, 1)
    assert all(0 <= start < end <= len(part) for start, end in places)


def test_columns_are_spread_over_the_dimensions():
    rng = random.Random(1)
    words = {"".join(rng.choices("abcdefghijklmnop", k=7)) for _ in range(5_000)}
    assert len({term_id(word) for word in words}) >= len(words) - 2
    assert math.log2(TERM_DIMENSIONS) == 29
