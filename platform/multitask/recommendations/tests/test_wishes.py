"""What somebody looks for: asked at the start, changed later, and seen in what they are shown."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.outbox.models import OutboxEvent
from multitask.recommendations.factories import EntryFactory, ListFactory
from multitask.recommendations.learned import TaskExposure
from multitask.recommendations.models import UserPreference, UserSkill
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Category
from multitask.testing.market import skill_ids

pytestmark = pytest.mark.django_db
PREFERENCES = "/api/recommendations/preferences/"
ONBOARDING = "/api/recommendations/onboarding/"
FOR_YOU = "/api/recommendations/for-you/"


def _shown(client: APIClient) -> list[int]:
    return [row["task"]["id"] for row in client.get(FOR_YOU).json()["recommendations"]]


def test_wishes_are_one_s_own_and_change_field_by_field(
    api: APIClient, as_user: AsUser, freelancer: User
) -> None:
    assert api.get(PREFERENCES).status_code == 401
    client = as_user(freelancer)
    assert client.get(PREFERENCES).json()["interests"] == []
    assert not UserPreference.objects.exists()
    body = client.patch(
        PREFERENCES, {"interests": ["design", "design"], "min_budget": "300"}, format="json"
    ).json()
    assert (body["interests"], body["min_budget"], body["onboarding_completed"]) == (
        ["design"],
        "300.00",
        False,
    )
    body = client.patch(PREFERENCES, {"prefer_remote": True, "min_budget": None}, format="json").json()
    assert (body["interests"], body["min_budget"], body["prefer_remote"]) == (["design"], None, True)
    assert OutboxEvent.objects.filter(topic="profile.changed", key=f"user:{freelancer.pk}").exists()
    assert as_user(FreelancerFactory()).get(PREFERENCES).json()["interests"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"interests": ["no-such"]}, "interests"),
        ({"min_budget": "500", "max_budget": "100"}, "max_budget"),
        ({"min_budget": "9999"}, "min_budget"),
        ({"preferred_task_types": ["LUNAR"]}, "preferred_task_types"),
        ({"onboarding_completed": True}, "onboarding_completed"),
        ({"max_distance": 0}, "max_distance"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_wished_is_refused_by_name(
    as_user: AsUser, freelancer: User, body: dict[str, Any], field: str
) -> None:
    client = as_user(freelancer)
    client.patch(PREFERENCES, {"max_budget": "1000"}, format="json")
    for language in ("en", "ar"):
        answer = client.patch(PREFERENCES, body, format="json", headers={"Accept-Language": language})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert client.get(PREFERENCES).json()["min_budget"] is None


def test_the_answers_at_the_start_set_wishes_and_skills_together(as_user: AsUser, freelancer: User) -> None:
    python, django = skill_ids("python", "django")
    client = as_user(freelancer)
    answers = {"interests": ["design"], "skills": [{"skill_id": python, "proficiency_level": "EXPERT"}]}
    body = client.post(ONBOARDING, answers, format="json").json()
    assert body["onboarding_completed"] is True
    assert list(UserSkill.objects.values_list("skill_id", "proficiency_level")) == [(python, "EXPERT")]
    first = body["onboarding_completed_at"]
    again = client.post(ONBOARDING, {"skills": [{"skill_id": django}]}, format="json").json()
    assert again["onboarding_completed_at"] == first
    assert again["interests"] == ["design"]
    assert list(UserSkill.objects.values_list("skill_id", flat=True)) == [django]


def test_answers_that_cannot_all_be_taken_change_nothing(as_user: AsUser, freelancer: User) -> None:
    client = as_user(freelancer)
    answer = client.post(
        ONBOARDING, {"interests": ["design"], "skills": [{"skill_id": 10**9}]}, format="json"
    )
    assert answer.status_code == 400
    assert client.get(PREFERENCES).json()["onboarding_completed"] is False
    owner = as_user(ClientFactory())
    assert owner.post(ONBOARDING, {"skills": [{"skill_id": 1}]}, format="json").status_code == 403
    assert owner.post(ONBOARDING, {"interests": ["design"]}, format="json").status_code == 200


def test_people_who_said_different_things_see_different_tasks(as_user: AsUser) -> None:
    categories = list(Category.objects.order_by("pk")[:4])
    for number in range(40):
        TaskFactory(category=categories[number % 4], city=("Cairo", "الأقصر")[number % 2])
    one, other = FreelancerFactory(city=""), FreelancerFactory(city="")
    said = [(one, categories[0], "القاهرة"), (other, categories[1], "Luxor")]
    for person, category, city in said:
        answers = {"interests": [category.slug], "preferred_location": city}
        assert as_user(person).post(ONBOARDING, answers, format="json").status_code == 200
    mine, theirs = _shown(as_user(one)), _shown(as_user(other))
    assert len(mine) == len(theirs) == 10
    assert len(set(mine) & set(theirs)) <= 3
    reasons = as_user(one).get(FOR_YOU).json()["recommendations"][0]["match_reasons"]
    assert "In your city" in reasons


def test_people_who_said_the_same_see_varied_lists_that_stay_for_the_day(as_user: AsUser) -> None:
    for _ in range(60):
        TaskFactory()
    one, other = FreelancerFactory(), FreelancerFactory()
    mine = _shown(as_user(one))
    assert mine != _shown(as_user(other))
    assert mine == _shown(as_user(one))


# --- A place for what few have seen -----------------------------------------------------------------------------------


def test_one_place_in_ten_is_for_a_task_that_few_have_seen(as_user: AsUser, freelancer: User) -> None:
    head, client = ListFactory(user=freelancer), as_user(freelancer)
    for number in range(15):
        task = EntryFactory(recommendation_list=head, score=0.9 - number / 1_000).task
        TaskExposure.objects.create(task=task, readings=500)
    fresh = EntryFactory(recommendation_list=head, score=0.6).task
    rows = client.get(FOR_YOU).json()["recommendations"]
    assert [row["task"]["id"] for row in rows if row["explored"]] == [fresh.pk]
    assert TaskExposure.objects.get(task=fresh).readings == 1
    assert _shown(client) == [row["task"]["id"] for row in rows]
    assert TaskExposure.objects.get(task=fresh).readings == 1
    TaskExposure.objects.filter(task=fresh).update(readings=500)
    assert fresh.pk not in _shown(client)
