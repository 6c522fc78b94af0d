"""Tell people what happened to them."""

from __future__ import annotations

from multitask.notifications.channels.email.deliver import deliver
from multitask.notifications.services.deliveries import deliveries_purge, deliveries_sweep
from multitask.notifications.services.notify import notify_many
from multitask.recommendations.selectors import notices as recommendation_notices
from multitask.settings.logs import get_logger
from multitask.tasks.selectors import notices
from workers.base import Run, job
from workers.queues import QUEUES

log = get_logger(__name__)

PARTS = 200


@job("notifications.tell_matches", queue="notify", batch=8)
def tell_matches(run: Run) -> None:
    with run.finish():
        notify_many(
            [
                notice
                for delivery in run.deliveries
                for notice in recommendation_notices.matches(**delivery.payload)
            ]
        )


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


@job("notifications.send_email", queue="mail")
def send_email(run: Run) -> None:
    """Mail what a line has open, one line's at a time."""
    deliver(int(run.one.payload["notification"]), is_last=run.one.attempt >= QUEUES["mail"].attempts)


@job("notifications.sweep", queue="default")
def sweep(run: Run) -> None:
    """Ask again for deliveries whose time is long past, and give up those that nothing could send."""
    with run.finish():
        found = deliveries_sweep()
    if any(found.values()):
        log.warning("deliveries_swept", **found)


@job("notifications.purge", queue="default")
def purge(run: Run) -> None:
    """Delete what became of old mails and pushes, in transactions of their own."""
    number = 0
    for _ in range(PARTS):
        gone = deliveries_purge()
        number += gone
        if not gone:
            break
    log.info("deliveries_purged", number=number)
