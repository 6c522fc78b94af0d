"""A word finds its other forms and spellings, in both languages, and what was meant is offered."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from multitask.recommendations.models import SearchDocument, Skill
from multitask.recommendations.services import queries
from multitask.tasks.factories import TaskFactory
from multitask.testing.encoder import HashedEncoder
from multitask.testing.search import TASKS_PATH, found, ids, index_everything

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("تصميم مواقع", "موقع"),
        ("محتاج مترجم شاطر", "ترجمة"),
        ("مصمم جرافيك", "تصميم"),
        ("تنظيف شقق", "شقة"),
        ("سباك لمستشفى", "مستشفي"),
        ("كتابة مقالات", "الكِتابةُ"),
        ("شاشة ٥٥ بوصة", "55"),
        ("Designing a logo", "designs"),
        ("Node.js API", "node.js"),
        ("C++ lessons", "c++"),
    ],
)
def test_other_forms_and_spellings_of_a_word_find_it(api: APIClient, written: str, asked: str) -> None:
    wanted = TaskFactory(title=written, description="…a")
    TaskFactory(title="Something else", description="nothing")
    index_everything()
    assert found(api, asked) == [wanted.pk]


def test_a_skill_named_in_one_language_is_found_in_the_other(api: APIClient) -> None:
    python = Skill.objects.get(slug="python")
    wanted = TaskFactory(title="محتاج حد يكتب سكريبت", description="بايثون لو سمحت")
    required = TaskFactory(title="محتاج مبرمج", description="شغل بسيط")
    required.required_skills.add(python)
    TaskFactory(title="نقل عفش", description="من الدقي")
    index_everything()
    assert set(found(api, "python")) == {wanted.pk, required.pk}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("plumbr", "plumber"),
        ("kithcen", "kitchen"),
        ("restorant desing", "restaurant design"),
        ("سبااكة مطبح", None),
    ],
)
def test_a_letter_amiss_is_forgiven_and_the_right_word_offered(
    api: APIClient, asked: str, meant: str | None
) -> None:
    wanted = TaskFactory(title="Plumber for the kitchen of a restaurant", description="A design. سباكة مطبخ")
    TaskFactory(title="Something else", description="nothing at all")
    index_everything()
    answer = api.get(TASKS_PATH, {"search": asked})
    assert ids(answer) == [wanted.pk]
    if meant is not None:
        assert answer.json()["did_you_mean"] == meant


def test_a_query_that_is_well_written_is_not_corrected(api: APIClient) -> None:
    TaskFactory(title="Plumber", description="kitchen")
    index_everything()
    assert api.get(TASKS_PATH, {"search": "plumber kitchens"}).json()["did_you_mean"] is None
    assert "did_you_mean" not in api.get(TASKS_PATH).json()


@pytest.mark.parametrize("asked", ["montage video", "drop table", "مونتاج فيديو"])
def test_a_word_of_the_language_that_nobody_wrote_is_not_corrected(api: APIClient, asked: str) -> None:
    TaskFactory(title="Management of a video channel", description="A tablet that drips. تاج قنوات فيديو")
    index_everything()
    assert api.get(TASKS_PATH, {"search": asked}).json()["did_you_mean"] is None


def test_a_letter_amiss_is_offered_the_word_of_the_language_before_one_that_somebody_wrote(
    api: APIClient,
) -> None:
    TaskFactory(title="A plumb line", description="Of a video")
    index_everything()
    assert api.get(TASKS_PATH, {"search": "plumbr video"}).json()["did_you_mean"] == "plumber video"


MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640\u200f"
SAME = {
    "ا": "اأإآٱ",
    "ي": "يىیئ",
    "ه": "هة",
    "ك": "كک",
    "و": "وؤ",
    "1": "1١۱",
    "5": "5٥۵",
}


@st.composite
def spellings(draw: Any) -> tuple[str, str]:
    """The same query twice, each letter in any of its spellings, with marks and lengthening between."""
    plain = draw(
        st.sampled_from(["تصميم شعار مطعم", "سباك مستشفي", "ترجمه كتاب 15 صفحه", "اكلات بيتي", "وظيفه مدير"])
    )

    def spelt() -> str:
        letters = []
        for letter in plain:
            letters.append(draw(st.sampled_from(SAME.get(letter, letter))))
            if letter != " " and draw(st.booleans()):
                letters.append(draw(st.sampled_from(MARKS)))
        return "".join(letters)

    return plain, spelt()


@given(spellings())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_spelling_gives_the_same_result_set(pair: tuple[str, str]) -> None:
    if not SearchDocument.objects.exists():
        for title in (
            "تصميم شعار لمطعم",
            "سباك في مستشفى",
            "ترجمة كتاب ١٥ صفحة",
            "أكلات بيتي",
            "وظيفة مدير",
            "Logo",
        ):
            TaskFactory(title=title, description="…a")
        index_everything()
    api = APIClient()
    plain, spelt = pair
    assert found(api, plain)
    assert found(api, spelt) == found(api, plain)


def test_a_query_s_vector_does_not_depend_on_its_spelling(encoder: HashedEncoder) -> None:
    from workers.jobs.vectors import ensure_index

    ensure_index()
    vectors = []
    for said in ("تصميم شعار مكتبة", "تَصميم  شعـار مكتبه", "تصميم شعار مكتبة!"):
        queries.forget()
        cache.clear()
        vectors.append(queries.query_vector(said).vector)
    assert vectors[0] is not None
    assert vectors[0] == vectors[1] == vectors[2]
