"""The outbox drained in this process: what the relay and the workers do, without broker or worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from unittest import mock

from django.db import connection
from django.db.models.functions import Now

from multitask.outbox import relay
from multitask.outbox.models import DeliveryStatus, OutboxDelivery

ROUNDS = 1_000
WINDOW = 10_000


def catch_up() -> None:
    """Make due what is due by the wall clock: in a test's one transaction the database's now() stands still."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_outboxdelivery SET available_at = now()
            WHERE status = 'pending' AND available_at > now() AND available_at <= clock_timestamp()
            """
        )


@contextmanager
def _connection_kept() -> Iterator[None]:
    # A worker begins each job with a fresh connection; the one transaction of a test must not be thrown away so.
    if not connection.in_atomic_block:
        yield
        return
    with mock.patch("workers.base.close_old_connections"):
        yield


class Pipeline:
    """Every event becomes deliveries by the real routes and every delivery runs its real job.

    With `shuffle` the jobs run one by one in an order it decides, as many workers might.
    """

    def __init__(self, *, shuffle: Random | None = None) -> None:
        self.shuffle = shuffle
        self.held: list[relay.Claimed] = []
        self.words: list[str] = []

    def claim(self) -> list[relay.Claimed]:
        """Fan out what waits and claim everything that is due."""
        from workers.queues import QUEUES
        from workers.routes import ROUTES

        while relay.fan_out(ROUTES):
            pass
        catch_up()
        claimed, _ = relay.claim(windows=dict.fromkeys(QUEUES, WINDOW), sent_lease=30)
        return claimed

    def run(self, claimed: list[relay.Claimed]) -> str:
        """Run deliveries of one handler as one call of its job. Returns the job's word for Flower."""
        import workers.jobs.load  # noqa: F401
        from workers import base

        fences = [(one.id, one.attempt) for one in claimed]
        with _connection_kept():
            word = base.execute(base.JOBS[claimed[0].handler], fences)
        self.words.append(word)
        return word

    def drain(self) -> int:
        """Run until nothing is due. Returns how many calls of jobs there were."""
        if self.shuffle is not None:
            number = 0
            while self.step():
                number += 1
            return number
        before = len(self.words)
        while self.held:
            self.run([self.held.pop(0)])
        for _ in range(ROUNDS):
            claimed = self.claim()
            if not claimed:
                return len(self.words) - before
            for batch in self._batches(claimed):
                self.run(batch)
        raise AssertionError("The pipeline does not come to rest.")

    def step(self) -> bool:
        """Run one delivery. False where nothing is due."""
        self.held += self.claim()
        if not self.held:
            return False
        position = self.shuffle.randrange(len(self.held)) if self.shuffle is not None else 0
        self.run([self.held.pop(position)])
        return True

    def make_due(self) -> None:
        """Let what waits for a further attempt be due now."""
        OutboxDelivery.objects.filter(status=DeliveryStatus.PENDING).update(
            available_at=Now() - timedelta(days=1)
        )

    def dead(self) -> list[str]:
        """The errors of the dead letters."""
        return list(
            OutboxDelivery.objects.filter(status=DeliveryStatus.DEAD).values_list("last_error", flat=True)
        )

    def _batches(self, claimed: list[relay.Claimed]) -> list[list[relay.Claimed]]:
        import workers.jobs.load  # noqa: F401
        from workers.base import JOBS

        found: list[list[relay.Claimed]] = []
        open_batch: dict[str, list[relay.Claimed]] = {}
        for one in claimed:
            batch = open_batch.get(one.handler)
            if batch is None or one.attempt > 1 or len(batch) >= JOBS[one.handler].batch:
                batch = []
                found.append(batch)
                if one.attempt == 1:
                    open_batch[one.handler] = batch
            batch.append(one)
        return found
