"""Celery as it comes: an application of its own with every setting at its default, on the same broker."""

from __future__ import annotations

import os
import time
from functools import cache

import redis
from celery import Celery

DONE = "bench:done"
QUEUE = "bench-bare"
NAME = "bench.bare_default"

app = Celery("bench", broker=os.environ["REDIS_URL"])
app.conf.update(task_default_queue=QUEUE, task_ignore_result=True, worker_hijack_root_logger=False)


@cache
def redis_client() -> redis.Redis:
    return redis.Redis.from_url(os.environ["REDIS_URL"])


@app.task(name=NAME)
def empty(sent: float) -> None:
    """Nothing, but for the mark by which its end is seen: the seconds since it was sent."""
    redis_client().rpush(DONE, time.time() - sent)
