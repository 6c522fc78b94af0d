"""An answer that is kept for a while, and what happens where the cache is down."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError

from multitask.common import remember as module
from multitask.common.remember import key_of, remember


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(module, "_paused_until", [0.0])


def test_an_answer_is_computed_once_and_with_zero_seconds_every_time() -> None:
    made: list[int] = []

    def compute() -> int:
        made.append(1)
        return len(made)

    assert [remember("once", compute, seconds=30) for _ in range(3)] == [1, 1, 1]
    assert [remember("never", compute, seconds=0) for _ in range(2)] == [2, 3]


def test_an_answer_not_worth_keeping_is_computed_every_time() -> None:
    numbers = iter([3, 4, 9, 10])

    def next_number() -> int:
        return next(numbers)

    found = [remember("long", next_number, seconds=30, worth=lambda number: number > 5) for _ in range(4)]
    assert found == [3, 4, 9, 9]


def test_without_a_cache_the_answer_is_computed_and_the_cache_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def away(key: str, *_: Any, **__: Any) -> None:
        asked.append(key)
        raise RedisConnectionError("refused")

    monkeypatch.setattr(module.cache, "get", away)
    assert [remember("down", lambda: 7, seconds=30) for _ in range(3)] == [7, 7, 7]
    assert asked == ["down"]


def test_keys_tell_their_parts_apart() -> None:
    assert len({key_of("a", 1, 2), key_of("a", 12), key_of("b", 1, 2), key_of("a", "1", 2)}) == 4
