"""The outbox pipeline against bare Celery: the same broker, worker concurrency, machine and minute."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from typing import Any

import redis
from django.db import connection, transaction
from rich.progress import Progress

from benchlib import bare, jobs
from benchlib.numbers import seconds_summary
from benchlib.services import Services, wait_for
from multitask.devstack.programs import Program
from multitask.devstack.supervisor import Supervisor
from multitask.outbox.emit import Event, emit_many
from workers.app import app

CONCURRENCY = 2
POLL_SECONDS = 0.02
PATIENCE_SECONDS = 180.0
PACE = 20.0

_numbers = itertools.count()


def run(services: Services, progress: Progress, *, events: int, rounds: int, paced: int) -> dict[str, Any]:
    """Throughput (events/s, median of `rounds`, interleaved) and latency (`paced` events at 20/s) of five ways.

    Throughput runs from the first emit or publish to the last one done; latency from commit (outbox) or publish
    (bare) to done.
    """
    with services.programs(_programs()) as supervisor:
        client = bare.redis_client()
        _ready(supervisor, client)
        ways: dict[str, Callable[[int], float]] = {
            "bare_defaults": lambda number: _bare(client, number, _send_default),
            "bare_same_settings": lambda number: _bare(client, number, _send_same),
            "outbox_batch_1": lambda number: _outbox(jobs.SINGLE, number, at_once=1),
            "outbox_batch_32": lambda number: _outbox(jobs.BATCHED, number, at_once=1),
            "outbox_batch_1_one_commit": lambda number: _outbox(jobs.SINGLE, number, at_once=events),
            "outbox_batch_32_one_commit": lambda number: _outbox(jobs.BATCHED, number, at_once=events),
        }
        job = progress.add_task("pipeline: throughput", total=rounds * len(ways))
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for way in ways.values():
            way(max(20, events // 20))
        for _ in range(rounds):
            for name, way in ways.items():
                rates[name].append(events / way(events))
                progress.advance(job)
        job = progress.add_task("pipeline: latency", total=4)
        latency = {}
        for name, send in (("bare_defaults", _send_default), ("bare_same_settings", _send_same)):
            latency[name] = seconds_summary(_bare_latency(client, paced, send))
            progress.advance(job)
        for name, topic in (("outbox_batch_1", jobs.SINGLE), ("outbox_batch_32", jobs.BATCHED)):
            latency[name] = seconds_summary(_outbox_latency(topic, paced))
            progress.advance(job)
    return {
        "events": events,
        "rounds": rounds,
        "worker_processes": CONCURRENCY,
        "events_per_second": {name: round(statistics.median(found), 1) for name, found in rates.items()},
        "events_per_second_rounds": {name: [round(one, 1) for one in found] for name, found in rates.items()},
        "commit_to_done_ms": latency,
        "paced_per_second": PACE,
        "note": (
            "bare_defaults: Celery with every setting at its default; bare_same_settings: the product's application "
            "(late acknowledgement, prefetch 1, events on) without the outbox. Both run a task that only notes its "
            "end in Redis. outbox: one transaction an event, or all events in one commit where it says so."
        ),
    }


def _programs() -> list[Program]:
    import sys

    def worker(name: str, application: str, queue: str) -> Program:
        argv = (
            sys.executable,
            "-m",
            "celery",
            "-A",
            application,
            "worker",
            "--without-mingle",
            "--without-gossip",
        )
        more = ("--loglevel", "WARNING", "-n", f"{name}@%h", "-Q", queue, "-c", str(CONCURRENCY))
        return Program(name, (*argv, *more), stage=1, patience=10)

    return [
        Program("relay", (sys.executable, "-m", "benchlib.relay"), stage=0),
        worker("outbox", "benchlib.jobs", jobs.QUEUE),
        worker("bare", "benchlib.bare", bare.QUEUE),
    ]


def _ready(supervisor: Supervisor, client: redis.Redis) -> None:
    app.finalize()
    client.delete(bare.DONE)
    for _ in range(4 * CONCURRENCY):
        _send_default()
        _send_same()
    _emit(jobs.SINGLE, 4 * CONCURRENCY, at_once=4)
    wait_for(
        lambda: client.llen(bare.DONE) == 8 * CONCURRENCY and _finished(),
        what="The first job of every worker",
        supervisor=supervisor,
    )


def _send_default() -> None:
    bare.app.send_task(bare.NAME, args=[time.time()], queue=bare.QUEUE, retry=False, ignore_result=True)


def _send_same() -> None:
    app.send_task(jobs.BARE, args=[time.time()], queue=jobs.QUEUE, retry=False, ignore_result=True)


def _bare(client: redis.Redis, number: int, send: Callable[[], None]) -> float:
    """Seconds from the first publish to the last task done."""
    client.delete(bare.DONE)
    begin = time.monotonic()
    for _ in range(number):
        send()
    _until(lambda: client.llen(bare.DONE) >= number, what="The bare tasks")
    return time.monotonic() - begin


def _bare_latency(client: redis.Redis, number: int, send: Callable[[], None]) -> list[float]:
    client.delete(bare.DONE)
    for _ in _paced(number):
        send()
    _until(lambda: client.llen(bare.DONE) >= number, what="The bare tasks")
    return [float(value) for value in client.lrange(bare.DONE, 0, -1)]


def _emit(topic: str, number: int, *, at_once: int) -> list[str]:
    keys = [f"bench:{next(_numbers)}" for _ in range(number)]
    for first in range(0, number, at_once):
        with transaction.atomic():
            emit_many([Event(topic, key, {"n": 1}) for key in keys[first : first + at_once]])
    return keys


def _outbox(topic: str, number: int, *, at_once: int) -> float:
    """Seconds from the first emit to the last delivery done."""
    begin = time.monotonic()
    _emit(topic, number, at_once=at_once)
    _until(_finished, what="The outbox")
    return time.monotonic() - begin


def _outbox_latency(topic: str, number: int) -> list[float]:
    """Seconds from the commit, by this process's clock, to `done_at`, by the database's: one machine, one clock."""
    committed = {}
    for _ in _paced(number):
        (key,) = _emit(topic, 1, at_once=1)
        committed[key] = time.time()
    _until(_finished, what="The outbox")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, extract(epoch FROM done_at) FROM outbox_outboxdelivery WHERE key = ANY(%s)",
            [list(committed)],
        )
        return [max(0.0, float(done) - committed[key]) for key, done in cursor.fetchall()]


def _finished() -> bool:
    """Whether nothing waits: answered by the two partial indexes, so that asking costs next to nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT NOT EXISTS (SELECT 1 FROM outbox_outboxevent WHERE fanned_out_at IS NULL)
               AND NOT EXISTS (SELECT 1 FROM outbox_outboxdelivery
                               WHERE handler = ANY(%s) AND status NOT IN ('done', 'dead'))
            """,
            [[jobs.SINGLE, jobs.BATCHED]],
        )
        return bool(cursor.fetchone()[0])


def _paced(number: int) -> Any:
    begin = time.monotonic()
    for place in range(number):
        time.sleep(max(0.0, begin + place / PACE - time.monotonic()))
        yield place


def _until(condition: Callable[[], bool], *, what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not end in {PATIENCE_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)
