"""What the tests of the push channel do: subscribe, tell, let the pipeline run, look at what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from datetime import time as clock_time
from typing import Any

from django.db import transaction

from multitask.accounts.models import User
from multitask.notifications.models import (
    Channel,
    NotificationDelivery,
    NotificationPreference,
    NotificationType,
    PushSubscription,
)
from multitask.notifications.services.notify import Notice, notify_many
from multitask.notifications.services.subscriptions import subscription_register
from multitask.notifications.tests.push_service import Browser
from multitask.testing.pipeline import Pipeline

# Noon in Cairo, later than any clock that runs: what is put off waits in the outbox.
NOON = datetime(2037, 7, 30, 9, 0, tzinfo=UTC)


def subscribe(user: User, browser: Browser) -> PushSubscription:
    given = browser.subscription
    return subscription_register(
        actor=user,
        endpoint=given["endpoint"],
        p256dh=given["keys"]["p256dh"],
        auth=given["keys"]["auth"],
    ).subscription


def tell(user: User, number: int = 1, **more: Any) -> None:
    values: dict[str, Any] = {
        "recipient_id": user.pk,
        "notification_type": NotificationType.APPLICATION_ACCEPTED,
        "dedupe_key": f"application:{number}:ACCEPTED",
        "params": {"task": f"متجر رقم {number}"},
        "link": f"/tasks/{number}",
    }
    with transaction.atomic():
        notify_many([Notice(**values | more)])


def apply_to(user: User, number: int) -> None:
    """An application to a task of `user`: those of one task are one line."""
    tell(
        user,
        number,
        notification_type=NotificationType.TASK_APPLICATION,
        dedupe_key=f"application:{number}",
        params={"task": "متجر", "sender": f"Sara {number}"},
        group_key="applications:7",
    )


def outcomes(user: User) -> list[tuple[str, str]]:
    """(state, reason) of the user's pushes, oldest event first."""
    rows = NotificationDelivery.objects.filter(recipient=user, channel=Channel.PUSH).order_by("pk")
    return list(rows.values_list("state", "reason"))


def run_all(pipeline: Pipeline) -> None:
    """What waits for its time in the outbox is due; the jobs look at the clock themselves."""
    pipeline.drain()
    pipeline.make_due()
    pipeline.drain()
    assert pipeline.dead() == []


def quiet(user: User, start: int, end: int) -> None:
    NotificationPreference.objects.update_or_create(
        user=user, defaults={"quiet_from": clock_time(start), "quiet_to": clock_time(end)}
    )
