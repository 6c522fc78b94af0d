from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection, transaction

from multitask.outbox import relay
from multitask.outbox.models import OutboxDelivery, OutboxEvent
from multitask.outbox.tests.helpers import PLAIN, begin, claim, claim_in, expire, finish, happen, only
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting() -> None:
    happen()
    relay.fan_out(PLAIN)


@pytest.mark.parametrize("plan", ["on", "off"])
def test_a_queue_holds_no_more_than_its_window_at_the_broker(plan: str) -> None:
    with connection.cursor() as cursor:  # whichever way the planner joins what is due with what is taken
        cursor.execute(f"SET LOCAL enable_hashjoin = {plan}; SET LOCAL enable_hashagg = {plan}")
        cursor.execute(f"SET LOCAL enable_mergejoin = {plan}; SET LOCAL enable_material = {plan}")
        cursor.execute(f"SET LOCAL enable_sort = {plan}; SET LOCAL enable_indexscan = {plan}")
    for number in range(5):
        happen(key=f"thing:{number}")
    relay.fan_out(PLAIN)
    taken, full = claim_in({"default": 3})
    assert (len(taken), full) == (3, False)
    assert claim_in({"default": 3}) == ([], True)
    finish(begin(taken[:1]))
    again, _ = claim_in({"default": 3})
    assert len(again) == 1


def test_a_full_queue_does_not_hold_up_another() -> None:
    routes = {"ping": (relay.Route("jobs.one", "default"),), "pong": (relay.Route("jobs.two", "embed"),)}
    happen()
    happen(topic="pong")
    relay.fan_out(routes)
    taken, full = claim_in({"default": 0, "embed": 5})
    assert [one.handler for one in taken] == ["jobs.two"]
    assert full


def test_what_the_broker_did_not_take_waits_without_counting_an_attempt(waiting: None) -> None:
    (one,) = claim()
    assert one.attempt == 1
    relay.unclaim([one.id], delay=60)
    assert (only().status, only().attempts) == ("pending", 0)
    assert claim() == []


def test_a_job_that_was_begun_is_not_taken_back_from_its_worker(waiting: None) -> None:
    claimed = claim()
    begin(claimed)
    relay.unclaim([claimed[0].id], delay=0)
    assert only().status == "running"


def test_the_same_message_three_times_is_begun_once(waiting: None) -> None:
    claimed = claim()
    assert [len(begin(claimed)) for _ in range(3)] == [1, 0, 0]


def test_a_message_of_an_older_attempt_is_not_begun(waiting: None) -> None:
    old = claim()
    expire()
    relay.reclaim(max_attempts=4)
    new = claim()
    assert new[0].attempt == old[0].attempt  # it was never begun, so the attempt did not count
    begin(new)
    expire()
    relay.reclaim(max_attempts=4)
    assert begin(old) == []


def test_a_late_message_of_an_attempt_that_died_does_not_begin_the_next_one(waiting: None) -> None:
    old = claim()
    begin(old)
    expire()
    relay.reclaim(max_attempts=4)
    new = claim()
    assert begin(old) == []
    assert [one.attempt for one in begin(new)] == [2]


def test_an_older_attempt_cannot_finish_and_its_rows_are_rolled_back(waiting: None) -> None:
    old = begin(claim())
    expire()
    relay.reclaim(max_attempts=4)
    new = begin(claim())

    def work() -> None:
        with transaction.atomic():
            OutboxEvent.objects.create(topic="effect", key="of the older attempt")
            relay.mark_done(old)

    with pytest.raises(relay.Superseded):
        work()
    assert not OutboxEvent.objects.filter(topic="effect").exists()
    finish(new)
    assert only().status == "done"


def test_a_delivery_cannot_be_finished_twice(waiting: None) -> None:
    begun = begin(claim())
    finish(begun)
    with pytest.raises(relay.Superseded), transaction.atomic():
        relay.mark_done(begun)


def test_one_lost_delivery_of_a_batch_lets_none_of_it_finish() -> None:
    for number in range(3):
        happen(key=f"thing:{number}")
    relay.fan_out(PLAIN)
    begun = begin(claim())
    OutboxDelivery.objects.filter(pk=begun[1].id).update(attempts=2)
    with pytest.raises(relay.Superseded), transaction.atomic():
        relay.mark_done(begun)
    assert set(OutboxDelivery.objects.values_list("status", flat=True)) == {"running"}


