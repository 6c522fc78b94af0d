"""Who is told what happened to a task, through the real pipeline."""

from __future__ import annotations

import pytest

from multitask.accounts.factories import FreelancerFactory
from multitask.notifications.models import Notification, NotificationDelivery
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Task
from multitask.tasks.services.applications import application_accept, application_reject
from multitask.tasks.services.reviews import review_create
from multitask.tasks.services.tasks import task_cancel, task_complete
from multitask.testing.market import bid
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


def _told(pipeline: Pipeline) -> set[tuple[int, str]]:
    """{(user, what)} since the last look."""
    pipeline.drain()
    assert pipeline.dead() == []
    found = set(Notification.objects.values_list("recipient_id", "notification_type"))
    Notification.objects.all().delete()
    return found


@pytest.fixture
def task() -> Task:
    return TaskFactory()


def test_the_story_of_a_task_is_told_to_those_it_concerns(pipeline: Pipeline, task: Task) -> None:
    chosen, other, refused = FreelancerFactory.create_batch(3)
    applications = {user.pk: bid(user, task) for user in (chosen, other, refused)}
    assert _told(pipeline) == {(task.client_id, "task_application")}
    application_reject(actor=task.client, application_id=applications[refused.pk].pk)
    assert _told(pipeline) == {(refused.pk, "application_rejected")}
    application_accept(actor=task.client, application_id=applications[chosen.pk].pk)
    assert _told(pipeline) == {(chosen.pk, "application_accepted"), (other.pk, "application_rejected")}
    task_complete(actor=task.client, task_id=task.pk)
    assert _told(pipeline) == {(chosen.pk, "task_completed")}
    review_create(actor=task.client, task_id=task.pk, rating=5)
    pipeline.drain()
    assert Notification.objects.get(recipient=chosen, wording="review_waiting").notification_type == (
        "review_received"
    )
    Notification.objects.all().delete()
    review_create(actor=chosen, task_id=task.pk, rating=4)
    assert _told(pipeline) == {(chosen.pk, "review_received"), (task.client_id, "review_received")}


def test_every_application_is_told_and_each_once(pipeline: Pipeline, task: Task) -> None:
    for user in FreelancerFactory.create_batch(3):
        bid(user, task)
    pipeline.drain()
    told = NotificationDelivery.objects.filter(recipient=task.client, channel="in_app")
    assert told.count() == 3
    assert Notification.objects.get(recipient=task.client).count == 3
    row = Notification.objects.order_by("pk")[0]
    assert row.task_id == task.pk
    assert row.application_id is not None
    assert row.sender_id is not None
    assert row.link == f"/tasks/{task.pk}/applications"


def test_a_cancellation_is_told_to_who_had_applied_and_not_to_who_had_withdrawn(
    pipeline: Pipeline, task: Task
) -> None:
    waiting, withdrawn = FreelancerFactory.create_batch(2)
    bid(waiting, task)
    gone = bid(withdrawn, task)
    type(gone).objects.filter(pk=gone.pk).update(status="WITHDRAWN")
    _told(pipeline)
    task_cancel(actor=task.client, task_id=task.pk)
    assert _told(pipeline) == {(waiting.pk, "task_cancelled")}


def test_the_assigned_freelancer_is_told_of_a_cancellation_once(pipeline: Pipeline, task: Task) -> None:
    chosen = FreelancerFactory()
    application_accept(actor=task.client, application_id=bid(chosen, task).pk)
    _told(pipeline)
    task_cancel(actor=task.client, task_id=task.pk)
    pipeline.drain()
    assert Notification.objects.filter(recipient=chosen, notification_type="task_cancelled").count() == 1


def test_a_review_that_is_not_public_is_not_told(pipeline: Pipeline, task: Task) -> None:
    chosen = FreelancerFactory()
    application_accept(actor=task.client, application_id=bid(chosen, task).pk)
    task_complete(actor=task.client, task_id=task.pk)
    _told(pipeline)
    review = review_create(actor=task.client, task_id=task.pk, rating=1)
    type(review).objects.filter(pk=review.pk).update(is_public=False)
    assert _told(pipeline) == set()
