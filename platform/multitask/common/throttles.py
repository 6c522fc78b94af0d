"""Throttles that hold under concurrency: one atomic counter a window, the client's address from the trusted hop."""

from __future__ import annotations

import time
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import (
    AnonRateThrottle,
    ScopedRateThrottle,
    SimpleRateThrottle,
    UserRateThrottle,
)

from multitask.settings.logs import get_logger

log = get_logger(__name__)

# After a failure the cache is left alone for this long, so that a hung one does not slow every request.
PAUSE_SECONDS = 5.0
_paused_until = [0.0]


class AtomicWindow(SimpleRateThrottle):
    """DRF's throttle reads, appends and writes; two requests at once both pass. This one increments.

    Fixed windows: at most `num_requests` in each `duration` seconds. When the cache is down requests pass: a dead
    cache must not take the marketplace with it (the reverse proxy limits as well).
    """

    num_requests: int | None
    duration: float | None

    def get_rate(self) -> str | None:
        rate = api_settings.DEFAULT_THROTTLE_RATES.get(self.scope) if self.scope else None
        return None if rate is None else str(rate)

    def allow_request(self, request: Request, view: Any) -> bool:
        if self.rate is None:
            return True
        key = self.get_cache_key(request, view)
        if key is None or self.num_requests is None or self.duration is None:
            return True
        if time.monotonic() < _paused_until[0]:
            return True
        now = time.time()
        window = int(now // self.duration)
        self.retry_after = (window + 1) * self.duration - now
        try:
            cache.add(f"{key}:{window}", 0, timeout=int(self.duration) + 5)
            count = cache.incr(f"{key}:{window}")
        except (RedisError, ValueError) as error:
            _paused_until[0] = time.monotonic() + PAUSE_SECONDS
            log.warning("throttle_unavailable", error=str(error))
            return True
        return bool(count <= self.num_requests)

    def wait(self) -> float | None:
        return max(1.0, self.retry_after)


class AnonymousThrottle(AtomicWindow, AnonRateThrottle):
    scope = "anon"


class UserThrottle(AtomicWindow, UserRateThrottle):
    scope = "user"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not request.user or not request.user.is_authenticated:
            return None
        return super().get_cache_key(request, view)


class ScopeThrottle(AtomicWindow, ScopedRateThrottle):
    """Tighter limits for one kind of call: a view names its `throttle_scope`."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.scope = getattr(view, self.scope_attr, None)
        if not self.scope:
            return True
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return AtomicWindow.allow_request(self, request, view)
