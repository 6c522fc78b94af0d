"""Events whose jobs are to wait: for the end of quiet hours, for the minutes in which messages gather."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from multitask.outbox import relay
from multitask.outbox.emit import emit
from multitask.outbox.models import OutboxDelivery
from multitask.outbox.tests.helpers import COALESCING, PLAIN, begin, claim, happen, only

pytestmark = pytest.mark.django_db


def _pass(minutes: int) -> None:
    for row in OutboxDelivery.objects.all():
        row.available_at -= timedelta(minutes=minutes)
        row.save(update_fields=["available_at"])


def test_a_job_does_not_begin_before_its_time_and_begins_then() -> None:
    happen(not_before=timezone.now() + timedelta(minutes=2), thing=1)
    relay.fan_out(PLAIN)
    assert claim() == []
    _pass(3)
    (begun,) = begin(claim())
    assert begun.payload == {"thing": 1}


@pytest.mark.parametrize("rounds", [1, 2])
def test_of_events_that_coalesce_the_soonest_says_when_and_the_newest_says_what(rounds: int) -> None:
    now = timezone.now()
    for number, minutes in enumerate((10, 2, 7)):
        with transaction.atomic():
            emit("ping", key="thing:1", not_before=now + timedelta(minutes=minutes), number=number)
        if rounds == 2:
            relay.fan_out(COALESCING)
    relay.fan_out(COALESCING)
    assert only().available_at == now + timedelta(minutes=2)
    _pass(3)
    (begun,) = begin(claim())
    assert begun.payload == {"number": 2}


def test_an_event_that_is_due_at_once_takes_the_waiting_ones_with_it() -> None:
    happen(not_before=timezone.now() + timedelta(hours=8), number=0)
    relay.fan_out(COALESCING)
    happen(number=1)
    relay.fan_out(COALESCING)
    (begun,) = begin(claim())
    assert begun.payload == {"number": 1}
    assert OutboxDelivery.objects.count() == 1
