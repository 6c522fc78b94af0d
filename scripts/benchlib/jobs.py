"""The product's Celery application with jobs that do nothing: what is left is the pipeline itself.

`celery -A benchlib.jobs worker` runs them; the relay that knows them is `python -m benchlib.relay`.
"""

from __future__ import annotations

import time

import workers  # noqa: F401  (before any model: it sets Django up)
from benchlib.bare import DONE, redis_client
from multitask.outbox.relay import Route
from workers.app import app
from workers.base import Run, job
from workers.routes import ROUTES

__all__ = ["BARE", "BATCHED", "QUEUE", "SINGLE", "app"]

QUEUE = "notify"
SINGLE = "bench.single"
BATCHED = "bench.batched"
BARE = "bench.bare"

for _topic in (SINGLE, BATCHED):
    ROUTES[_topic] = (Route(_topic, QUEUE),)


@job(SINGLE, queue=QUEUE)
def single(run: Run) -> None:
    """One delivery a message, the default of a job."""


@job(BATCHED, queue=QUEUE, batch=32)
def batched(run: Run) -> None:
    """As many deliveries a message as the notification jobs take."""


@app.task(name=BARE)
def bare(sent: float) -> None:
    """The same application without the outbox; the Redis list is how its end is seen."""
    redis_client().rpush(DONE, time.time() - sent)
