from __future__ import annotations

import pytest

from multitask.outbox import relay
from multitask.outbox.models import OutboxDelivery, OutboxEvent
from multitask.outbox.tests.helpers import (
    COALESCING,
    ORDERED,
    PLAIN,
    begin,
    claim,
    expire,
    finish,
    happen,
    only,
)

pytestmark = pytest.mark.django_db


def test_every_route_of_a_topic_gets_a_delivery_of_its_own() -> None:
    happen(thing=1)
    routes = {"ping": (relay.Route("jobs.one", "default"), relay.Route("jobs.two", "embed"))}
    assert relay.fan_out(routes) == 1
    assert relay.fan_out(routes) == 0
    rows = OutboxDelivery.objects.order_by("handler").values_list("handler", "queue", "status", "attempts")
    assert list(rows) == [("jobs.one", "default", "pending", 0), ("jobs.two", "embed", "pending", 0)]


def test_events_are_taken_oldest_first_and_no_more_than_the_limit() -> None:
    for number in range(5):
        happen(key=f"thing:{number}")
    assert relay.fan_out(PLAIN, limit=3) == 3
    assert sorted(OutboxDelivery.objects.values_list("key", flat=True)) == ["thing:0", "thing:1", "thing:2"]


def test_an_event_that_no_handler_knows_is_a_dead_letter_and_not_lost() -> None:
    happen(topic="unheard.of")
    relay.fan_out(PLAIN)
    delivery = only()
    assert delivery.status == "dead"
    assert "unheard.of" in delivery.last_error
    assert claim() == []


def test_an_unknown_event_reaches_a_handler_that_was_deployed_since_when_it_is_retried() -> None:
    happen(topic="unheard.of", thing=3)
    relay.fan_out(PLAIN)
    assert relay.retry_dead([only().pk]) == 1
    relay.fan_out({"unheard.of": (relay.Route("jobs.new", "default"),)})
    (begun,) = begin(claim())
    assert begun.payload == {"thing": 3}
    assert only().handler == "jobs.new"


def test_ten_events_that_only_say_changed_are_one_delivery_with_the_newest_payload() -> None:
    for version in range(10):
        happen(version=version)
    happen(key="thing:2")
    relay.fan_out(COALESCING)
    assert sorted(OutboxDelivery.objects.values_list("key", flat=True)) == ["thing:1", "thing:2"]
    payloads = {one.key: one.payload for one in begin(claim())}
    assert payloads["thing:1"] == {"version": 9}


def test_events_of_several_rounds_coalesce_while_nobody_has_begun() -> None:
    for version in range(3):
        happen(version=version)
        relay.fan_out(COALESCING)
    assert OutboxEvent.objects.filter(fanned_out_at__isnull=True).count() == 0
    (begun,) = begin(claim())
    assert begun.payload == {"version": 2}


def test_what_changes_while_a_job_runs_is_delivered_again_afterwards() -> None:
    happen(version=1)
    relay.fan_out(COALESCING)
    running = begin(claim())
    happen(version=2)
    relay.fan_out(COALESCING)
    assert OutboxDelivery.objects.count() == 2
    finish(running)
    (again,) = begin(claim())
    assert again.payload == {"version": 2}


@pytest.mark.parametrize("back", ["unclaim", "lease runs out"])
def test_a_delivery_that_comes_back_beside_a_newer_one_of_its_key_stops_nothing(back: str) -> None:
    """The broker lost a coalescing delivery, and meanwhile another event of the same key came."""
    happen(version=1)
    relay.fan_out(COALESCING)
    (lost,) = claim()
    happen(version=2)
    relay.fan_out(COALESCING)
    if back == "unclaim":
        relay.unclaim([lost.id], delay=0)
    else:
        expire()
        assert relay.reclaim(max_attempts=4) == (1, 0)
    begun = begin(claim())
    assert {one.payload["version"] for one in begun} == {1, 2}
    finish(begun)


def test_two_lost_deliveries_of_one_key_come_back_together() -> None:
    for version in (1, 2):
        happen(version=version)
        relay.fan_out(COALESCING)
        claim()
    expire()
    assert relay.reclaim(max_attempts=4) == (2, 0)
    happen(version=3)
    relay.fan_out(COALESCING)
    assert {one.payload["version"] for one in begin(claim())} == {1, 2, 3}


def test_ordered_deliveries_of_a_key_wait_for_each_other_and_for_nobody_else() -> None:
    for number in (1, 2):
        happen(number=number)
    happen(key="thing:2", number=3)
    relay.fan_out(ORDERED)
    first = begin(claim())
    assert [one.payload["number"] for one in first] == [1, 3]
    assert claim() == []
    finish(first)
    assert [one.payload["number"] for one in begin(claim())] == [2]


def test_an_ordered_delivery_goes_on_after_the_one_before_it_was_given_up() -> None:
    for number in (1, 2):
        happen(number=number)
    relay.fan_out(ORDERED)
    relay.mark_failed(begin(claim()), error="no", delay=0, max_attempts=4, permanent=True)
    assert [one.payload["number"] for one in begin(claim())] == [2]
