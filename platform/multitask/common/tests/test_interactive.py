"""Asking a worker while a request waits: an answer in time, or none and no waiting."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings

from multitask.common import interactive


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    _redis().delete(f"{django_settings.REDIS_PREFIX}{interactive.QUEUE}")
    interactive.forget()
    yield
    interactive.forget()
    _redis().delete(f"{django_settings.REDIS_PREFIX}{interactive.QUEUE}")


def _redis() -> Any:
    return redis.Redis.from_url(django_settings.BROKER_URL)


def _answering(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> threading.Thread:
    """A worker for one message: takes it from the queue and leaves its result where Celery does."""

    def work() -> None:
        client = _redis()
        taken = client.blpop([f"{django_settings.REDIS_PREFIX}{interactive.QUEUE}"], timeout=5)
        message = json.loads(taken[1])
        identifier = message["headers"]["id"]
        client.set(
            f"{django_settings.REDIS_PREFIX}celery-task-meta-{identifier}", json.dumps(answer(message)), ex=10
        )

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_an_answer_within_the_budget_is_given() -> None:
    worker = _answering(
        lambda message: {"status": "SUCCESS", "result": {"job": message["headers"]["task"], "vector": [1.0]}}
    )
    assert interactive.ask("vectors.encode_query", "شعار", budget=3) == {
        "job": "vectors.encode_query",
        "vector": [1.0],
    }
    worker.join()


@pytest.mark.parametrize(
    "answer",
    [{"status": "FAILURE", "result": {"exc_type": "ValueError"}}, {"status": "SUCCESS", "result": 3}],
)
def test_a_job_that_failed_is_no_answer(answer: dict[str, Any]) -> None:
    worker = _answering(lambda message: answer)
    with pytest.raises(interactive.NoAnswer):
        interactive.ask("vectors.encode_query", "logo", budget=3)
    worker.join()


def test_nobody_is_waited_for_beyond_the_budget_and_the_question_lapses() -> None:
    begin = time.monotonic()
    with pytest.raises(interactive.NoAnswer):
        interactive.ask("vectors.encode_query", "logo", budget=0.15)
    assert 0.14 <= time.monotonic() - begin < 0.5
    (message,) = _redis().lrange(f"{django_settings.REDIS_PREFIX}{interactive.QUEUE}", 0, -1)
    assert json.loads(message)["headers"]["expires"]


def test_a_broker_that_is_away_is_noticed_at_once(settings: Any) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    begin = time.monotonic()
    with pytest.raises(interactive.NoAnswer):
        interactive.ask("vectors.encode_query", "logo", budget=5)
    assert time.monotonic() - begin < 1