def test_a_lease_that_still_runs_is_left_alone(waiting: None) -> None:
    claim()
    assert relay.reclaim(max_attempts=4) == (0, 0)
    assert only().status == "sent"


def test_a_lost_message_is_sent_again_for_ever_since_it_never_counted(waiting: None) -> None:
    for _ in range(10):
        (one,) = claim()
        assert one.attempt == 1
        expire()
        assert relay.reclaim(max_attempts=4) == (1, 0)


def test_a_job_that_kills_its_worker_four_times_is_a_dead_letter(waiting: None) -> None:
    outcomes = []
    for _ in range(4):
        assert len(begin(claim())) == 1
        expire()
        outcomes.append(relay.reclaim(max_attempts=4))
    assert outcomes == [(1, 0), (1, 0), (1, 0), (0, 1)]
    assert only().status == "dead"
    assert "died 4 times" in only().last_error
    assert claim() == []


def test_a_failed_attempt_waits_its_delay_and_keeps_the_reason(waiting: None) -> None:
    relay.mark_failed(begin(claim()), error="ValueError: no", delay=60, max_attempts=4)
    assert (only().status, only().last_error) == ("pending", "ValueError: no")
    assert claim() == []
    Pipeline().make_due()
    (one,) = claim()
    assert one.attempt == 2


def test_the_last_attempt_and_a_permanent_error_end_as_dead_letters() -> None:
    happen(key="thing:1")
    happen(key="thing:2")
    relay.fan_out(PLAIN)
    first, second = begin(claim())
    relay.mark_failed([first], error="poison", delay=0, max_attempts=4, permanent=True)
    relay.mark_failed([second], error="again", delay=0, max_attempts=1)
    assert list(OutboxDelivery.objects.values_list("status", flat=True)) == ["dead", "dead"]


def test_a_worker_that_lost_its_delivery_cannot_fail_it(waiting: None) -> None:
    old = begin(claim())
    expire()
    relay.reclaim(max_attempts=4)
    begin(claim())
    relay.mark_failed(old, error="late", delay=0, max_attempts=1)
    assert only().status == "running"


def test_a_retried_dead_letter_has_a_fresh_set_of_attempts(waiting: None) -> None:
    relay.mark_failed(begin(claim()), error="no", delay=0, max_attempts=1)
    assert relay.retry_dead([only().pk]) == 1
    (one,) = claim()
    assert one.attempt == 1


def test_retry_touches_nothing_but_dead_letters(waiting: None) -> None:
    begun = begin(claim())
    assert relay.retry_dead([begun[0].id, 10**9]) == 0
    assert only().status == "running"


def test_a_job_that_no_worker_knows_is_a_dead_letter_with_its_name(waiting: None) -> None:
    (one,) = claim()
    relay.mark_unknown([one.id], error="No job is called 'jobs.pong'.")
    assert (only().status, only().last_error) == ("dead", "No job is called 'jobs.pong'.")


def test_a_job_that_may_be_tried_more_often_outlives_more_dead_workers(waiting: None) -> None:
    outcomes = []
    handler = only().handler
    for _ in range(6):
        assert len(begin(claim())) == 1
        expire()
        outcomes.append(relay.reclaim(max_attempts=4, longer={handler: 6}))
    assert outcomes == [(1, 0)] * 5 + [(0, 1)]
    assert "died 6 times" in only().last_error


def test_a_job_is_not_tried_again_before_its_error_says_so(waiting: None) -> None:
    from workers.base import Job, Run, execute
    from workers.queues import QUEUES

    class AwayError(Exception):
        retry_after = 120.0

    def fail(run: Run) -> None:
        raise AwayError("the mail server is away")

    job = Job("jobs.any", queue="mail", batch=1, function=fail, attempts=QUEUES["mail"].attempts)
    (one,) = claim()
    with mock.patch("workers.base.close_old_connections"):
        execute(job, [(one.id, one.attempt)])
    found = only()
    assert found.status == "pending"
    assert "the mail server is away" in found.last_error
    with connection.cursor() as cursor:
        cursor.execute("SELECT available_at - now() FROM outbox_outboxdelivery")
        assert cursor.fetchone()[0] >= timedelta(seconds=120)
