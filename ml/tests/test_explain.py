"""Rules of saying why a task suits, in two languages."""

import pytest

from ml.explain import count_skills_ar, sentence
from ml.ranking import Reason

SKILLS = {1: "Python", 2: "Django", 3: "React", 4: "SEO", 5: "Excel"}
CATEGORIES = {7: "برمجة"}
ALL = [
    Reason("skills_match", {"skill_ids": [1, 2], "matched": 2, "required": 3}),
    Reason("mentions_skills", {"skill_ids": [1]}),
    Reason("similar_to_profile", {"percent": 62}),
    Reason("words_in_common", {"percent": 31}),
    Reason("budget_fits", {"budget": "1500.00"}),
    Reason("same_city", {"city": "Cairo"}),
    Reason("remote"),
    Reason("preferred_category", {"category_id": 7}),
    Reason("preferred_type", {"task_type": "PHYSICAL"}),
]


@pytest.mark.parametrize("reason", ALL, ids=lambda reason: reason.code)
def test_every_reason_has_a_sentence_in_both_languages(reason):
    arabic = sentence(reason, "ar", skill_names=SKILLS, category_names=CATEGORIES)
    english = sentence(reason, "en", skill_names=SKILLS, category_names=CATEGORIES)
    assert any("\u0600" <= letter <= "\u06ff" for letter in arabic)
    assert english[0].isascii()
    assert arabic != english
    assert "None" not in arabic + english


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "مهارة واحدة"),
        (2, "مهارتان"),
        (3, "3 مهارات"),
        (10, "10 مهارات"),
        (11, "11 مهارة"),
        (100, "100 مهارة"),
        (103, "103 مهارات"),
    ],
)
def test_arabic_counts_have_their_plural(count, words):
    assert count_skills_ar(count) == words


@pytest.mark.parametrize(
    ("matched", "required", "arabic", "english"),
    [
        (1, 1, "لديك المهارة المطلوبة", "You have the required skill"),
        (2, 2, "لديك المهارتان المطلوبتان", "You have all 2 required skills"),
        (3, 3, "لديك كل المهارات المطلوبة (3)", "You have all 3 required skills"),
        (1, 3, "لديك مهارة واحدة من أصل 3 مهارات مطلوبة", "You have 1 of the 3 required skills"),
        (2, 3, "لديك مهارتان من أصل 3 مهارات مطلوبة", "You have 2 of the 3 required skills"),
    ],
)
def test_a_full_match_is_said_as_one(matched, required, arabic, english):
    reason = Reason("skills_match", {"skill_ids": [], "matched": matched, "required": required})
    assert sentence(reason, "ar", skill_names={}, category_names={}) == arabic
    assert sentence(reason, "en", skill_names={}, category_names={}) == english


def test_amounts_have_western_digits_and_the_currency_of_the_language():
    reason = Reason("budget_fits", {"budget": "1500.00"})
    assert sentence(reason, "en", skill_names={}, category_names={}).endswith("1,500 EGP")
    assert sentence(reason, "ar", skill_names={}, category_names={}).endswith("1,500 جنيه")


def test_a_long_list_of_skills_is_cut():
    reason = Reason("mentions_skills", {"skill_ids": [1, 2, 3, 4, 5]})
    assert sentence(reason, "en", skill_names=SKILLS, category_names={}).endswith(
        "Python, Django, React and 2 more"
    )


def test_a_name_that_is_gone_is_left_out():
    reason = Reason("skills_match", {"skill_ids": [1, 99], "matched": 2, "required": 2})
    assert sentence(reason, "en", skill_names=SKILLS, category_names={}).endswith(": Python")
    assert sentence(ALL[7], "en", skill_names={}, category_names={}) == "In a category you prefer"


def test_an_unknown_code_is_refused():
    with pytest.raises(ValueError, match="unknown reason"):
        sentence(Reason("magic"), "en", skill_names={}, category_names={})
