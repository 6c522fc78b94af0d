"""A dismissal with a cause takes from what shares the feature, in the list as it is read, and can be undone."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.recommendations.factories import EntryFactory, ListFactory, SkillFactory
from multitask.recommendations.models import RecommendationFeedback, RecommendationLog
from multitask.recommendations.selectors.lists import list_read
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Category, Task

pytestmark = pytest.mark.django_db

FOR_YOU = "/api/recommendations/for-you/"
FEEDBACK = "/api/recommendations/feedback/"


@pytest.fixture
def tasks(freelancer: User) -> dict[str, Task]:
    """A dismissed task, one for each cause that shares that feature with it alone, and one that shares nothing."""
    head = ListFactory(user=freelancer)
    rude, skill, unknown = ClientFactory(), SkillFactory(), SkillFactory()
    design, writing = Category.objects.get(slug="design"), Category.objects.exclude(slug="design").first()
    alike: dict[str, dict[str, Any]] = {
        "dismissed": {"budget": Decimal(500), "city": "Aswan", "client": rude, "category": design},
        "budget_low": {"budget": Decimal(450), "is_remote": True},
        "too_far": {"city": "أسوان"},
        "not_my_skills": {"is_remote": True},
        "not_interested": {"category": design, "is_remote": True},
        "client": {"client": rude, "is_remote": True},
        "none": {"is_remote": True},
    }
    found = {}
    for name, values in alike.items():
        defaults: dict[str, Any] = {"budget": Decimal(9_000), "category": writing, "is_remote": False}
        found[name] = TaskFactory(**(defaults | values))
        EntryFactory(recommendation_list=head, task=found[name], score=0.6)
    found["dismissed"].required_skills.set([unknown])
    found["not_my_skills"].required_skills.set([unknown])
    found["client"].required_skills.set([skill])
    return found


def _dismiss(client: APIClient, task: Task, reason: str) -> None:
    answer = client.post(FEEDBACK, {"task": task.pk, "action": "dismissed", "reason": reason}, format="json")
    assert answer.status_code == 201, answer.content


def _rows(client: APIClient) -> dict[int, dict[str, Any]]:
    return {row["task"]["id"]: row for row in client.get(FOR_YOU).json()["recommendations"]}


@pytest.mark.parametrize("cause", ["budget_low", "too_far", "not_my_skills", "not_interested", "client"])
def test_a_cause_lowers_what_shares_its_feature_and_nothing_else(
    as_user: AsUser, freelancer: User, tasks: dict[str, Task], cause: str
) -> None:
    client = as_user(freelancer)
    _dismiss(client, tasks["dismissed"], cause)
    rows = _rows(client)
    lowered = {task_id for task_id, row in rows.items() if row["score"] < 0.6}
    assert lowered == {tasks[cause].pk}
    row = rows[tasks[cause].pk]
    assert row["score_parts"]["dismissed"] < 0
    assert sum(row["score_parts"].values()) == pytest.approx(row["score"], abs=1e-5)
    assert row["match_percentage"] < rows[tasks["none"].pk]["match_percentage"]
    assert [one["part"] for one in row["why"]] == ["skills", "dismissed"]
    assert sum(one["points"] for one in row["why"]) == row["match_percentage"]
    assert list(rows).index(tasks[cause].pk) > list(rows).index(tasks["none"].pk)


@pytest.mark.parametrize("reason", ["other", "", "I do not like the colour"])
def test_other_causes_only_hide_the_task_itself(
    as_user: AsUser, freelancer: User, tasks: dict[str, Task], reason: str
) -> None:
    client = as_user(freelancer)
    _dismiss(client, tasks["dismissed"], reason)
    rows = _rows(client)
    assert tasks["dismissed"].pk not in rows
    assert {row["score"] for row in rows.values()} == {0.6}


def test_undoing_gives_back_what_it_took(as_user: AsUser, freelancer: User, tasks: dict[str, Task]) -> None:
    client = as_user(freelancer)
    before = _rows(client)
    _dismiss(client, tasks["dismissed"], "client")
    assert _rows(client) != before
    client.delete(f"{FEEDBACK}{tasks['dismissed'].pk}/")
    after = _rows(client)
    assert {task: row["score"] for task, row in after.items()} == {
        task: row["score"] for task, row in before.items()
    }


def test_it_fades_and_is_forgotten(freelancer: User, tasks: dict[str, Task]) -> None:
    RecommendationFeedback.objects.create(
        user=freelancer, task=tasks["dismissed"], action="dismissed", reason="client"
    )
    now = timezone.now()

    def score(days: int) -> float:
        rows = list_read(user=freelancer, limit=10, now=now + timedelta(days=days)).rows
        return next(row.score for row in rows if row.task.pk == tasks["client"].pk)

    values = [score(days) for days in (0, 30, 60, 181)]
    assert values == sorted(values)
    assert values[1] == pytest.approx(0.6 - (0.6 - values[0]) / 2, abs=0.001)
    assert values[-1] == 0.6


def test_dismissals_of_others_take_nothing(as_user: AsUser, freelancer: User, tasks: dict[str, Task]) -> None:
    from multitask.accounts.factories import FreelancerFactory

    RecommendationFeedback.objects.create(
        user=FreelancerFactory(), task=tasks["dismissed"], action="dismissed", reason="client"
    )
    assert {row["score"] for row in _rows(as_user(freelancer)).values()} == {0.6}


def test_the_number_of_queries_does_not_grow_with_dismissals(
    freelancer: User, tasks: dict[str, Task]
) -> None:
    counts = []
    for number in (1, 30):
        for _ in range(number):
            RecommendationFeedback.objects.create(
                user=freelancer, task=TaskFactory(), action="dismissed", reason="not_my_skills"
            )
        with CaptureQueriesContext(connection) as queries:
            list_read(user=freelancer, limit=10)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_an_application_lands_in_the_log_of_what_was_shown(
    pipeline: Any, as_user: AsUser, freelancer: User, tasks: dict[str, Task]
) -> None:
    from multitask.testing.market import bid

    client = as_user(freelancer)
    client.get(FOR_YOU)
    bid(freelancer, tasks["none"])
    bid(freelancer, TaskFactory())  # never shown
    pipeline.drain()
    log = RecommendationLog.objects.get()
    assert log.applied_items == [tasks["none"].pk]
    assert log.score_parts[str(tasks["none"].pk)] == {"skills": 0.6}


def test_a_click_is_credited_to_the_showing_it_came_from(
    as_user: AsUser, freelancer: User, tasks: dict[str, Task]
) -> None:
    client = as_user(freelancer)
    client.get(FOR_YOU)
    _dismiss(client, tasks["dismissed"], "")
    client.get(FOR_YOU)
    client.post(FEEDBACK, {"task": tasks["dismissed"].pk, "action": "clicked"}, format="json")
    client.post(FEEDBACK, {"task": tasks["none"].pk, "action": "clicked"}, format="json")
    old, new = RecommendationLog.objects.order_by("pk")
    assert (old.clicked_items, new.clicked_items) == ([tasks["dismissed"].pk], [tasks["none"].pk])
