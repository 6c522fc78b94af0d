"""Deliveries in the states that the tests of the relay start from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from multitask.outbox import relay
from multitask.outbox.emit import emit
from multitask.outbox.models import OutboxDelivery
from multitask.testing.pipeline import catch_up

PLAIN = {"ping": (relay.Route("jobs.pong", "default"),)}
COALESCING = {"ping": (relay.Route("jobs.pong", "default", coalesce=True),)}
ORDERED = {"ping": (relay.Route("jobs.pong", "default", ordered=True),)}
WINDOWS = {"default": 1000}


def happen(times: int = 1, *, key: str = "thing:1", topic: str = "ping", **payload: Any) -> None:
    for _ in range(times):
        with transaction.atomic():
            emit(topic, key=key, **payload)


def claim_in(windows: dict[str, int]) -> tuple[list[relay.Claimed], bool]:
    catch_up()
    return relay.claim(windows=windows, sent_lease=30)


def claim() -> list[relay.Claimed]:
    return claim_in(WINDOWS)[0]


def begin(claimed: list[relay.Claimed], *, lease: int = 30) -> list[relay.Begun]:
    return relay.begin([(one.id, one.attempt) for one in claimed], lease=lease)


def finish(begun: list[relay.Begun]) -> None:
    with transaction.atomic():
        relay.mark_done(begun)


def expire() -> None:
    """Let every lease run out."""
    OutboxDelivery.objects.filter(lease_until__isnull=False).update(lease_until=Now() - timedelta(hours=1))


def only() -> OutboxDelivery:
    return OutboxDelivery.objects.get()
