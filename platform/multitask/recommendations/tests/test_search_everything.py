"""One search over every kind, over people and skills, and the suggestions while one types."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.recommendations.factories import UserSkillFactory
from multitask.recommendations.models import Skill
from multitask.tasks.factories import TaskFactory
from multitask.testing.market import join
from multitask.testing.pipeline import Pipeline
from multitask.testing.search import ids, index_everything

pytestmark = pytest.mark.django_db


def test_one_search_gives_each_kind_apart(api: APIClient) -> None:
    python = Skill.objects.get(slug="python")
    task = TaskFactory(title="Python script", description="a")
    service_offer = TaskFactory(
        title="I write Python", description="a", client=FreelancerFactory(), listing_type="service_offer"
    )
    TaskFactory(title="Python long ago", description="a", status="CANCELLED")
    person = FreelancerFactory(bio="Ten years of it")
    UserSkillFactory(user=person, skill=python)
    index_everything()
    for said in ("python", "بايثون", "pyhton"):
        body = api.get("/api/search/", {"q": said}).json()
        assert [row["id"] for row in body["tasks"]] == [task.pk], said
        assert [row["id"] for row in body["services"]] == [service_offer.pk], said
        assert [row["id"] for row in body["freelancers"]] == [person.pk], said
        assert body["skills"][0]["slug"] == "python", said
        assert body["mode"] == "lexical"
    assert body["did_you_mean"] == "python"
    for query in ("", "q=", "q=%20", "q=a&limit=0", "q=a&limit=21", "q=a&limit=x"):
        assert api.get(f"/api/search/?{query}").status_code == 400, query


def test_a_search_over_everything_costs_the_same_queries_however_much_is_found(api: APIClient) -> None:
    numbers = []
    for _ in range(2):
        for _ in range(6):
            TaskFactory(title="Logo", description="a")
            TaskFactory(
                title="Logo",
                description="a",
                client=FreelancerFactory(bio="logo"),
                listing_type="service_offer",
            )
        index_everything()
        for path in ("/api/search/?q=logo&limit=20", "/api/tasks/?search=logo", "/api/users/?search=logo"):
            api.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert api.get(path).status_code == 200
            numbers.append(len(captured))
    assert numbers[:3] == numbers[3:]
    assert max(numbers) <= 30


def test_people_are_no_longer_found_once_they_take_no_work(api: APIClient, pipeline: Pipeline) -> None:
    from multitask.accounts.services.users import user_change

    person = join("freelancer", first_name="Zahra", bio="calligraphy")
    pipeline.drain()
    assert ids(api.get("/api/users/", {"search": "calligraphy"})) == [person.pk]
    assert ids(api.get("/api/users/", {"search": "caligraphy زهرة"})) == [person.pk]
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert ids(api.get("/api/users/", {"search": "calligraphy"})) == []
    User.objects.filter(pk=person.pk).update(is_active=True)
    user_change(actor=User.objects.get(pk=person.pk), user_type="client")
    pipeline.drain()
    assert ids(api.get("/api/users/", {"search": "calligraphy"})) == []


@pytest.mark.parametrize("said", ["python", "pyth", "بايثون", "البايثون", "pyhton", "Pythn", "PYTHON"])
def test_a_skill_is_found_in_either_language_and_nearly_any_spelling(api: APIClient, said: str) -> None:
    rows = api.get("/api/skills/", {"search": said}).json()["results"]
    assert rows[0]["slug"] == "python"


def test_suggestions_follow_what_is_typed_in_its_script(api: APIClient) -> None:
    for _ in range(3):
        TaskFactory(title="Logo for a restaurant", description="a")
    TaskFactory(title="تصميم شعار لمطعم", description="أ")
    index_everything()

    def suggested(typed: str) -> list[tuple[str, str]]:
        rows = api.get("/api/search/suggestions/", {"q": typed}).json()["suggestions"]
        return [(row["text"], row["kind"]) for row in rows]

    assert ("Logo for a restaurant", "phrase") in suggested("logo f")
    assert any(kind == "skill" for _, kind in suggested("pyth"))
    assert ("تصميم شعار", "phrase") in suggested("تَصميم ش")
    assert all(text for text, _ in suggested("تص"))
    assert len(suggested("l")) <= 8
    assert suggested("") == suggested("🎉") == []


def test_suggestions_cost_three_queries(api: APIClient) -> None:
    TaskFactory(title="Logo", description="a")
    index_everything()
    api.get("/api/search/suggestions/", {"q": "lo"})
    with CaptureQueriesContext(connection) as captured:
        api.get("/api/search/suggestions/", {"q": "lo"})
    assert len(captured) == 3
