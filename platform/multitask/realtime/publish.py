"""Tell users' sockets: write the event to their log in the transaction of what it tells of.

`NOTIFY` wakes the web processes at commit, and never on rollback; no broker is spoken to.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from multitask.realtime.events import Event

CHANNEL = "multitask_realtime"
# A NOTIFY carries at most 8,000 bytes.
WOKEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event for one user."""

    user_id: int
    event: Event


def publish(outgoing: Sequence[Outgoing]) -> None:
    """Append events to their users' streams, in this order, at the end of a transaction.

    Numbers are taken under a lock on each user's cursor, held to the commit, so that the order of numbers is the
    order of commits. Call it once in a transaction, as its last step: cursors are locked in the order of user ids,
    after every other lock (docs/architecture.md). Raises RuntimeError outside a transaction.
    """
    if not outgoing:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            "An event is written in the transaction of what it tells of: wrap the call in atomic()."
        )
    numbers: dict[tuple[int, str], int] = defaultdict(int)
    rows = []
    for one in outgoing:
        key = (one.user_id, one.event.stream.value)
        numbers[key] += 1
        rows.append((*key, numbers[key], one.event.type, one.event.model_dump_json()))
    keys = sorted(numbers)
    with connection.cursor() as cursor:
        # One statement, for one journey to the server while the cursors are locked. Ordered by the subquery, so that
        # two transactions lock the same cursors in the same order.
        cursor.execute(
            """
            WITH reserved AS (
                INSERT INTO realtime_eventcursor AS kept (user_id, stream, last_seq)
                SELECT given.user_id, given.stream, given.number
                FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS given (user_id, stream, number)
                JOIN accounts_user u ON u.id = given.user_id
                ORDER BY given.user_id, given.stream
                ON CONFLICT (user_id, stream) DO UPDATE SET last_seq = kept.last_seq + EXCLUDED.last_seq
                RETURNING user_id, stream, last_seq),
            given AS (
                SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
                    AS row (user_id, stream, place, number, type, body)),
            written AS (
                INSERT INTO realtime_userevent (user_id, stream, seq, type, body)
                SELECT given.user_id, given.stream, reserved.last_seq - given.number + given.place, given.type,
                    given.body::jsonb
                FROM given JOIN reserved ON reserved.user_id = given.user_id AND reserved.stream = given.stream)
            SELECT pg_notify(%s, part) FROM unnest(%s::text[]) AS part
            """,
            [
                [key[0] for key in keys],
                [key[1] for key in keys],
                [numbers[key] for key in keys],
                [row[0] for row in rows],
                [row[1] for row in rows],
                [row[2] for row in rows],
                [numbers[row[0], row[1]] for row in rows],
                [row[3] for row in rows],
                [row[4] for row in rows],
                CHANNEL,
                _parts(sorted({user_id for user_id, _ in keys})),
            ],
        )


def _parts(user_ids: Sequence[int]) -> list[str]:
    """Whom to wake, as payloads of NOTIFY."""
    return [
        json.dumps({"users": user_ids[start : start + WOKEN_AT_ONCE]}, separators=(",", ":"))
        for start in range(0, len(user_ids), WOKEN_AT_ONCE)
    ]
