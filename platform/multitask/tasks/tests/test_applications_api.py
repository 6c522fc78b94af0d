"""Applications over HTTP: sealed between the two sides, limited, withdrawn, decided once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.notifications.models import Notification
from multitask.tasks.factories import ApplicationFactory, StartedTaskFactory, TaskFactory
from multitask.tasks.models import Task, TaskApplication
from multitask.testing.market import bid
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db

NEW = {"proposal": "I can begin on Sunday.", "offered_price": "1400.00", "estimated_time": "2 weeks"}


@pytest.fixture
def task() -> Task:
    return TaskFactory()


def _apply(client: APIClient, task: Task, **changes: Any) -> Any:
    return client.post(f"/api/tasks/{task.pk}/applications/", NEW | changes, format="json")


def _count(task: Task) -> int:
    task.refresh_from_db()
    assert task.applications_count == task.applications.exclude(status="WITHDRAWN").count()
    return task.applications_count


# --- Applying --------------------------------------------------------------------------------------------------------


def test_an_application_is_answered_as_it_will_be_read(as_user: AsUser, task: Task, freelancer: User) -> None:
    answer = _apply(as_user(freelancer), task, cover_letter=" Hello ")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["offered_price"], body["status"], body["cover_letter"]) == ("1400.00", "PENDING", "Hello")
    assert (body["task"]["id"], body["freelancer"]["id"]) == (task.pk, freelancer.pk)
    assert as_user(freelancer).get(f"/api/tasks/applications/{body['id']}/").json() == body
    assert _count(task) == 1


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (ClientFactory, 403, "not_a_freelancer"),
        (AdminFactory, 403, "not_a_freelancer"),
        (BothFactory, 201, ""),
    ],
)
def test_who_takes_work_applies(
    as_user: AsUser, task: Task, make: Callable[[], User], status: int, code: str
) -> None:
    answer = _apply(as_user(make()), task)
    assert (answer.status_code, answer.json().get("code", "")) == (status, code)


@pytest.mark.parametrize(("language", "word"), [("en", "service"), ("ar", "خدمة")])
def test_nobody_applies_to_a_service_that_somebody_offers(
    as_user: AsUser, freelancer: User, language: str, word: str
) -> None:
    offer = TaskFactory(client=FreelancerFactory(), listing_type="service_offer")
    answer = as_user(freelancer).post(
        f"/api/tasks/{offer.pk}/applications/", NEW, format="json", headers={"Accept-Language": language}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "service_offer")
    assert word in answer.json()["detail"]
    assert (_count(offer), TaskApplication.objects.exists()) == (0, False)


def test_nobody_applies_without_a_login_to_their_own_or_to_none(
    api: APIClient, as_user: AsUser, task: Task
) -> None:
    assert _apply(api, task).status_code == 401
    own = TaskFactory(client=BothFactory())
    assert _apply(as_user(own.client), own).json()["code"] == "own_task"
    assert _apply(as_user(FreelancerFactory()), Task(pk=10**9)).status_code == 404
    assert not TaskApplication.objects.exists()


def test_nobody_applies_twice_or_past_the_deadline_or_to_what_is_closed(
    as_user: AsUser, task: Task, freelancer: User
) -> None:
    me = as_user(freelancer)
    assert _apply(me, task).status_code == 201
    assert _apply(me, task).json()["code"] == "already_applied"
    late = TaskFactory(deadline=timezone.now() - timedelta(seconds=1))
    answer = _apply(me, late)
    assert (answer.status_code, answer.json()["code"]) == (409, "deadline_over")
    assert _apply(me, StartedTaskFactory()).json()["code"] == "task_not_open"
    assert TaskApplication.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("proposal", ""),
        ("proposal", "?!"),
        ("proposal", "x" * 5_001),
        ("proposal", None),
        ("offered_price", "9.99"),
        ("offered_price", "NaN"),
        ("offered_price", "1e400"),
        ("offered_price", [1]),
        ("estimated_time", "x" * 101),
        ("cover_letter", "x" * 10_001),
    ],
)
def test_what_is_not_valid_is_refused_with_its_field(
    as_user: AsUser, task: Task, freelancer: User, field: str, value: Any
) -> None:
    answer = _apply(as_user(freelancer), task, **{field: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert _count(task) == 0


# --- Limits ----------------------------------------------------------------------------------------------------------


def test_a_freelancer_sends_so_many_a_day_and_more_tomorrow(
    as_user: AsUser, freelancer: User, settings: Any
) -> None:
    settings.APPLICATIONS_PER_DAY = 3
    tasks = TaskFactory.create_batch(5)
    # Midnight in Cairo is 21:00 in UTC in summer.
    with time_machine.travel(datetime(2026, 7, 1, 20, 0, tzinfo=UTC), tick=False) as clock:
        me = as_user(freelancer)
        assert [_apply(me, task).status_code for task in tasks[:3]] == [201, 201, 201]
        withdrawn = TaskApplication.objects.order_by("pk")[0]
        assert me.delete(f"/api/tasks/applications/{withdrawn.pk}/").status_code == 204
        answer = _apply(me, tasks[3])
        assert (answer.status_code, answer.json()["code"]) == (429, "applications_per_day")
        assert answer["Retry-After"] == "3601"
        clock.shift(timedelta(hours=1, seconds=1))
        assert _apply(me, tasks[3]).status_code == 201


def test_a_task_takes_so_many_and_the_withdrawn_make_room(as_user: AsUser, task: Task, settings: Any) -> None:
    settings.APPLICATIONS_PER_TASK = 2
    first, second, third = FreelancerFactory.create_batch(3)
    assert [_apply(as_user(user), task).status_code for user in (first, second)] == [201, 201]
    answer = _apply(as_user(third), task)
    assert (answer.status_code, answer.json()["code"]) == (409, "task_full")
    mine = TaskApplication.objects.get(freelancer=first)
    as_user(first).delete(f"/api/tasks/applications/{mine.pk}/")
    assert _apply(as_user(third), task).status_code == 201
    assert _count(task) == 2


def test_the_limits_are_those_of_the_product() -> None:
    assert (settings.APPLICATIONS_PER_DAY, settings.APPLICATIONS_PER_TASK) == (20, 100)


# --- Who sees what ---------------------------------------------------------------------------------------------------


def test_the_owner_sees_all_an_applicant_their_own_and_nobody_else_any(
    api: APIClient, as_user: AsUser, task: Task
) -> None:
    mine, other = bid(FreelancerFactory(), task), bid(FreelancerFactory(), task)
    path = f"/api/tasks/{task.pk}/applications/"

    def seen(user: User) -> list[int]:
        return [row["id"] for row in as_user(user).get(path).json()["results"]]

    assert api.get(path).status_code == 401
    assert seen(task.client) == [other.pk, mine.pk]
    assert seen(mine.freelancer) == [mine.pk]
    for stranger in (FreelancerFactory(), ClientFactory(), AdminFactory()):
        assert seen(stranger) == []
    assert as_user(task.client).get("/api/tasks/1000000000/applications/").status_code == 404


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_an_application_is_there_for_its_two_sides_alone(
    api: APIClient, as_user: AsUser, task: Task, method: str
) -> None:
    row, other = bid(FreelancerFactory(), task), bid(FreelancerFactory(), task)
    path = f"/api/tasks/applications/{row.pk}/"
    assert getattr(api, method)(path).status_code == 401
    for stranger in (other.freelancer, ClientFactory(), AdminFactory()):
        answer = getattr(as_user(stranger), method)(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    row.refresh_from_db()
    assert row.status == "PENDING"


def test_one_s_own_applications_are_listed(api: APIClient, as_user: AsUser, freelancer: User) -> None:
    rows = [bid(freelancer, TaskFactory()) for _ in range(2)]
    bid(FreelancerFactory(), rows[0].task)
    assert api.get("/api/tasks/applications/").status_code == 401
    found = as_user(freelancer).get("/api/tasks/applications/?fields=id,status").json()["results"]
    assert found == [{"id": row.pk, "status": "PENDING"} for row in reversed(rows)]
    assert as_user(rows[0].task.client).get("/api/tasks/applications/").json()["count"] == 0
    assert as_user(freelancer).get("/api/tasks/applications/?status=ACCEPTED").json()["count"] == 0


@pytest.mark.parametrize("path", ["/api/tasks/applications/?page_size=100", "/api/tasks/{}/applications/"])
def test_a_list_of_twelve_costs_as_many_queries_as_a_list_of_two(
    as_user: AsUser, freelancer: User, task: Task, path: str
) -> None:
    def more(number: int) -> None:
        for _ in range(number):
            ApplicationFactory(task=task)
            ApplicationFactory(freelancer=freelancer)

    me = as_user(freelancer if "{}" not in path else task.client)
    more(2)
    for _ in range(2):  # cold and warm
        with CaptureQueriesContext(connection) as two:
            assert len(me.get(path.format(task.pk)).json()["results"]) == 2
    more(10)
    with CaptureQueriesContext(connection) as twelve:
        assert len(me.get(path.format(task.pk)).json()["results"]) == 12
    assert len(twelve) == len(two) <= 5


# --- Deciding, changing, withdrawing ---------------------------------------------------------------------------------


def test_the_owner_accepts_and_the_others_are_rejected(as_user: AsUser, task: Task) -> None:
    chosen, other = bid(FreelancerFactory(), task), bid(FreelancerFactory(), task)
    path = f"/api/tasks/applications/{chosen.pk}/"
    body = as_user(task.client).patch(path, {"status": "ACCEPTED"}).json()
    assert (body["status"], body["task"]["status"]) == ("ACCEPTED", "IN_PROGRESS")
    task.refresh_from_db()
    assert task.assigned_to == chosen.freelancer
    other.refresh_from_db()
    assert other.status == "REJECTED"
    for decision in ("ACCEPTED", "REJECTED"):
        answer = as_user(task.client).patch(path, {"status": decision})
        assert (answer.status_code, answer.json()["code"]) == (409, "application_not_pending")


def test_a_rejection_tells_its_reason_to_the_applicant(
    pipeline: Pipeline, as_user: AsUser, task: Task
) -> None:
    row = bid(FreelancerFactory(), task)
    pipeline.drain()
    path = f"/api/tasks/applications/{row.pk}/"
    body = as_user(task.client).patch(path, {"status": "REJECTED", "reason": "Too late for us"}).json()
    assert (body["status"], body["rejection_reason"]) == ("REJECTED", "Too late for us")
    pipeline.drain()
    told = Notification.objects.get(recipient=row.freelancer)
    assert (told.wording, told.params["reason"]) == ("application_rejected_reason", "Too late for us")


@pytest.mark.parametrize("status", ["PENDING", "WITHDRAWN", "LOST", None, 1])
def test_a_decision_is_accepted_or_rejected(as_user: AsUser, task: Task, status: Any) -> None:
    row = bid(FreelancerFactory(), task)
    answer = as_user(task.client).patch(
        f"/api/tasks/applications/{row.pk}/", {"status": status}, format="json"
    )
    assert answer.status_code == 400


def test_each_side_sends_only_what_is_theirs(as_user: AsUser, task: Task) -> None:
    row = bid(FreelancerFactory(), task)
    path = f"/api/tasks/applications/{row.pk}/"
    owner, applicant = as_user(task.client), as_user(row.freelancer)
    assert applicant.patch(path, {"status": "ACCEPTED"}).status_code == 403
    assert applicant.patch(path, {"reason": "Because"}).status_code == 403
    assert owner.patch(path, {"offered_price": "10.00"}).status_code == 403
    assert owner.patch(path, {"status": "ACCEPTED", "offered_price": "10.00"}).status_code == 403
    assert owner.patch(path, {}).json()["code"] == "decide_or_change"
    assert owner.delete(path).status_code == 403
    before = TaskApplication.objects.values().get()
    assert (before["status"], str(before["offered_price"])) == ("PENDING", "1400.00")
    body = applicant.patch(path, {"offered_price": "1300.00", "proposal": " Less "}).json()
    assert (body["offered_price"], body["proposal"], body["estimated_time"]) == (
        "1300.00",
        "Less",
        "two weeks",
    )
    assert applicant.patch(path, {"offered_price": "1.00"}).status_code == 400
    owner.patch(path, {"status": "REJECTED"})
    for answer in (applicant.patch(path, {"proposal": "More"}), applicant.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (409, "application_not_pending")


def test_who_has_withdrawn_may_apply_again_in_the_same_row(
    pipeline: Pipeline, as_user: AsUser, task: Task, freelancer: User
) -> None:
    me = as_user(freelancer)
    first = _apply(me, task).json()["id"]
    path = f"/api/tasks/applications/{first}/"
    assert me.delete(path).status_code == 204
    assert (me.get(path).json()["status"], _count(task)) == ("WITHDRAWN", 0)
    assert me.delete(path).status_code == 409
    again = _apply(me, task, offered_price="1000.00").json()
    assert (again["id"], again["status"], again["offered_price"]) == (first, "PENDING", "1000.00")
    assert _count(task) == 1
    pipeline.drain()
    told = Notification.objects.filter(recipient=task.client, notification_type="task_application")
    assert told.count() == 1
