from __future__ import annotations

import pytest
from django.db import transaction

from multitask.outbox import relay
from multitask.outbox.models import OutboxDelivery, OutboxEvent
from multitask.outbox.tests.helpers import PLAIN, begin, claim, happen
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_relays_that_work_at_once_take_every_row_once() -> None:
    for number in range(60):
        happen(key=f"thing:{number}")
    fanned = at_once([lambda: relay.fan_out(PLAIN, limit=20)] * 4)
    assert not [one for one in fanned if isinstance(one, Exception)]
    while relay.fan_out(PLAIN):
        pass
    assert OutboxDelivery.objects.count() == 60
    taken = at_once([lambda: relay.claim(windows={"default": 25}, sent_lease=30)[0]] * 4)
    assert not [one for one in taken if isinstance(one, Exception)]
    ids = [one.id for claimed in taken for one in claimed]
    assert len(ids) == len(set(ids)) > 0


def test_a_message_delivered_three_times_at_once_has_one_effect() -> None:
    happen()
    relay.fan_out(PLAIN)
    claimed = claim()

    def work() -> bool:
        begun = begin(claimed)
        if not begun:
            return False
        with transaction.atomic():
            OutboxEvent.objects.create(topic="effect", key="once")
            relay.mark_done(begun)
        return True

    assert sorted(at_once([work] * 3)) == [False, False, True]
    assert OutboxEvent.objects.filter(topic="effect").count() == 1


def test_a_relay_does_not_wait_for_rows_that_another_holds() -> None:
    happen()
    relay.fan_out(PLAIN)
    with transaction.atomic():
        OutboxDelivery.objects.select_for_update().get()
        (seen,) = at_once([lambda: relay.claim(windows={"default": 5}, sent_lease=30)])
    assert seen == ([], False)


def test_finishing_outside_a_transaction_is_refused() -> None:
    happen()
    relay.fan_out(PLAIN)
    begun = begin(claim())
    with pytest.raises(RuntimeError, match="transaction"):
        relay.mark_done(begun)
    assert OutboxDelivery.objects.get().status == "running"
