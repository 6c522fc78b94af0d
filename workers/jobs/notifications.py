"""Tell people what happened to them."""

from __future__ import annotations

from multitask.notifications.services.notify import notify_many
from multitask.recommendations.selectors import notices as recommendation_notices
from multitask.tasks.selectors import notices
from workers.base import Run, job


@job("notifications.tell_matches", queue="notify", batch=32)
def tell_matches(run: Run) -> None:
    with run.finish():
        for delivery in run.deliveries:
            notify_many(recommendation_notices.matches(**delivery.payload))


@job("notifications.tell_application", queue="notify", batch=32)
def tell_application(run: Run) -> None:
    with run.finish():
        notify_many(notices.applications_received(run.payloads("application")))


@job("notifications.tell_decision", queue="notify", batch=32)
def tell_decision(run: Run) -> None:
    with run.finish():
        notify_many(notices.applications_decided(run.payloads("application")))


@job("notifications.tell_task_end", queue="notify", batch=32)
def tell_task_end(run: Run) -> None:
    with run.finish():
        notify_many(notices.tasks_ended(run.payloads("task")))


@job("notifications.tell_withdrawal", queue="notify", batch=32)
def tell_withdrawal(run: Run) -> None:
    with run.finish():
        notify_many(notices.applications_withdrawn(run.payloads("application")))


@job("notifications.tell_delivery", queue="notify", batch=32)
def tell_delivery(run: Run) -> None:
    with run.finish():
        notify_many(notices.tasks_delivered([delivery.payload for delivery in run.deliveries]))


@job("notifications.tell_changes", queue="notify", batch=32)
def tell_changes(run: Run) -> None:
    with run.finish():
        notify_many(notices.changes_requested([delivery.payload for delivery in run.deliveries]))


@job("notifications.tell_deadline", queue="notify", batch=32)
def tell_deadline(run: Run) -> None:
    with run.finish():
        notify_many(notices.deadlines_near(run.payloads("task")))


@job("notifications.tell_review_waiting", queue="notify", batch=32)
def tell_review_waiting(run: Run) -> None:
    with run.finish():
        notify_many(notices.reviews_waiting(run.payloads("review")))


@job("notifications.tell_review_answer", queue="notify", batch=32)
def tell_review_answer(run: Run) -> None:
    with run.finish():
        notify_many(notices.reviews_answered(run.payloads("review")))


@job("notifications.tell_review", queue="notify", batch=32)
def tell_review(run: Run) -> None:
    with run.finish():
        notify_many(notices.reviews_received(run.payloads("review")))
