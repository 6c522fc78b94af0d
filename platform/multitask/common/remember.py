"""Keep an answer for a while, and do without where the cache is down."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

from multitask.settings.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")

# After a failure the cache is left alone for this long, so that a hung one does not slow every request.
PAUSE_SECONDS = 5.0
_paused_until = [0.0]


def key_of(kind: str, *parts: object) -> str:
    """A short key for any parts."""
    return f"{kind}:{hashlib.sha256(repr(parts).encode('utf-8', 'replace')).hexdigest()[:40]}"


def _always(value: object) -> bool:
    return True


def remember(key: str, compute: Callable[[], T], *, seconds: int, worth: Callable[[T], bool] = _always) -> T:
    """What `compute` gave at most `seconds` ago. It must be of JSON's or pickle's plain types, and never None.

    An answer that is not `worth` keeping is computed anew each time.
    """
    if seconds <= 0 or time.monotonic() < _paused_until[0]:
        return compute()
    try:
        found: T | None = cache.get(key)
        if found is not None:
            return found
        value = compute()
        if worth(value):
            cache.set(key, value, timeout=seconds)
    except RedisError as error:
        _paused_until[0] = time.monotonic() + PAUSE_SECONDS
        log.warning("cache_unavailable", error=str(error))
        return compute()
    return value


def recall(key: str) -> Any:
    """What `keep` kept, or None: where nothing was kept, and where the cache is down."""
    if time.monotonic() < _paused_until[0]:
        return None
    try:
        return cache.get(key)
    except RedisError as error:
        _pause(error)
        return None


def keep(key: str, value: object, *, seconds: int) -> None:
    """Keep a value of pickle's plain types for `recall`; not at all where the cache is down."""
    if time.monotonic() < _paused_until[0]:
        return
    try:
        cache.set(key, value, timeout=seconds)
    except RedisError as error:
        _pause(error)


def _pause(error: RedisError) -> None:
    _paused_until[0] = time.monotonic() + PAUSE_SECONDS
    log.warning("cache_unavailable", error=str(error))
