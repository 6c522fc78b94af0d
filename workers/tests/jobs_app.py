"""The product's Celery application with jobs that misbehave, for tests with real workers.

Each effect is a row of `test_effect`, which the test creates; a job that has one effect writes one row.
"""

import os
import signal
import time

from django.db import connection

from multitask.outbox.relay import Route
from workers import routes
from workers.app import app
from workers.base import PermanentError, Run, job

__all__ = ["app"]


def _effect(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO test_effect (key) VALUES (%s)", [key])


@job("test.count", queue="default")
def count(run: Run) -> None:
    with run.finish():
        _effect(run.one.key)


@job("test.push", queue="push")
def push(run: Run) -> None:
    with run.finish():
        _effect(run.one.key)


@job("test.batch", queue="default", batch=10)
def batch(run: Run) -> None:
    with run.finish():
        for delivery in run.deliveries:
            if delivery.payload.get("bad"):
                raise ValueError("this one is bad")
            _effect(delivery.key)


@job("test.poison", queue="default")
def poison(run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO test_effect (key) VALUES (%s)", [run.one.key])
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.refuse", queue="default")
def refuse(run: Run) -> None:
    raise PermanentError("no use trying again")


@job("test.slow", queue="notify")
def slow(run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO test_effect (key) VALUES (%s)", [f"begun {run.one.key}"])
    time.sleep(float(run.one.payload["seconds"]))
    with run.finish():
        _effect(run.one.key)


@job("test.endless", queue="notify")
def endless(run: Run) -> None:
    time.sleep(3600)


for _topic, _queue in (
    ("test.count", "default"),
    ("test.batch", "default"),
    ("test.poison", "default"),
    ("test.refuse", "default"),
    ("test.slow", "notify"),
    ("test.endless", "notify"),
    ("test.push", "push"),
):
    routes.ROUTES[_topic] = (Route(_topic, _queue),)
