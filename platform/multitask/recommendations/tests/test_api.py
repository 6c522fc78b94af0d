from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from ml.calibration import percentage
from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.outbox.models import OutboxEvent
from multitask.recommendations.factories import (
    EntryFactory,
    ListFactory,
    PreferenceFactory,
    UserSkillFactory,
)
from multitask.recommendations.models import (
    RecommendationEntry,
    RecommendationFeedback,
    RecommendationList,
    RecommendationLog,
    Skill,
    UserSkill,
)
from multitask.recommendations.selectors.lists import list_read
from multitask.recommendations.services.skills import (
    SkillClaim,
    preferences_change,
    user_skill_add,
    user_skills_set,
)
from multitask.tasks.factories import ApplicationFactory, TaskFactory
from multitask.tasks.models import Category, Task
from multitask.testing.concurrency import at_once
from multitask.testing.market import join, post, skill_ids, usage_recount
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
ARABIC = re.compile("[\u0621-\u064a]")
FOR_YOU = "/api/recommendations/for-you/"


def _shown(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["task"]["id"] for row in answer.json()["recommendations"]]


def _list(user: User, number: int, **task: Any) -> list[Task]:
    """A list of `number` tasks with falling scores."""
    head = ListFactory(user=user)
    client = ClientFactory()
    tasks = TaskFactory.create_batch(number, client=client, **task)
    for place, one in enumerate(tasks):
        EntryFactory(recommendation_list=head, task=one, score=0.9 - 0.005 * place)
    return tasks


# --- Reading the list -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "status"),
    [(FreelancerFactory, 200), (BothFactory, 200), (ClientFactory, 403), (AdminFactory, 403)],
)
def test_the_list_is_for_those_who_take_work(as_user: AsUser, make: type[ClientFactory], status: int) -> None:
    answer = as_user(make()).get(FOR_YOU)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "freelancers_only"


def test_nobody_has_no_list_and_everybody_their_own(api: APIClient, as_user: AsUser) -> None:
    one, other = FreelancerFactory(), FreelancerFactory()
    mine, theirs = _list(one, 1), _list(other, 1)
    assert api.get(FOR_YOU).status_code == 401
    assert _shown(as_user(one).get(FOR_YOU)) == [mine[0].pk]
    assert _shown(as_user(other).get(FOR_YOU)) == [theirs[0].pk]


def test_the_best_comes_first_and_no_more_than_asked_for(as_user: AsUser, freelancer: User) -> None:
    tasks = [task.pk for task in _list(freelancer, 30)]
    client = as_user(freelancer)
    assert _shown(client.get(FOR_YOU)) == tasks[:10]
    assert _shown(client.get(f"{FOR_YOU}?limit=3")) == tasks[:3]
    assert _shown(client.get(f"{FOR_YOU}?limit=100")) == tasks
    assert client.get(f"{FOR_YOU}?limit=3").json()["total_count"] == 30
    for limit in ("0", "101", "-1", "many"):
        assert list(client.get(f"{FOR_YOU}?limit={limit}").json()["errors"]) == ["limit"]


def test_never_shown_are_tasks_that_are_own_applied_to_dismissed_closed_or_too_late(as_user: AsUser) -> None:
    user = BothFactory()
    head = ListFactory(user=user)
    good = EntryFactory(recommendation_list=head, score=0.1).task
    own = TaskFactory(client=user)
    applied = ApplicationFactory(freelancer=user).task
    dismissed = TaskFactory()
    RecommendationFeedback.objects.create(user=user, task=dismissed, action="dismissed")
    closed = TaskFactory(status="CANCELLED")
    late = TaskFactory(deadline=timezone.now() - timedelta(seconds=1))
    offer = TaskFactory(listing_type="service_offer")
    for task in (own, applied, dismissed, closed, late, offer):
        EntryFactory(recommendation_list=head, task=task)
    saved = EntryFactory(recommendation_list=head, score=0.05).task
    RecommendationFeedback.objects.create(user=user, task=saved, action="saved")
    EntryFactory(
        recommendation_list=head, task=TaskFactory(deadline=timezone.now() + timedelta(days=1)), score=0.01
    )
    client = as_user(user)
    found = _shown(client.get(FOR_YOU))
    assert found[:2] == [good.pk, saved.pk]
    assert len(found) == 3
    # And the same for somebody whose list is still empty.
    RecommendationEntry.objects.all().delete()
    assert set(_shown(client.get(FOR_YOU))) == set(found)


