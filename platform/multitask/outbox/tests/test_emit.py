from __future__ import annotations

import pytest
from django.db import transaction

from multitask.common import request_id
from multitask.outbox.emit import Event, emit, emit_many
from multitask.outbox.models import OutboxEvent


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="atomic"):
        emit("ping", key="thing:1")
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_leaves_no_event() -> None:
    with transaction.atomic():
        emit("ping", key="thing:1")
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_an_event_keeps_its_payload_and_the_request_that_caused_it() -> None:
    with request_id.bound("request-12345"):
        emit("ping", key="thing:7", thing=7, version=2)
    event = OutboxEvent.objects.get()
    assert (event.topic, event.key, event.payload) == ("ping", "thing:7", {"thing": 7, "version": 2})
    assert event.request_id == "request-12345"
    assert event.fanned_out_at is None


@pytest.mark.django_db
def test_the_same_dedupe_key_is_one_event_and_leaves_the_others_alone() -> None:
    emit("ping", key="a", dedupe_key="nightly:2027-01-01")
    emit_many(
        [Event("ping", "a", {}, "nightly:2027-01-01"), Event("ping", "b"), Event("ping", "c", {}, "other")]
    )
    assert sorted(OutboxEvent.objects.values_list("key", flat=True)) == ["a", "b", "c"]


@pytest.mark.django_db
def test_events_without_a_dedupe_key_are_all_kept() -> None:
    emit_many([Event("ping", "a")] * 3)
    emit_many([])
    assert OutboxEvent.objects.count() == 3
