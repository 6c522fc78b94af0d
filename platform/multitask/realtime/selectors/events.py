"""Reading the log of live events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from multitask.realtime.models import EventCursor

# Events read for one socket at once, and for all together.
EVENTS_A_SOCKET = 200
EVENTS_AT_ONCE = 4_000

Position = tuple[int, str, int]
"""(user id, stream, number of the last event that was sent)."""


@dataclass(slots=True)
class News:
    """What a stream holds behind a position. `events` are (seq, body), in order; they may be the first part only."""

    last_seq: int
    kept_after: int
    events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def cursor_of(user_id: int, stream: str) -> tuple[int, int]:
    """(number of the newest event, number up to which events are gone) of a user's stream. One query."""
    row = (
        EventCursor.objects.filter(user_id=user_id, stream=stream)
        .values_list("last_seq", "kept_after")
        .first()
    )
    return row or (0, 0)


def news_behind(positions: Iterable[Position]) -> tuple[dict[Position, News], bool]:
    """({position: what is new there}, whether some positions were cut off). One query; no news, no entry.

    A stream whose newest number is below the position is news without events: its log is another one.
    """
    asked: Sequence[Position] = sorted(set(positions))
    if not asked:
        return {}, False
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.user_id, asked.stream, asked.after, kept.last_seq, kept.kept_after, event.seq, event.body::text
            FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS asked (user_id, stream, after)
            JOIN realtime_eventcursor kept
              ON kept.user_id = asked.user_id AND kept.stream = asked.stream AND kept.last_seq <> asked.after
            LEFT JOIN LATERAL (
                SELECT e.seq, e.body FROM realtime_userevent e
                WHERE e.user_id = asked.user_id AND e.stream = asked.stream AND e.seq > asked.after
                ORDER BY e.seq LIMIT %s) event ON true
            ORDER BY asked.user_id, asked.stream, asked.after, event.seq
            LIMIT %s
            """,
            [*([one[place] for one in asked] for place in range(3)), EVENTS_A_SOCKET, EVENTS_AT_ONCE],
        )
        rows = cursor.fetchall()
    found: dict[Position, News] = {}
    for user_id, stream, after, last_seq, kept_after, seq, body in rows:
        news = found.setdefault((user_id, stream, after), News(last_seq, kept_after))
        if seq is not None:
            news.events.append((seq, json.loads(body)))
    return found, len(rows) >= EVENTS_AT_ONCE