def test_without_a_profile_the_popular_and_new_are_shown_those_of_interest_first(
    as_user: AsUser, freelancer: User
) -> None:
    design = Category.objects.get(slug="design")
    old = TaskFactory()
    Task.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=60))
    new, wanted = TaskFactory(), TaskFactory(category=design)
    PreferenceFactory(user=freelancer, interests=["design"])
    body = as_user(freelancer).get(FOR_YOU).json()
    assert [row["task"]["id"] for row in body["recommendations"]] == [wanted.pk, new.pk, old.pk]
    assert (body["algorithm_used"], body["computed_at"], body["stale"]) == ("cold_start", None, False)
    assert body["recommendations"][0]["match_percentage"] == 0
    assert body["recommendations"][0]["match_reasons"][0].startswith("In a category you prefer: ")
    assert body["recommendations"][2]["reasons"] == [{"code": "same_city", "params": {}}]
    arabic = as_user(freelancer).get(FOR_YOU, headers={"Accept-Language": "ar"}).json()
    assert ARABIC.search(arabic["recommendations"][0]["match_reasons"][0])


def test_a_list_of_a_hundred_costs_as_many_queries_as_a_list_of_ten(freelancer: User) -> None:
    counts = []
    for number in (10, 90):
        _list(freelancer, number) if number == 10 else [
            EntryFactory(recommendation_list=freelancer.recommendation_list, score=0.3) for _ in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            shown = list_read(user=freelancer, limit=100)
        counts.append(len(queries))
    assert len(shown.rows) == 100
    assert counts[0] == counts[1] <= 8


def test_the_cost_of_reading_does_not_grow_with_the_number_of_tasks(freelancer: User) -> None:
    _list(freelancer, 10)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            list_read(user=freelancer, limit=10)
        counts.append(len(queries))
        TaskFactory.create_batch(50, client=ClientFactory())
    assert counts[0] == counts[1]


def test_a_list_behind_its_profile_says_so_and_serves(as_user: AsUser, freelancer: User) -> None:
    _list(freelancer, 1)
    client = as_user(freelancer)
    assert client.get(FOR_YOU).json()["stale"] is False
    RecommendationList.objects.update(inputs_changed_at=timezone.now() + timedelta(seconds=1))
    body = client.get(FOR_YOU).json()
    assert (body["stale"], len(body["recommendations"])) == (True, 1)


def test_a_real_match_says_why_in_both_languages_and_its_parts_sum_to_the_score(
    pipeline: Pipeline, as_user: AsUser
) -> None:
    wanted = skill_ids("python", "django")
    user = join("freelancer", skills=wanted[:1], city="Cairo", bio="python server shop web basket")
    preferences_change(actor=user, min_budget=Decimal(100), interests=["programming"])
    post(join("client"), skills=wanted, city="القاهرة")
    pipeline.drain()
    client = as_user(user)
    english = client.get(FOR_YOU).json()
    arabic = client.get(FOR_YOU, headers={"Accept-Language": "ar"}).json()
    row, other = english["recommendations"][0], arabic["recommendations"][0]
    entry = RecommendationEntry.objects.get()
    assert row["match_percentage"] == entry.match_percentage == percentage(entry.score)
    assert sum(row["score_parts"].values()) == pytest.approx(entry.score, abs=1e-4)
    assert row["reasons"] == other["reasons"]
    codes = [reason["code"] for reason in row["reasons"]]
    assert codes[0] == "skills_match"
    assert len(codes) == len(row["match_reasons"]) == len(other["match_reasons"])
    assert "You have 1 of the 2 required skills: Python" in row["match_reasons"]
    assert all(ARABIC.search(text) for text in other["match_reasons"])
    assert not any(ARABIC.search(text) for text in row["match_reasons"] if "city" not in text)
    assert (english["algorithm_used"], english["total_count"]) == ("hybrid", 1)
    assert english["computed_at"].endswith("Z")


# --- Feedback -------------------------------------------------------------------------------------------------------


def _say(client: APIClient, task: Task, action: str, **more: Any) -> Any:
    return client.post(
        "/api/recommendations/feedback/", {"task": task.pk, "action": action} | more, format="json"
    )


def test_a_dismissed_task_is_gone_until_the_dismissal_is_undone(as_user: AsUser, freelancer: User) -> None:
    one, other = _list(freelancer, 2)
    client = as_user(freelancer)
    answer = _say(client, one, "dismissed", reason="too far")
    assert (answer.status_code, answer.json()) == (
        201,
        {"task": one.pk, "action": "dismissed", "reason": "too far"},
    )
    assert _say(client, one, "dismissed").status_code == 201
    assert RecommendationFeedback.objects.count() == 1
    assert _shown(client.get(FOR_YOU)) == [other.pk]
    assert client.delete(f"/api/recommendations/feedback/{one.pk}/").status_code == 204
    assert _shown(client.get(FOR_YOU)) == [one.pk, other.pk]
    assert client.delete(f"/api/recommendations/feedback/{one.pk}/").status_code == 404


def test_undoing_touches_neither_another_s_dismissal_nor_one_s_bookmark(
    as_user: AsUser, freelancer: User
) -> None:
    task = TaskFactory()
    other = FreelancerFactory()
    RecommendationFeedback.objects.create(user=other, task=task, action="dismissed")
    RecommendationFeedback.objects.create(user=freelancer, task=task, action="saved")
    assert as_user(freelancer).delete(f"/api/recommendations/feedback/{task.pk}/").status_code == 404
    assert RecommendationFeedback.objects.count() == 2


def test_feedback_is_for_freelancers_about_tasks_that_are_there(
    api: APIClient, as_user: AsUser, client_user: User, freelancer: User
) -> None:
    task = TaskFactory()
    assert _say(api, task, "saved").status_code == 401
    assert _say(as_user(client_user), task, "saved").status_code == 403
    assert _say(as_user(freelancer), Task(pk=10**9), "saved").status_code == 404
    assert list(_say(as_user(freelancer), task, "loved").json()["errors"]) == ["action"]
    assert list(_say(as_user(freelancer), task, "saved", reason="x" * 201).json()["errors"]) == ["reason"]


def test_what_was_shown_and_clicked_lands_in_the_log_once(as_user: AsUser, freelancer: User) -> None:
    tasks = _list(freelancer, 3)
    client = as_user(freelancer)
    for _ in range(3):
        client.get(FOR_YOU)
    log = RecommendationLog.objects.get()
    assert log.recommended_items == [task.pk for task in tasks]
    assert log.recommendation_scores[str(tasks[0].pk)] == 0.9
    assert (log.recommendation_type, log.algorithm_used) == ("TASK", "hybrid")
    for _ in range(2):
        _say(client, tasks[1], "clicked")
    _say(client, TaskFactory(), "clicked")  # never shown
    log.refresh_from_db()
    assert log.clicked_items == [tasks[1].pk]
    _say(client, tasks[0], "dismissed")
    client.get(FOR_YOU)
    assert RecommendationLog.objects.count() == 2


# --- Skills ---------------------------------------------------------------------------------------------------------


def _counts_are_true() -> None:
    found = dict(Skill.objects.filter(usage_count__gt=0).values_list("id", "usage_count"))
    assert found == usage_recount()


def test_skills_are_found_by_either_language_alias_and_category(api: APIClient) -> None:
    def slugs(query: str) -> set[str]:
        rows = api.get(f"/api/skills/?page_size=100&{query}").json()["results"]
        return {row["slug"] for row in rows}

    assert "python" in slugs("search=pyth")
    assert "python" in slugs("search=بايثون")
    assert "python" in slugs("search=Python3")
    assert slugs("category=design")
    assert not slugs("category=design") & slugs("category=programming")
    assert slugs("search=no such skill") == set()
    assert api.get("/api/skills/").json()["count"] >= 150
    arabic = api.get("/api/skills/?search=python", headers={"Accept-Language": "ar"}).json()["results"]
    assert "بايثون" in {row["name"] for row in arabic}
    Skill.objects.filter(slug="python").update(is_active=False)
    assert "python" not in slugs("search=pyth")


def test_a_skill_is_added_changed_and_removed_and_the_list_follows(as_user: AsUser, freelancer: User) -> None:
    (python,) = skill_ids("python")
    client = as_user(freelancer)
    body = {"skill_id": python, "proficiency_level": "EXPERT", "years_experience": "6.5"}
    answer = client.post("/api/skills/user-skills/", body, format="json")
    assert (answer.status_code, answer.json()["skill"]["slug"]) == (201, "python")
    _counts_are_true()
    path = f"/api/skills/user-skills/{answer.json()['id']}/"
    changed = client.patch(path, {"proficiency_level": "BEGINNER"}, format="json").json()
    assert (changed["proficiency_level"], changed["years_experience"]) == ("BEGINNER", "6.5")
    assert [row["id"] for row in client.get("/api/skills/user-skills/").json()["results"]] == [changed["id"]]
    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 404
    _counts_are_true()
    topics = OutboxEvent.objects.values_list("topic", "payload")
    assert list(topics) == [("profile.changed", {"user": freelancer.pk})] * 3


def test_skills_are_one_s_own(api: APIClient, as_user: AsUser, freelancer: User) -> None:
    theirs = UserSkillFactory()
    path = f"/api/skills/user-skills/{theirs.pk}/"
    client = as_user(freelancer)
    assert client.get("/api/skills/user-skills/").json()["count"] == 0
    assert client.patch(path, {"proficiency_level": "EXPERT"}, format="json").status_code == 404
    assert client.delete(path).status_code == 404
    for method in ("get", "post"):
        assert getattr(api, method)("/api/skills/user-skills/").status_code == 401
    assert api.delete(path).status_code == 401
    assert UserSkill.objects.get().proficiency_level == theirs.proficiency_level


def test_what_cannot_be_a_skill_is_refused(as_user: AsUser, client_user: User, freelancer: User) -> None:
    (python,) = skill_ids("python")
    client = as_user(freelancer)

    def add(who: APIClient = client, **body: Any) -> Any:
        return who.post("/api/skills/user-skills/", {"skill_id": python} | body, format="json")

    assert add(as_user(client_user)).status_code == 403
    assert add().status_code == 201
    again = add()
    assert (again.status_code, again.json()["code"]) == (409, "skill_exists")
    for body, field in (
        ({"skill_id": 10**9}, "skill_id"),
        ({"skill_id": None}, "skill_id"),
        ({"proficiency_level": "WIZARD"}, "proficiency_level"),
        ({"years_experience": -1}, "years_experience"),
        ({"years_experience": 71}, "years_experience"),
    ):
        answer = add(**body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    _counts_are_true()


def test_a_whole_set_of_skills_is_one_change(freelancer: User) -> None:
    first = skill_ids("python", "django")
    user_skills_set(actor=freelancer, claims=[SkillClaim(skill) for skill in first])
    kept = UserSkill.objects.get(skill=first[1])
    OutboxEvent.objects.all().delete()
    second = skill_ids("django", "react")
    user_skills_set(actor=freelancer, claims=[SkillClaim(skill, "EXPERT") for skill in second])
    assert set(UserSkill.objects.values_list("skill_id", flat=True)) == set(second)
    assert UserSkill.objects.get(skill=first[1]).pk == kept.pk
    assert OutboxEvent.objects.count() == 1
    _counts_are_true()


def test_wishes_have_the_names_of_their_fields(freelancer: User) -> None:
    with pytest.raises(TypeError, match="colour"):
        preferences_change(actor=freelancer, colour="blue")
    assert not OutboxEvent.objects.exists()
    assert preferences_change(actor=freelancer, prefer_remote=True).prefer_remote
    assert preferences_change(actor=freelancer, min_budget=Decimal(50)).prefer_remote
    assert OutboxEvent.objects.filter(topic="profile.changed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_skill_added_twice_at_once_is_one_and_counted_once() -> None:
    user, others = FreelancerFactory(), FreelancerFactory.create_batch(4)
    (python,) = skill_ids("python")

    def add(who: User) -> Callable[[], Any]:
        return lambda: user_skill_add(actor=who, claim=SkillClaim(python))

    results = at_once([add(user), add(user), *(add(other) for other in others)])
    assert sorted(str(getattr(one, "code", "done")) for one in results) == ["done"] * 5 + ["skill_exists"]
    assert Skill.objects.get(pk=python).usage_count == 5
    _counts_are_true()


@pytest.mark.django_db(transaction=True)
def test_two_sets_of_the_same_user_at_once_leave_true_counts() -> None:
    user = FreelancerFactory()
    ids = skill_ids("python", "django", "react", "vue")

    def put(chosen: list[int]) -> Callable[[], Any]:
        return lambda: user_skills_set(actor=user, claims=[SkillClaim(skill) for skill in chosen])

    for _ in range(3):
        results = at_once([put(ids[:3]), put(ids[1:]), put(ids[::2]), put(ids)])
        assert not [one for one in results if isinstance(one, Exception)]
        _counts_are_true()


@pytest.mark.django_db(transaction=True)
def test_users_who_exchange_their_skills_at_once_do_not_wait_for_each_other() -> None:
    one, other = FreelancerFactory(), FreelancerFactory()
    first, second = sorted(skill_ids("python", "django"))
    for turn in range(6):
        mine, theirs = (first, second) if turn % 2 else (second, first)
        results = at_once(
            [
                lambda skill=mine: user_skills_set(actor=one, claims=[SkillClaim(skill)]),  # type: ignore[misc]
                lambda skill=theirs: user_skills_set(actor=other, claims=[SkillClaim(skill)]),  # type: ignore[misc]
            ]
        )
        assert not [result for result in results if isinstance(result, Exception)]
    _counts_are_true()
