"""The relay: from committed events to jobs at the broker. `python -m workers.relay --help`."""

from __future__ import annotations

import argparse
import contextlib
import select
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import psycopg2
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from multitask.outbox import relay
from multitask.outbox.emit import CHANNEL
from multitask.settings.logs import get_logger
from workers.app import app
from workers.base import JOBS, MAX_ATTEMPTS
from workers.health import CANARY
from workers.queues import QUEUES
from workers.routes import ROUTES

log = get_logger(__name__)

HEARTBEAT_SECONDS = 5.0
CANARY_SECONDS = 15.0
BUSY_PAUSE_SECONDS = 0.02
BROKER_PAUSE_SECONDS = 1.0
BROKER_ERRORS = (KombuError, RedisError, OSError)
WINDOWS = {name: queue.window for name, queue in QUEUES.items()}


class Relay:
    """One loop: listen, fan out, claim, hand over; sweep up what nobody began or finished in time.

    Several may run at once: rows are claimed with SKIP LOCKED.
    """

    def __init__(self) -> None:
        self.running = True
        self.listener: Any = None
        self.last: dict[str, float] = defaultdict(lambda: float("-inf"))

    def stop(self, *_: Any) -> None:
        self.running = False

    def run(self) -> None:
        """Until stopped. A database that is away is waited for; a broker that is away leaves everything in place."""
        while self.running:
            try:
                moved = self.step()
                self.wait(0.0 if moved else float(settings.OUTBOX_SWEEP_SECONDS))
            except (DatabaseError, InterfaceError, psycopg2.Error) as error:
                log.warning("relay_database_away", error=str(error).strip())
                self._drop_connections()
                time.sleep(BROKER_PAUSE_SECONDS)

    def step(self) -> bool:
        """One round. True where more may be waiting, so that the next follows at once."""
        self._now_and_then("reclaim", 1.0, self._reclaim)
        self._now_and_then("heartbeat", HEARTBEAT_SECONDS, lambda: relay.beat_heart("relay"))
        self._now_and_then("canary", CANARY_SECONDS, self._canaries)
        events = relay.fan_out(ROUTES)
        claimed, full = relay.claim(windows=WINDOWS, sent_lease=settings.OUTBOX_SENT_LEASE_SECONDS)
        if claimed:
            self.hand_over(claimed)
        return bool(events or claimed or full)

    def hand_over(self, claimed: Iterable[relay.Claimed]) -> None:
        """Send jobs to the broker: first attempts in batches, later ones alone, so that a bad one is found out."""
        batches = list(_batches(claimed))
        sent = 0
        try:
            with app.producer_or_acquire() as producer:
                for batch in batches:
                    self._send(batch, producer)
                    sent += 1
        except BROKER_ERRORS as error:
            log.warning("relay_broker_away", error=str(error))
            relay.unclaim([one.id for rest in batches[sent:] for one in rest], delay=BROKER_PAUSE_SECONDS)
            time.sleep(BROKER_PAUSE_SECONDS)

    def _send(self, batch: list[relay.Claimed], producer: Any) -> None:
        first = batch[0]
        if first.handler not in JOBS:
            relay.mark_unknown([one.id for one in batch], error=f"No job is called {first.handler!r}.")
            return
        app.send_task(
            first.handler,
            args=[[[one.id, one.attempt] for one in batch]],
            queue=first.queue,
            producer=producer,
            argsrepr=", ".join(one.key for one in batch[:8])
            + (f" and {len(batch) - 8} more" if len(batch) > 8 else ""),
            retry=False,
            ignore_result=True,
        )

    def _canaries(self) -> None:
        try:
            for name in QUEUES:
                app.send_task(CANARY, args=[name], queue=name, expires=2 * CANARY_SECONDS, retry=False)
        except BROKER_ERRORS as error:
            log.warning("canary_not_sent", error=str(error))

    def _reclaim(self) -> None:
        longer = {name: spec.attempts for name, spec in JOBS.items() if spec.attempts > MAX_ATTEMPTS}
        again, dead = relay.reclaim(max_attempts=MAX_ATTEMPTS, longer=longer)
        if again or dead:
            log.warning("relay_reclaimed", again=again, dead=dead)

    def _now_and_then(self, name: str, seconds: float, action: Any) -> None:
        now = time.monotonic()
        if now - self.last[name] >= seconds:
            self.last[name] = now
            action()

    def wait(self, seconds: float) -> None:
        """Sleep until told of a commit, `seconds` at most; a short pause while the windows are full."""
        if seconds == 0.0:
            time.sleep(BUSY_PAUSE_SECONDS)
            return
        if self.listener is None:
            self.listener = psycopg2.connect(_listen_address())
            self.listener.autocommit = True
            with self.listener.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            return  # something may have been committed before we listened
        with contextlib.suppress(InterruptedError):
            select.select([self.listener], [], [], seconds)
        self.listener.poll()
        self.listener.notifies.clear()

    def _drop_connections(self) -> None:
        if self.listener is not None:
            with contextlib.suppress(psycopg2.Error):
                self.listener.close()
            self.listener = None
        close_old_connections()
        with contextlib.suppress(DatabaseError, InterfaceError):
            connection.close()


def _listen_address() -> str:
    return str(settings.DIRECT_DATABASE_URL or settings.DATABASE_URL)


def _batches(claimed: Iterable[relay.Claimed]) -> Iterable[list[relay.Claimed]]:
    groups: dict[tuple[str, str], list[relay.Claimed]] = defaultdict(list)
    for one in claimed:
        size = JOBS[one.handler].batch if one.handler in JOBS else 1
        if one.attempt > 1 or size == 1:
            yield [one]
            continue
        group = groups[one.handler, one.queue]
        group.append(one)
        if len(group) >= size:
            yield groups.pop((one.handler, one.queue))
    yield from groups.values()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m workers.relay",
        description="Hands committed outbox events to Celery. Several may run; each event is handed over once at a time.",
    )
    parser.parse_args(arguments)
    app.finalize()
    app.loader.import_default_modules()
    loop = Relay()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, loop.stop)
    log.info("relay_started")
    loop.run()
    log.info("relay_stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
