"""The id that ties a request's log lines, its events and the jobs they cause together."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

HEADER = "X-Request-ID"
_SANE = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


def sane(candidate: str | None) -> str:
    """`candidate` where it is 8 to 64 harmless characters, a new id otherwise."""
    return candidate if candidate and _SANE.match(candidate) else uuid.uuid4().hex


def current() -> str:
    """The id bound to this request or job; "" outside any."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


@contextmanager
def bound(request_id: str, **extra: object) -> Iterator[None]:
    """Bind `request_id` (and `extra`) to every log line written inside."""
    with structlog.contextvars.bound_contextvars(request_id=request_id, **extra):
        yield
