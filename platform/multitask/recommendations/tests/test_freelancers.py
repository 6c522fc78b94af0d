"""Freelancers for a task: for its owner alone, by the same match as the freelancer is told, and by their record."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.recommendations.factories import EntryFactory, ListFactory
from multitask.recommendations.learned import PersonExposure
from multitask.recommendations.models import RecommendationEntry, RecommendationFeedback, RecommendationLog
from multitask.recommendations.selectors.freelancers import freelancers_for
from multitask.recommendations.services.skills import preferences_change
from multitask.tasks.factories import ApplicationFactory, StartedTaskFactory, TaskFactory
from multitask.tasks.models import Task, TaskApplication
from multitask.tasks.services.tasks import task_cancel, task_update
from multitask.testing.market import bid, join, post, skill_ids
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
URL = "/api/recommendations/freelancers/"
ARABIC = re.compile("[\u0621-\u064a]")


def _suited(task: Task, score: float = 0.6, **user: Any) -> User:
    """A freelancer in whose list the task is."""
    person = FreelancerFactory(**user)
    EntryFactory(recommendation_list=ListFactory(user=person), task=task, score=score)
    return person


def _rows(client: APIClient, task: Task, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(URL, {"task": task.pk} | query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["recommendations"]
    return found


def _ids(client: APIClient, task: Task, **query: Any) -> list[int]:
    return [row["user"]["id"] for row in _rows(client, task, **query)]


def test_freelancers_are_for_the_task_s_owner(api: APIClient, as_user: AsUser) -> None:
    task = TaskFactory()
    person = _suited(task)
    applicant = ApplicationFactory(task=task).freelancer
    assert _ids(as_user(task.client), task) == [person.pk]
    assert _ids(as_user(AdminFactory()), task) == [person.pk]
    assert api.get(URL, {"task": task.pk}).status_code == 401
    for other in (person, applicant, ClientFactory(), BothFactory()):
        assert as_user(other).get(URL, {"task": task.pk}).status_code == 403
    client = as_user(task.client)
    assert client.get(URL, {"task": 10**9}).status_code == 404
    assert list(client.get(URL).json()["errors"]) == ["task"]
    assert list(client.get(URL, {"task": task.pk, "limit": 0}).json()["errors"]) == ["limit"]


def test_nobody_sees_a_freelancer_s_address_or_wishes(pipeline: Pipeline, as_user: AsUser) -> None:
    wanted = skill_ids("python")
    person = join("freelancer", skills=wanted, city="Cairo")
    preferences_change(actor=person, min_budget=9_000, interests=["programming"])
    task = post(join("client"), skills=wanted, city="Cairo")
    pipeline.drain()
    (row,) = _rows(as_user(task.client), task)
    assert not {"email", "phone_number"} & set(row["user"])
    assert not {"budget", "conflict", "category", "place"} & set(row["score_parts"])
    assert not {"budget_fits", "preferred_category"} & {reason["code"] for reason in row["reasons"]}


def test_both_sides_are_told_the_same_match(pipeline: Pipeline, as_user: AsUser) -> None:
    wanted = skill_ids("python", "django")
    person = join("freelancer", skills=wanted[:1], bio="shop server web")
    task = post(join("client"), skills=wanted)
    pipeline.drain()
    client = as_user(task.client)
    (row,) = _rows(client, task)
    (mine,) = as_user(person).get("/api/recommendations/for-you/").json()["recommendations"]
    assert row["user"]["id"] == person.pk
    assert row["user"]["skills"][0]["slug"] == "python"
    assert row["match_percentage"] == mine["match_percentage"]
    assert sum(row["score_parts"].values()) == pytest.approx(row["score"], abs=1e-5)
    assert row["match_reasons"][0] == "Has 1 of the 2 required skills: Python"
    arabic = client.get(URL, {"task": task.pk}, headers={"Accept-Language": "ar"}).json()
    assert all(ARABIC.search(text) for text in arabic["recommendations"][0]["match_reasons"])
    assert all(ARABIC.search(one["name"]) for one in arabic["recommendations"][0]["why"])


def test_of_equal_matches_the_better_rated_free_and_quick_come_first(as_user: AsUser) -> None:
    task = TaskFactory()
    rated = _suited(task, average_rating=5, total_reviews=20)
    plain = _suited(task)
    poor = _suited(task, average_rating=1, total_reviews=20)
    busy = _suited(task, average_rating=1, total_reviews=20)
    StartedTaskFactory(assigned_to=busy)
    assert _ids(as_user(task.client), task) == [rated.pk, plain.pk, poor.pk, busy.pk]
    codes = [[reason["code"] for reason in row["reasons"]] for row in _rows(as_user(task.client), task)]
    assert codes == [["well_rated", "available"], ["available"], ["available"], []]


def test_who_applies_soon_comes_before_who_lets_tasks_wait(as_user: AsUser) -> None:
    task = TaskFactory()
    slow, quick = _suited(task), _suited(task)
    for person, hours in ((slow, 300), (quick, 2)):
        application = ApplicationFactory(freelancer=person)
        TaskApplication.objects.filter(pk=application.pk).update(
            created_at=application.task.created_at + timedelta(hours=hours)
        )
    rows = _rows(as_user(task.client), task)
    assert [row["user"]["id"] for row in rows] == [quick.pk, slow.pk]
    assert "Usually applies within 2 hours" in rows[0]["match_reasons"]
    assert not any("applies" in text for text in rows[1]["match_reasons"])


def test_left_out_are_who_applied_took_it_back_dismissed_or_left(as_user: AsUser) -> None:
    task = TaskFactory()
    stays = _suited(task)
    ApplicationFactory(task=task, freelancer=_suited(task))
    ApplicationFactory(task=task, freelancer=_suited(task), status="WITHDRAWN")
    RecommendationFeedback.objects.create(user=_suited(task), task=task, action="dismissed")
    _suited(task, is_active=False)
    User.objects.filter(pk=_suited(task).pk).update(user_type="client")
    assert _ids(as_user(task.client), task) == [stays.pk]


def test_a_task_that_is_not_open_has_no_freelancers(pipeline: Pipeline, as_user: AsUser) -> None:
    task = post(join("client"), skills=skill_ids("python"))
    _suited(task)
    task_cancel(actor=task.client, task_id=task.pk)
    assert _rows(as_user(task.client), task) == []


def test_until_the_task_s_new_words_are_read_the_list_says_so(pipeline: Pipeline, as_user: AsUser) -> None:
    wanted = skill_ids("python")
    join("freelancer", skills=wanted)
    task = post(join("client"), skills=wanted)
    client = as_user(task.client)
    assert client.get(URL, {"task": task.pk}).json()["stale"] is True
    pipeline.drain()
    body = client.get(URL, {"task": task.pk}).json()
    assert (body["stale"], body["total_count"], body["algorithm_used"]) == (False, 1, "hybrid")
    task_update(actor=task.client, task_id=task.pk, title="Another shop")
    assert client.get(URL, {"task": task.pk}).json()["stale"] is True


def test_one_place_in_ten_is_for_who_was_shown_to_few(as_user: AsUser) -> None:
    task = TaskFactory()
    for number in range(12):
        known = _suited(task, 0.9 - number / 1_000)
        PersonExposure.objects.create(user=known, readings=500)
    newcomer = _suited(task, 0.6)
    rows = _rows(as_user(task.client), task)
    explored = [row["user"]["id"] for row in rows if row["explored"]]
    assert explored == [newcomer.pk]
    assert len(rows) == 10
    PersonExposure.objects.filter(user=newcomer).update(readings=500)
    assert newcomer.pk not in _ids(as_user(task.client), task)


def test_who_was_shown_is_logged_and_counted_once_for_a_reading(as_user: AsUser) -> None:
    task = TaskFactory()
    people = [_suited(task, 0.9), _suited(task, 0.8)]
    for _ in range(3):
        _rows(as_user(task.client), task)
    log = RecommendationLog.objects.get()
    assert (log.recommendation_type, log.recommended_items) == ("FREELANCER", [one.pk for one in people])
    assert set(PersonExposure.objects.values_list("readings", flat=True)) == {1}


def test_many_freelancers_cost_as_many_queries_as_few() -> None:
    task, counts = TaskFactory(), []
    for number in (3, 40):
        for _ in range(number):
            person = _suited(task)
            ApplicationFactory(freelancer=person)
            StartedTaskFactory(assigned_to=person)
        with CaptureQueriesContext(connection) as queries:
            shown = freelancers_for(task=task, limit=100)
        counts.append(len(queries))
    assert len(shown.rows) == 43
    assert counts[0] == counts[1] <= 10


def test_the_same_day_gives_the_same_order() -> None:
    task = TaskFactory()
    for number in range(30):
        _suited(task, 0.5 + (number * 7 % 30) / 100)
    now = timezone.now()
    one, other = (freelancers_for(task=task, limit=30, now=now) for _ in range(2))
    assert [row.user.pk for row in one.rows] == [row.user.pk for row in other.rows]
    assert RecommendationEntry.objects.filter(task=task).count() == 30


def test_a_bid_takes_the_freelancer_out_of_the_list(pipeline: Pipeline, as_user: AsUser) -> None:
    wanted = skill_ids("python")
    person = join("freelancer", skills=wanted)
    task = post(join("client"), skills=wanted)
    pipeline.drain()
    assert _ids(as_user(task.client), task) == [person.pk]
    bid(person, task)
    assert _ids(as_user(task.client), task) == []
