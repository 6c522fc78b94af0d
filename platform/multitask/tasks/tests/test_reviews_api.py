"""Reviews over HTTP: hidden until both have written, answered once, edited for two days, removed with a reason."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.notifications.models import Notification
from multitask.tasks.factories import CompletedTaskFactory, ReviewFactory, StartedTaskFactory
from multitask.tasks.models import Review, Task
from multitask.tasks.services.reviews import review_create, reviews_publish_due
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    return CompletedTaskFactory()


def _write(client: APIClient, task: Task, **values: Any) -> Any:
    return client.post(f"/api/tasks/{task.pk}/reviews/", {"rating": 5} | values, format="json")


def _seen(client: APIClient, task: Task) -> list[int]:
    return [row["id"] for row in client.get(f"/api/tasks/{task.pk}/reviews/").json()["results"]]


def _rating(user: User) -> tuple[Decimal, int]:
    user.refresh_from_db()
    return user.average_rating, user.total_reviews


def _both(task: Task, *, of_freelancer: int = 4, of_client: int = 5) -> tuple[Review, Review]:
    first = review_create(actor=task.client, task_id=task.pk, rating=of_freelancer)
    second = review_create(actor=task.assigned_to, task_id=task.pk, rating=of_client)
    first.refresh_from_db()
    return first, second


def test_a_review_is_hidden_from_everybody_but_its_writer_until_both_have_written(
    api: APIClient, as_user: AsUser, task: Task
) -> None:
    client, freelancer = as_user(task.client), as_user(task.assigned_to)
    mine = _write(client, task, rating=2, comment="Late", quality_rating=3).json()
    assert (mine["is_published"], mine["quality_rating"]) == (False, 3)
    assert _seen(client, task) == [mine["id"]]
    for reader in (freelancer, api, as_user(FreelancerFactory())):
        assert _seen(reader, task) == []
    assert _rating(task.assigned_to) == (0, 0)
    path = f"/api/reviews/{mine['id']}/"
    assert freelancer.post(f"{path}reply/", {"reply": "No"}).status_code == 404
    assert freelancer.patch(path, {"rating": 5}).status_code == 404
    theirs = _write(freelancer, task, rating=3).json()
    assert theirs["is_published"]
    for reader in (client, freelancer, api):
        assert _seen(reader, task) == [theirs["id"], mine["id"]]
    assert (_rating(task.assigned_to), _rating(task.client)) == ((Decimal(2), 1), (Decimal(3), 1))


def test_fourteen_days_after_completion_one_review_is_shown_alone(pipeline: Pipeline, task: Task) -> None:
    review = review_create(actor=task.client, task_id=task.pk, rating=4)
    assert reviews_publish_due() == 0
    pipeline.drain()
    assert [row.wording for row in Notification.objects.all()] == ["review_waiting"]
    Task.objects.update(completed_at=timezone.now() - timedelta(days=14, seconds=1))
    assert (reviews_publish_due(), reviews_publish_due()) == (1, 0)
    review.refresh_from_db()
    assert review.published_at is not None
    assert _rating(task.assigned_to) == (Decimal(4), 1)
    pipeline.drain()
    assert Notification.objects.filter(wording="", recipient=task.assigned_to).count() == 1
    # And one that is written later still is shown at once.
    late = review_create(actor=task.assigned_to, task_id=task.pk, rating=1)
    assert late.published_at is not None


def test_only_the_two_parties_review_a_completed_task_once(
    api: APIClient, as_user: AsUser, task: Task
) -> None:
    assert _write(api, task).status_code == 401
    for stranger in (FreelancerFactory(), ClientFactory(), AdminFactory()):
        assert _write(as_user(stranger), task).status_code == 404
    assert _write(as_user(task.client), task).status_code == 201
    answer = _write(as_user(task.client), task)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_reviewed")
    started = StartedTaskFactory()
    assert _write(as_user(started.client), started).json()["code"] == "task_not_completed"
    assert _write(as_user(task.client), Task(pk=10**9)).status_code == 404
    assert api.get("/api/tasks/1000000000/reviews/").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rating", 0),
        ("rating", 6),
        ("rating", None),
        ("rating", "five"),
        ("rating", 4.5),
        ("quality_rating", 9),
        ("communication_rating", -1),
        ("comment", "x" * 5_001),
    ],
)
def test_stars_are_one_to_five(as_user: AsUser, task: Task, field: str, value: Any) -> None:
    answer = _write(as_user(task.client), task, **{field: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Review.objects.exists()


def test_a_review_is_changed_within_two_days_by_its_writer_and_says_so(as_user: AsUser, task: Task) -> None:
    review, _ = _both(task)
    path = f"/api/reviews/{review.pk}/"
    for other in (task.assigned_to, FreelancerFactory()):
        assert as_user(other).patch(path, {"rating": 5}).status_code == 403
    me = as_user(task.client)
    body = me.patch(path, {"rating": 1, "task": 1, "is_verified": False, "reply": "x"}).json()
    assert (body["rating"], bool(body["edited_at"]), body["task"], body["reply"]) == (1, True, task.pk, "")
    assert _rating(task.assigned_to) == (Decimal(1), 1)
    assert me.patch(path, {"rating": 0}).status_code == 400
    Review.objects.filter(pk=review.pk).update(created_at=timezone.now() - timedelta(hours=48, seconds=1))
    answer = me.patch(path, {"rating": 5})
    assert (answer.status_code, answer.json()["code"]) == (409, "review_edit_over")
    assert _rating(task.assigned_to) == (Decimal(1), 1)


def test_who_was_reviewed_replies_once_in_public(
    pipeline: Pipeline, api: APIClient, as_user: AsUser, task: Task
) -> None:
    review, _ = _both(task)
    pipeline.drain()
    Notification.objects.all().delete()
    path = f"/api/reviews/{review.pk}/reply/"
    assert api.post(path, {"reply": "Thanks"}).status_code == 401
    for other in (task.client, FreelancerFactory()):
        assert as_user(other).post(path, {"reply": "Thanks"}).status_code == 403
    me = as_user(task.assigned_to)
    assert me.post(path, {"reply": " "}).status_code == 400
    assert me.post(path, {"reply": "Thanks"}).status_code == 201
    answer = me.post(path, {"reply": "And more"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_replied")
    rows = api.get(f"/api/tasks/{task.pk}/reviews/").json()["results"]
    assert [row["reply"] for row in rows] == ["", "Thanks"]
    pipeline.drain()
    assert Notification.objects.get().recipient == task.client


def test_an_admin_removes_a_review_with_a_reason_and_the_rating_follows(
    pipeline: Pipeline, api: APIClient, as_user: AsUser, task: Task
) -> None:
    review, other = _both(task)
    pipeline.drain()
    Notification.objects.all().delete()
    path = f"/api/reviews/{review.pk}/"
    assert api.delete(f"{path}?reason=Insults").status_code == 401
    for user in (task.client, task.assigned_to, FreelancerFactory()):
        assert as_user(user).delete(f"{path}?reason=Insults").status_code == 403
    admin = AdminFactory()
    assert as_user(admin).delete(path).status_code == 400
    assert as_user(admin).delete(f"{path}?reason=Insults").status_code == 204
    assert as_user(admin).delete(f"{path}?reason=Insults").json()["code"] == "review_removed"
    review.refresh_from_db()
    assert (review.removed_by, review.removed_reason) == (admin, "Insults")
    assert _rating(task.assigned_to) == (0, 0)
    assert _seen(api, task) == [other.pk]
    assert _seen(as_user(task.client), task) == [other.pk, review.pk]
    assert as_user(task.client).patch(path, {"rating": 1}).json()["code"] == "review_removed"
    pipeline.drain()
    told = Notification.objects.get()
    assert (told.recipient, told.params["reason"]) == (task.client, "Insults")
    assert _write(as_user(task.client), task).json()["code"] == "already_reviewed"


def test_what_was_said_of_somebody_is_what_their_rating_counts(api: APIClient) -> None:
    freelancer = FreelancerFactory()
    shown = []
    for rating in (5, 2):
        task = CompletedTaskFactory(assigned_to=freelancer)
        shown.append(_both(task, of_freelancer=rating)[0].pk)
    hidden = CompletedTaskFactory(assigned_to=freelancer)
    review_create(actor=hidden.client, task_id=hidden.pk, rating=1)
    path = f"/api/users/{freelancer.pk}/reviews/"
    body = api.get(path).json()
    assert [row["id"] for row in body["results"]] == shown[::-1]
    assert _rating(freelancer) == (Decimal("3.50"), body["count"])
    assert "email" not in str(body)
    assert api.get("/api/users/1000000000/reviews/").status_code == 404


def test_a_list_of_twelve_costs_as_many_queries_as_a_list_of_two(api: APIClient) -> None:
    freelancer = FreelancerFactory()
    path = f"/api/users/{freelancer.pk}/reviews/"

    def more(number: int) -> None:
        for _ in range(number):
            ReviewFactory(task=CompletedTaskFactory(assigned_to=freelancer))

    more(2)
    for _ in range(2):
        with CaptureQueriesContext(connection) as two:
            assert len(api.get(path).json()["results"]) == 2
    more(10)
    with CaptureQueriesContext(connection) as twelve:
        assert len(api.get(path).json()["results"]) == 12
    assert len(twelve) == len(two) <= 4
