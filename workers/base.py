"""What every job has in common: begin, do, finish in one transaction, fail with a backoff, give up after a while."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, close_old_connections, transaction

from multitask.common import request_id
from multitask.outbox import relay
from multitask.settings.logs import get_logger
from workers.app import app
from workers.queues import QUEUES

log = get_logger(__name__)

MAX_ATTEMPTS = 4
BACKOFF_BASE_SECONDS = 1.0
BACKOFF_CAP_SECONDS = 300.0


class PermanentError(Exception):
    """Trying again cannot help: a dead letter at once."""


@dataclass(frozen=True, slots=True)
class Job:
    """`function` does the work; `batch` deliveries at most go to one call at their first attempt, later ones alone."""

    name: str
    queue: str
    batch: int
    function: Callable[[Run], None]
    attempts: int = MAX_ATTEMPTS


JOBS: dict[str, Job] = {}


class Run:
    """One call of a job: the deliveries it has begun."""

    def __init__(self, deliveries: Sequence[relay.Begun]) -> None:
        self.deliveries = list(deliveries)
        self.finished = False

    @property
    def one(self) -> relay.Begun:
        """The only delivery of a job that takes no batches."""
        (delivery,) = self.deliveries
        return delivery

    def payloads(self, name: str) -> list[int]:
        """`name` of every payload, without repeats, in order."""
        return list(dict.fromkeys(int(delivery.payload[name]) for delivery in self.deliveries))

    @contextmanager
    def finish(self) -> Iterator[None]:
        """The transaction in which the job's rows are written and its deliveries are done, both or neither."""
        with transaction.atomic():
            yield
            relay.mark_done(self.deliveries)
        self.finished = True


def backoff(attempt: int) -> float:
    """Seconds before the next attempt: exponential with full jitter (Brooker, AWS Architecture Blog, 2015)."""
    ceiling = min(BACKOFF_CAP_SECONDS, BACKOFF_BASE_SECONDS * 2**attempt)
    return random.uniform(ceiling / 4, ceiling)  # noqa: S311  (spreads load; no secret)


def mail_key(run: Run) -> str:
    """The name of the one mail that the run's only delivery asks for: the same however often it is tried."""
    return f"{run.one.topic}:{run.one.id}"


def job(
    name: str, *, queue: str, batch: int = 1, attempts: int | None = None
) -> Callable[[Callable[[Run], None]], Callable[[Run], None]]:
    """Make a function the handler `name`, run by workers of `queue`, given up after `attempts` failures (the queue's).

    An error with `retry_after` (seconds) is not tried again before that; one whose `tried` is False does not count, as
    nothing was tried yet.
    """

    def decorate(function: Callable[[Run], None]) -> Callable[[Run], None]:
        limits = QUEUES[queue]
        spec = Job(
            name=name, queue=queue, batch=batch, function=function, attempts=attempts or limits.attempts
        )
        JOBS[name] = spec

        @app.task(name=name, soft_time_limit=limits.soft_limit, time_limit=limits.hard_limit)
        def carry(fences: list[list[int]]) -> str:
            return execute(spec, [(int(one[0]), int(one[1])) for one in fences])

        return function

    return decorate


def execute(spec: Job, fences: Sequence[tuple[int, int]]) -> str:
    """Run `spec` for the (delivery, attempt) pairs that are still this worker's. Returns a word for Flower."""
    close_old_connections()
    try:
        begun = relay.begin(fences, lease=QUEUES[spec.queue].lease)
    except (DatabaseError, InterfaceError) as error:
        log.warning("job_not_begun", job=spec.name, error=str(error))
        return "database away: sent again later"
    if not begun:
        return "already done, or taken over"
    with request_id.bound(begun[0].request_id, job=spec.name, keys=[one.key for one in begun][:5]):
        return _run(spec, begun)


def _run(spec: Job, begun: list[relay.Begun]) -> str:
    run = Run(begun)
    try:
        spec.function(run)
        if not run.finished:
            with run.finish():
                pass
    except relay.Superseded as error:
        log.info("job_superseded", reason=str(error))
        return "taken over"
    except SoftTimeLimitExceeded:
        return _failed(spec, begun, "Took longer than its time limit.")
    except PermanentError as error:
        return _failed(spec, begun, str(error), permanent=True)
    except Exception as error:
        log.warning("job_failed", attempt=begun[0].attempt, exc_info=True)
        wait = float(getattr(error, "retry_after", None) or 0)
        tried = bool(getattr(error, "tried", True))
        return _failed(spec, begun, f"{type(error).__name__}: {error}", wait=wait, counted=tried)
    log.debug("job_done", number=len(begun))
    return "done"


def _failed(
    spec: Job,
    begun: Sequence[relay.Begun],
    error: str,
    *,
    permanent: bool = False,
    wait: float = 0.0,
    counted: bool = True,
) -> str:
    # One of a batch may be to blame for all: each is tried again alone, at once.
    delay = 0.0 if len(begun) > 1 else max(wait, backoff(begun[0].attempt))
    permanent = permanent and len(begun) == 1
    try:
        close_old_connections()
        relay.mark_failed(
            begun,
            error=error,
            delay=delay,
            max_attempts=spec.attempts,
            permanent=permanent,
            counted=counted,
        )
    except (DatabaseError, InterfaceError) as away:
        log.warning("job_failure_not_noted", job=spec.name, error=str(away))
    return f"failed: {error[:100]}"


def give_up_unknown(*, name: str, message: Any) -> None:
    """A message for a job this worker does not know becomes a dead letter with the reason."""
    try:
        body = message.payload if message is not None else None
        loaded: Any = json.loads(body) if isinstance(body, str) else body
        fences = loaded[0][0]
        ids = [int(one[0]) for one in fences]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        log.exception("unknown_message_dropped", name=name)
        return
    relay.mark_unknown(ids, error=f"No worker knows the job {name!r}.")
