"""The queues, and what each allows. Limits are in seconds.

`attempts` is how often a job of the queue is tried before it is a dead letter, unless the job says otherwise. `lease` outlives the hard limit, so that a job that is still allowed to run is never run a second time beside itself;
and it is short, because it is how long the work of a killed worker waits. The worker of `chat` waits in threads, which
Celery cannot end: its limits are those of the call itself, and the lease. `window` is how many deliveries of a queue
the broker may hold unfinished: the rest wait in PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    soft_limit: int
    hard_limit: int
    window: int
    attempts: int = 4

    @property
    def lease(self) -> int:
        return self.hard_limit + 5


QUEUES: dict[str, Queue] = {
    queue.name: queue
    for queue in (
        Queue("interactive", soft_limit=3, hard_limit=5, window=50),
        Queue("embed", soft_limit=20, hard_limit=25, window=96),
        Queue("recommend", soft_limit=20, hard_limit=25, window=200),
        Queue("notify", soft_limit=10, hard_limit=15, window=200),
        # With the usual backoff 30 attempts wait for a mail server for more than an hour.
        Queue("mail", soft_limit=30, hard_limit=40, window=50, attempts=30),
        Queue("push", soft_limit=20, hard_limit=25, window=100),
        Queue("chat", soft_limit=25, hard_limit=30, window=50),
        Queue("default", soft_limit=100, hard_limit=110, window=50),
    )
}
