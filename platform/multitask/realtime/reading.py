"""Reading what a client sends: JSON that cannot do harm, at a pace that can be kept up with."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from multitask.common.parsers import storable

CLIENT_ID_LIMIT = 64
FIELD_LIMIT = 60


class NotAFrame(Exception):
    """The text is not a JSON object that can be kept."""


def object_of(text: str) -> dict[str, Any]:
    """The JSON object in a frame. Raises NotAFrame for anything else: NaN, a NUL and half a character too."""
    try:
        body = json.loads(text, parse_constant=_refuse)
        sound = isinstance(body, dict) and storable(body)
    except (ValueError, RecursionError) as error:
        raise NotAFrame from error
    if not sound:
        raise NotAFrame
    found: dict[str, Any] = body
    return found


def client_id_of(body: dict[str, Any]) -> str | None:
    """The client's own name for its frame, to be given back with an error."""
    named = body.get("client_id")
    return named if isinstance(named, str) and len(named) <= CLIENT_ID_LIMIT else None


def first_fault(error: ValidationError) -> str:
    """The name of the first field that is wrong."""
    place = error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]
    return ".".join(str(part) for part in place)[:FIELD_LIMIT]


def _refuse(name: str) -> None:
    raise ValueError(name)


class Pace:
    """A token bucket: `rate` frames a second in the long run, `burst` at once."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, burst, 0.0

    def allows(self, now: float) -> bool:
        """Take one. `now` in seconds, of any clock that does not go back."""
        if self._at:
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
