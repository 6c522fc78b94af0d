"""What every job promises, with the real `execute` and jobs that fail on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from multitask.outbox.models import OutboxDelivery, OutboxEvent
from multitask.outbox.tests.helpers import happen, only
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def does() -> Iterator[Callable[..., None]]:
    """Install a job for the topic "ping": `does(function, batch=1)`."""
    from multitask.outbox.relay import Route
    from workers.base import JOBS, Job
    from workers.routes import ROUTES

    def install(function: Callable[[Any], None], *, batch: int = 1) -> None:
        JOBS["jobs.pong"] = Job(name="jobs.pong", queue="default", batch=batch, function=function)
        ROUTES["ping"] = (Route("jobs.pong", "default"),)

    yield install
    JOBS.pop("jobs.pong", None)
    ROUTES.pop("ping", None)


def _effect(run: Any) -> None:
    with run.finish():
        for one in run.deliveries:
            OutboxEvent.objects.create(topic="effect", key=one.key, fanned_out_at="2027-01-01T00:00:00Z")


def test_a_job_and_its_delivery_are_done_together(does: Callable[..., None]) -> None:
    does(_effect)
    happen()
    Pipeline().drain()
    assert only().status == "done"
    assert OutboxEvent.objects.filter(topic="effect").count() == 1


def test_a_job_that_does_not_finish_itself_is_finished(does: Callable[..., None]) -> None:
    does(lambda run: None)
    happen()
    Pipeline().drain()
    assert only().status == "done"


def test_a_failure_inside_the_last_transaction_leaves_no_row(does: Callable[..., None]) -> None:
    def half(run: Any) -> None:
        with run.finish():
            OutboxEvent.objects.create(topic="effect", key="half")
            raise ValueError("no")

    does(half)
    happen()
    Pipeline().drain()
    assert not OutboxEvent.objects.filter(topic="effect").exists()
    assert (only().status, only().attempts) == ("pending", 1)
    assert only().last_error == "ValueError: no"


def test_four_failures_are_a_dead_letter_with_the_reason(does: Callable[..., None]) -> None:
    calls = []

    def fail(run: Any) -> None:
        calls.append(run.one.attempt)
        raise OSError("away")

    does(fail)
    happen()
    pipeline = Pipeline()
    for _ in range(6):
        pipeline.drain()
        pipeline.make_due()
    assert calls == [1, 2, 3, 4]
    assert pipeline.dead() == ["OSError: away"]


def test_waiting_for_what_is_away_is_no_attempt_and_never_a_dead_letter(does: Callable[..., None]) -> None:
    class Away(Exception):
        tried = False

    calls = []

    def wait(run: Any) -> None:
        calls.append(run.one.attempt)
        raise Away("not yet")

    does(wait)
    happen()
    pipeline = Pipeline()
    for _ in range(6):
        pipeline.drain()
        pipeline.make_due()
    assert calls == [1] * 6
    assert pipeline.dead() == []
    assert (only().status, only().attempts, only().coalesce) == ("pending", 0, False)


def test_a_permanent_error_is_a_dead_letter_at_once(does: Callable[..., None]) -> None:
    from workers.base import PermanentError

    def refuse(run: Any) -> None:
        raise PermanentError("There is nothing to be done about it.")

    does(refuse)
    happen()
    pipeline = Pipeline()
    pipeline.drain()
    assert pipeline.dead() == ["There is nothing to be done about it."]
    assert only().attempts == 1


def test_the_time_limit_is_a_failure_like_another(does: Callable[..., None]) -> None:
    def slow(run: Any) -> None:
        raise SoftTimeLimitExceeded

    does(slow)
    happen()
    Pipeline().drain()
    assert (only().status, only().last_error) == ("pending", "Took longer than its time limit.")


@pytest.mark.parametrize("permanent", [False, True])
def test_a_bad_one_in_a_batch_is_found_out_and_the_others_are_done(
    does: Callable[..., None], permanent: bool
) -> None:
    from workers.base import PermanentError

    sizes = []

    def choosy(run: Any) -> None:
        sizes.append(len(run.deliveries))
        if any(one.key == "thing:3" for one in run.deliveries):
            raise PermanentError("poison") if permanent else ValueError("poison")
        _effect(run)

    does(choosy, batch=8)
    for number in range(6):
        happen(key=f"thing:{number}")
    pipeline = Pipeline()
    pipeline.drain()
    assert sizes == [6, 1, 1, 1, 1, 1, 1]  # all together, then each alone and at once
    done = set(OutboxDelivery.objects.filter(status="done").values_list("key", flat=True))
    assert done == {f"thing:{number}" for number in range(6) if number != 3}
    assert OutboxDelivery.objects.get(key="thing:3").status == ("dead" if permanent else "pending")


def test_a_job_whose_delivery_was_taken_over_leaves_nothing(does: Callable[..., None]) -> None:
    def late(run: Any) -> None:
        OutboxDelivery.objects.update(attempts=2)
        _effect(run)

    does(late)
    happen()
    pipeline = Pipeline()
    pipeline.drain()
    assert pipeline.words == ["taken over"]
    assert not OutboxEvent.objects.filter(topic="effect").exists()


def test_a_job_logs_and_emits_under_the_request_that_caused_it(does: Callable[..., None]) -> None:
    from multitask.common import request_id
    from multitask.outbox.emit import emit

    def speak(run: Any) -> None:
        with run.finish():
            emit("schedule.purge", key="x")

    does(speak)
    with request_id.bound("request-98765"), transaction.atomic():
        emit("ping", key="thing:1")
    pipeline = Pipeline()
    pipeline.run(pipeline.claim())
    assert OutboxEvent.objects.get(topic="schedule.purge").request_id == "request-98765"


def test_the_backoff_grows_is_jittered_and_has_a_ceiling() -> None:
    from workers.base import BACKOFF_CAP_SECONDS, backoff

    for attempt in range(1, 15):
        ceiling = min(BACKOFF_CAP_SECONDS, 2.0**attempt)
        samples = [backoff(attempt) for _ in range(50)]
        assert all(ceiling / 4 <= sample <= ceiling for sample in samples)
        assert len(set(samples)) > 1


def test_every_route_names_a_job_and_the_queue_it_runs_on() -> None:
    import workers.jobs.load  # noqa: F401
    from workers.base import JOBS
    from workers.queues import QUEUES
    from workers.routes import ROUTES

    for topic, routes in ROUTES.items():
        for route in routes:
            assert route.handler in JOBS, topic
            assert route.queue == JOBS[route.handler].queue
            assert route.queue in QUEUES


def test_a_lease_outlives_the_time_limit_of_its_queue() -> None:
    from workers.queues import QUEUES

    for queue in QUEUES.values():
        assert queue.soft_limit < queue.hard_limit < queue.lease
