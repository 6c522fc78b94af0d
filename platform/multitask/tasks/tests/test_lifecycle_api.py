"""A task's way over HTTP: change, deliver, complete, cancel, delete; who may, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.notifications.models import Notification
from multitask.tasks.factories import (
    ApplicationFactory,
    CompletedTaskFactory,
    StartedTaskFactory,
    TaskFactory,
)
from multitask.tasks.models import Task, TaskApplication
from multitask.tasks.services.deadlines import tasks_close_overdue
from multitask.testing.market import bid
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db

PUT = {
    "category": "design",
    "title": "A logo",
    "description": "A logo for a café in Giza.",
    "budget": "900.00",
}


def _status(task: Task) -> str:
    task.refresh_from_db()
    return task.status


# --- Who may ---------------------------------------------------------------------------------------------------------

OPERATIONS: list[tuple[str, str, Any]] = [
    ("patch", "", {"title": "Another title"}),
    ("put", "", PUT),
    ("delete", "", None),
    ("post", "cancel/", {"reason": "No money"}),
]


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS, ids=lambda value: str(value)[:20])
def test_only_the_owner_or_an_admin_changes_cancels_or_deletes(
    api: APIClient, as_user: AsUser, method: str, path: str, body: Any
) -> None:
    def ask(client: APIClient, task: Task) -> int:
        return int(getattr(client, method)(f"/api/tasks/{task.pk}/{path}", body, format="json").status_code)

    task = TaskFactory()
    assert ask(api, task) == 401
    for user in (FreelancerFactory(), ClientFactory(), bid(FreelancerFactory(), task).freelancer):
        assert ask(as_user(user), task) == 403
    assert _status(task) == "OPEN"
    assert Task.objects.get().title == task.title
    assert ask(as_user(task.client), task) in {200, 204}
    assert ask(as_user(AdminFactory()), TaskFactory()) in {200, 204}
    assert ask(as_user(task.client), Task(pk=10**9)) == 404


def test_only_the_assigned_freelancer_delivers_and_only_the_owner_answers(
    api: APIClient, as_user: AsUser
) -> None:
    task = StartedTaskFactory()
    deliver, changes, complete = (
        f"/api/tasks/{task.pk}/{path}/" for path in ("deliver", "request-changes", "complete")
    )
    assert {api.post(path).status_code for path in (deliver, changes, complete)} == {401}
    for user in (task.client, FreelancerFactory(), AdminFactory()):
        assert as_user(user).post(deliver).status_code == 403
    for user in (task.assigned_to, FreelancerFactory()):
        assert as_user(user).post(changes, {"reason": "More"}).status_code == 403
        assert as_user(user).post(complete).status_code == 403
    assert as_user(task.client).post(changes, {"reason": "More"}).json()["code"] == "not_delivered"
    assert as_user(task.assigned_to).post(deliver).json()["delivered_at"]
    assert as_user(task.assigned_to).post(deliver).json()["code"] == "already_delivered"
    assert as_user(task.client).post(changes, {}).status_code == 400
    assert as_user(task.client).post(changes, {"reason": "More"}).json()["delivered_at"] is None
    assert as_user(task.assigned_to).post(deliver).status_code == 200
    body = as_user(task.client).post(complete).json()
    assert (body["status"], bool(body["completed_at"])) == ("COMPLETED", True)
    for user, path in ((task.assigned_to, deliver), (task.client, changes), (task.client, complete)):
        answer = as_user(user).post(path, {"reason": "More"})
        assert (answer.status_code, answer.json()["code"]) == (409, "task_not_in_progress")


# --- Changing --------------------------------------------------------------------------------------------------------


def test_a_change_keeps_what_it_does_not_name_and_a_replacement_does_not(
    as_user: AsUser, client_user: User
) -> None:
    task = TaskFactory(client=client_user, city="Cairo", is_remote=True)
    me = as_user(client_user)
    body = me.patch(f"/api/tasks/{task.pk}/", {"budget": "2000.00"}).json()
    assert (body["budget"], body["city"], body["is_remote"], body["title"]) == (
        "2000.00",
        "Cairo",
        True,
        task.title,
    )
    body = me.put(f"/api/tasks/{task.pk}/", PUT).json()
    assert (body["category"]["slug"], body["city"], body["is_remote"]) == ("design", "", False)
    assert me.put(f"/api/tasks/{task.pk}/", {"title": "Only this"}).status_code == 400


def test_what_only_the_platform_decides_is_not_changed(as_user: AsUser) -> None:
    task = TaskFactory()
    sent = {
        "status": "COMPLETED",
        "client": FreelancerFactory().pk,
        "listing_type": "service_offer",
        "views_count": 9,
        "applications_count": 9,
        "cancel_reason": "x",
        "delivered_at": "2026-01-01T00:00:00Z",
    }
    before = Task.objects.values().get()
    assert as_user(task.client).patch(f"/api/tasks/{task.pk}/", sent).status_code == 200
    after = Task.objects.values().get()
    assert {name for name in before if before[name] != after[name]} == {"updated_at"}


def test_a_deadline_that_has_passed_may_be_sent_back_as_it_was_read(as_user: AsUser) -> None:
    task = TaskFactory(deadline=timezone.now() - timedelta(minutes=1))
    me = as_user(task.client)
    read = me.get(f"/api/tasks/{task.pk}/").json()["deadline"]
    assert me.patch(f"/api/tasks/{task.pk}/", {"deadline": read, "city": "Giza"}).status_code == 200
    past = (timezone.now() - timedelta(hours=2)).isoformat()
    assert me.patch(f"/api/tasks/{task.pk}/", {"deadline": past}).status_code == 400


@pytest.mark.parametrize("make", [StartedTaskFactory, CompletedTaskFactory])
def test_a_started_task_is_not_changed(as_user: AsUser, make: Callable[[], Task]) -> None:
    task = make()
    answer = as_user(task.client).patch(f"/api/tasks/{task.pk}/", {"title": "Another"})
    assert (answer.status_code, answer.json()["code"]) == (409, "task_not_open")


# --- Cancelling and deleting -----------------------------------------------------------------------------------------


def test_who_cancelled_and_why_is_kept_and_shown_to_the_two_sides(api: APIClient, as_user: AsUser) -> None:
    task = StartedTaskFactory()
    path = f"/api/tasks/{task.pk}/"
    answer = as_user(task.client).post(f"{path}cancel/", {"reason": "  Out of money  "})
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    task.refresh_from_db()
    assert (task.cancelled_by, task.cancel_reason) == (task.client, "Out of money")
    assert task.cancelled_at is not None
    for user in (task.client, task.assigned_to, AdminFactory()):
        assert as_user(user).get(path).json()["cancel_reason"] == "Out of money"
    for client in (api, as_user(FreelancerFactory())):
        assert client.get(path).json()["cancel_reason"] == ""
    again = as_user(task.client).post(f"{path}cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "task_not_open")


def test_a_reason_has_a_limit(as_user: AsUser) -> None:
    task = TaskFactory()
    assert (
        as_user(task.client).post(f"/api/tasks/{task.pk}/cancel/", {"reason": "x" * 501}).status_code == 400
    )
    assert _status(task) == "OPEN"


def test_a_task_nobody_applied_to_is_deleted_and_any_other_cancelled(as_user: AsUser) -> None:
    alone = TaskFactory()
    assert as_user(alone.client).delete(f"/api/tasks/{alone.pk}/").status_code == 204
    assert not Task.objects.filter(pk=alone.pk).exists()
    applied, accepted = TaskFactory(), StartedTaskFactory()
    application = bid(FreelancerFactory(), applied)
    ApplicationFactory(task=accepted, freelancer=accepted.assigned_to, status="ACCEPTED")
    for task in (applied, accepted):
        assert as_user(task.client).delete(f"/api/tasks/{task.pk}/").status_code == 204
        assert _status(task) == "CANCELLED"
    application.refresh_from_db()
    assert application.status == "REJECTED"
    for task in (applied, CompletedTaskFactory()):
        assert as_user(task.client).delete(f"/api/tasks/{task.pk}/").status_code == 409


# --- One's own -------------------------------------------------------------------------------------------------------


def test_one_s_own_and_one_s_assigned_tasks_are_listed(api: APIClient, as_user: AsUser) -> None:
    task = StartedTaskFactory()
    TaskFactory.create_batch(2, client=task.client)
    TaskFactory()
    for path in ("mine", "assigned"):
        assert api.get(f"/api/tasks/{path}/").status_code == 401
        assert as_user(FreelancerFactory()).get(f"/api/tasks/{path}/").json()["count"] == 0
    assert as_user(task.client).get("/api/tasks/mine/").json()["count"] == 3
    narrowed = as_user(task.client).get("/api/tasks/mine/?status=IN_PROGRESS&fields=id").json()
    assert narrowed["results"] == [{"id": task.pk}]
    assert as_user(task.client).get("/api/tasks/assigned/").json()["count"] == 0
    assert as_user(task.assigned_to).get("/api/tasks/assigned/").json()["results"][0]["id"] == task.pk


# --- The clock -------------------------------------------------------------------------------------------------------


def _told(pipeline: Pipeline) -> set[tuple[int, str]]:
    pipeline.drain()
    assert pipeline.dead() == []
    found = {(row.recipient_id, row.wording or row.notification_type) for row in Notification.objects.all()}
    Notification.objects.all().delete()
    return found


def test_an_open_task_past_its_deadline_is_closed_and_everybody_is_told(pipeline: Pipeline) -> None:
    now = timezone.now()
    task = TaskFactory(deadline=now + timedelta(hours=1))
    application = bid(FreelancerFactory(), task)
    later, started = TaskFactory(deadline=now + timedelta(days=1)), StartedTaskFactory(deadline=now)
    _told(pipeline)
    Task.objects.filter(pk=task.pk).update(deadline=now - timedelta(seconds=1))
    assert tasks_close_overdue() == 1
    assert tasks_close_overdue() == 0
    assert [_status(one) for one in (task, later, started)] == ["CANCELLED", "OPEN", "IN_PROGRESS"]
    assert (task.cancelled_by, task.cancel_reason) == (None, "deadline_passed")
    application.refresh_from_db()
    assert application.status == "REJECTED"
    closed = {(user, "task_closed_deadline") for user in (task.client_id, application.freelancer_id)}
    assert _told(pipeline) == closed


def test_deliveries_and_answers_are_told_each_time(pipeline: Pipeline, as_user: AsUser) -> None:
    task = StartedTaskFactory()
    deliver, changes = f"/api/tasks/{task.pk}/deliver/", f"/api/tasks/{task.pk}/request-changes/"
    for number in range(2):
        as_user(task.assigned_to).post(deliver)
        assert _told(pipeline) == {(task.client_id, "task_delivered")}
        as_user(task.client).post(changes, {"reason": f"Missing: page {number}"})
        pipeline.drain()
        row = Notification.objects.get()
        assert (row.recipient, row.params["reason"]) == (task.assigned_to, f"Missing: page {number}")
        Notification.objects.all().delete()


def test_an_admin_s_cancellation_is_told_to_the_owner_with_its_reason(
    pipeline: Pipeline, as_user: AsUser
) -> None:
    task = TaskFactory()
    as_user(AdminFactory()).post(f"/api/tasks/{task.pk}/cancel/", {"reason": "Against the rules"})
    pipeline.drain()
    row = Notification.objects.get()
    assert (row.recipient, row.wording) == (task.client, "task_cancelled_reason")
    answer = as_user(task.client).get("/api/notifications/").json()["results"][0]
    assert "Against the rules" in answer["message"]


def test_the_beat_s_jobs_do_what_their_schedules_say(pipeline: Pipeline) -> None:
    from multitask.outbox.emit import emit

    task = TaskFactory()
    Task.objects.filter(pk=task.pk).update(deadline=timezone.now() - timedelta(days=1))
    for topic in ("close_overdue", "remind", "publish_reviews", "purge"):
        emit(f"schedule.{topic}", key=f"schedule:{topic}")
    pipeline.drain()
    assert pipeline.dead() == []
    assert _status(task) == "CANCELLED"
    assert not TaskApplication.objects.exists()
