"""Ask a worker something while a request waits: sent by name to the queue `interactive`, answered within a budget.

The platform knows no worker. What must happen goes through the outbox; what is asked here is only asked, and is gone
where nobody answers in time.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from kombu import Connection, Queue
from kombu.exceptions import OperationalError

QUEUE = "interactive"
CONNECT_SECONDS = 0.1
ANSWER_SECONDS = 0.2
STEP_SECONDS = 0.004
# Neither library's connections may be used by two threads at once.
_of_thread = threading.local()


class NoAnswer(Exception):
    """Nobody answered in time, or nobody could be asked."""


def ask(job: str, *arguments: Any, budget: float) -> dict[str, Any]:
    """What the job `job` returned, within `budget` seconds. Raises NoAnswer."""
    end = time.monotonic() + budget
    identifier = str(uuid.uuid4())
    try:
        _send(job, identifier, arguments, expires=max(1.0, budget))
        answers = _answers()
        key = f"{settings.REDIS_PREFIX}celery-task-meta-{identifier}"
        while time.monotonic() < end:
            found = answers.get(key)
            if found is not None:
                return _result(found)
            time.sleep(STEP_SECONDS)
    except (OperationalError, redis.RedisError, OSError) as error:
        forget()
        raise NoAnswer(str(error)) from error
    raise NoAnswer(f"{job}: no answer in {budget:.3f} s")


def _result(raw: Any) -> dict[str, Any]:
    try:
        answer = json.loads(raw)
    except ValueError as error:
        raise NoAnswer("The answer cannot be read.") from error
    result = answer.get("result")
    if answer.get("status") != "SUCCESS" or not isinstance(result, dict):
        raise NoAnswer(f"The job ended as {answer.get('status')}: {str(result)[:200]}")
    return result


def _send(job: str, identifier: str, arguments: tuple[Any, ...], *, expires: float) -> None:
    """One message in Celery's protocol 2, which a busy worker throws away once nobody waits for it any more."""
    connection = _broker()
    with connection.Producer(serializer="json") as producer:
        producer.publish(
            [list(arguments), {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}],
            exchange="",
            routing_key=QUEUE,
            declare=[Queue(QUEUE)],
            correlation_id=identifier,
            retry=False,
            headers={
                "lang": "py",
                "task": job,
                "id": identifier,
                "root_id": identifier,
                "parent_id": None,
                "group": None,
                "retries": 0,
                "expires": _moment(expires),
                "argsrepr": "…",
                "kwargsrepr": "{}",
                "ignore_result": False,
            },
        )


def _moment(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def _connections() -> dict[str, Any]:
    if not hasattr(_of_thread, "connections"):
        _of_thread.connections = {}
    found: dict[str, Any] = _of_thread.connections
    return found


def _broker() -> Any:
    connections = _connections()
    if "broker" not in connections:
        connections["broker"] = Connection(
            settings.BROKER_URL,
            connect_timeout=CONNECT_SECONDS,
            transport_options={
                "global_keyprefix": settings.REDIS_PREFIX,
                "socket_timeout": ANSWER_SECONDS,
                "socket_connect_timeout": CONNECT_SECONDS,
                "max_retries": 0,
            },
        )
    return connections["broker"]


def _answers() -> Any:
    connections = _connections()
    if "answers" not in connections:
        connections["answers"] = redis.Redis.from_url(
            settings.BROKER_URL, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=CONNECT_SECONDS
        )
    return connections["answers"]


def forget() -> None:
    """Close this thread's connections; the next question makes new ones."""
    connections = _connections()
    for one in list(connections.values()):
        with contextlib.suppress(Exception):
            (one.release if hasattr(one, "release") else one.close)()
    connections.clear()
