"""Write down what happened, in the transaction of what it tells of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from multitask.common import request_id

CHANNEL = "multitask_outbox"


@dataclass(frozen=True, slots=True)
class Event:
    """`topic` e.g. task.created; `key` e.g. task:12; `payload` ids and versions; `dedupe_key` makes it happen once.

    No job begins before `not_before`. Where the handler coalesces, the soonest of the waiting events says when.
    """

    topic: str
    key: str
    payload: dict[str, Any] = field(default_factory=dict)
    dedupe_key: str | None = None
    not_before: datetime | None = None


def emit(
    topic: str, *, key: str, dedupe_key: str | None = None, not_before: datetime | None = None, **payload: Any
) -> None:
    """Write one event. Raises RuntimeError outside a transaction: the promise is that both are kept or neither."""
    emit_many([Event(topic, key, payload, dedupe_key, not_before)])


def emit_many(events: Sequence[Event]) -> None:
    """Write events and wake the relay when (and only if) the transaction commits."""
    if not events:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            "An event is written in the transaction of what it tells of: wrap the call in atomic()."
        )
    current = request_id.current()
    # NOTIFY is delivered at commit and never on rollback; it needs no broker, so a dead Redis cannot slow a request.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH kept AS (
                INSERT INTO outbox_outboxevent (topic, key, payload, dedupe_key, request_id, not_before)
                SELECT topic, key, payload::jsonb, dedupe_key, %s, not_before
                FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
                    AS given (topic, key, payload, dedupe_key, not_before)
                ON CONFLICT (dedupe_key) DO NOTHING)
            SELECT pg_notify(%s, '')
            """,
            [
                current,
                [event.topic for event in events],
                [event.key for event in events],
                [json.dumps(event.payload) for event in events],
                [event.dedupe_key for event in events],
                [event.not_before for event in events],
                CHANNEL,
            ],
        )
