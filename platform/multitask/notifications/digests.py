"""What a digest is made of: for whom and since when, and what each app has found for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

# In the order of the mail.
SECTIONS = ("matches", "messages", "applications", "deadlines")
ROWS = 5
# A deadline is told of once, in the digest whose span reaches it this long before.
AHEAD = timedelta(days=7)
# Rows carry the time they were written, not that of their commit: what is younger may still have an elder to come,
# and waits for the next digest.
SETTLED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Span:
    """What is new for one user: later than `since`, not later than `until`."""

    user_id: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One section of one user's digest: the first `ROWS` rows of `number`."""

    number: int
    rows: tuple[Mapping[str, Any], ...]


Parts = Mapping[int, Part]


def columns(spans: Sequence[Span]) -> tuple[list[int], list[datetime], list[datetime]]:
    """The spans as arrays for `unnest`: users, since, until."""
    return [one.user_id for one in spans], [one.since for one in spans], [one.until for one in spans]


def gather(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[int, Part]:
    """Rows of (user, number of all, *values of `names`), in order, as each user's part."""
    numbers: dict[int, int] = {}
    found: dict[int, list[Mapping[str, Any]]] = {}
    for user_id, number, *values in rows:
        numbers[user_id] = int(number)
        found.setdefault(user_id, []).append(dict(zip(names, values, strict=True)))
    return {user_id: Part(numbers[user_id], tuple(kept)) for user_id, kept in found.items()}
