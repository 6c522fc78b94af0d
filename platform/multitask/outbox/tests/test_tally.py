"""How attempts ended is counted where it is decided, and survives everything that happens to the deliveries."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from multitask.outbox import relay
from multitask.outbox.models import JobTally, OutboxDelivery, OutboxEvent
from multitask.outbox.services import events_purge
from multitask.outbox.tests.helpers import PLAIN, begin, claim, expire, finish, happen, only

pytestmark = pytest.mark.django_db


def counts() -> dict[str, int]:
    rows = JobTally.objects.values("outcome").annotate(total=Sum("number")).order_by("outcome")
    return {row["outcome"]: row["total"] for row in rows}


def fresh(times: int = 1) -> list[relay.Begun]:
    for number in range(times):
        happen(key=f"thing:{number}")
    relay.fan_out(PLAIN)
    return begin(claim())


def test_each_job_that_is_done_is_counted_once() -> None:
    begun = fresh(3)
    finish(begun)
    assert counts() == {"done": 3}
    tally = JobTally.objects.get()
    assert (tally.handler, tally.queue) == ("jobs.pong", "default")
    with pytest.raises(relay.Superseded), transaction.atomic():
        relay.mark_done(begun)
    assert counts() == {"done": 3}


def test_what_is_rolled_back_is_not_counted() -> None:
    begun = fresh()
    with transaction.atomic():
        relay.mark_done(begun)
        transaction.set_rollback(True)
    assert counts() == {}


def test_failures_and_giving_up_are_counted_apart() -> None:
    relay.mark_failed(fresh(), error="no", delay=0, max_attempts=2)
    assert counts() == {"failed": 1}
    relay.mark_failed(begin(claim()), error="no", delay=0, max_attempts=2)
    assert counts() == {"failed": 1, "dead": 1}


def test_a_lost_worker_and_a_lost_message_are_counted_apart() -> None:
    happen()
    relay.fan_out(PLAIN)
    claim()
    expire()
    assert relay.reclaim(max_attempts=4) == (1, 0)
    assert (counts(), only().attempts) == ({"unbegun": 1}, 0)
    begin(claim())
    expire()
    assert relay.reclaim(max_attempts=4) == (1, 0)
    assert (counts(), only().attempts) == ({"unbegun": 1, "lost": 1}, 1)
    assert "The worker stopped before it finished (attempt 1)." in only().last_error
    begin(claim())
    expire()
    assert relay.reclaim(max_attempts=2) == (0, 1)
    assert counts() == {"unbegun": 1, "lost": 1, "dead": 1}


def test_unknown_topics_and_jobs_are_counted_as_given_up() -> None:
    happen(topic="nobody's")
    relay.fan_out(PLAIN)
    assert JobTally.objects.get().handler == "nobody's"
    happen()
    relay.fan_out(PLAIN)
    relay.mark_unknown([one.id for one in claim()], error="?")
    assert counts() == {"dead": 2}


def test_dead_letters_sent_again_are_counted() -> None:
    relay.mark_failed(fresh(), error="no", delay=0, max_attempts=1)
    assert relay.retry_dead([only().pk]) == 1
    assert counts() == {"dead": 1, "revived": 1}


def test_the_purge_takes_nothing_from_the_counts() -> None:
    finish(fresh(2))
    OutboxEvent.objects.update(created_at="2020-01-01T00:00:00Z")
    events_purge(keep_days=1)
    assert (OutboxDelivery.objects.count(), counts()) == (0, {"done": 2})


@pytest.mark.django_db(transaction=True)
def test_jobs_that_end_at_the_same_time_do_not_wait_for_each_others_count() -> None:
    begun = fresh(8)

    def one(position: int) -> int:
        # Each keeps its transaction open until the others have counted: with one row for all, they would wait.
        try:
            with transaction.atomic():
                relay.mark_done([begun[position]])
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid() % 128, pg_sleep(0.4)")
                    return int(cursor.fetchone()[0])
        finally:
            connection.close()

    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        slots = list(pool.map(one, range(4)))
    took = time.monotonic() - started
    assert counts() == {"done": 4}
    if len(set(slots)) == 4:
        assert took < 1.2
