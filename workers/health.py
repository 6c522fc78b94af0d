"""Health of the queues: a canary job each, whose time lands in the database.

A worker can answer a ping and consume nothing; only a job that ran proves that jobs run.
"""

from __future__ import annotations

from django.db import close_old_connections

from multitask.outbox.relay import beat_heart
from workers.app import app

CANARY = "health.canary"


@app.task(name=CANARY, soft_time_limit=5, time_limit=10)
def canary(queue: str) -> None:
    close_old_connections()
    beat_heart(f"queue:{queue}")
