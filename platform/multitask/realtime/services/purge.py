"""Forgetting old events: who is further behind fetches the state anew."""

from __future__ import annotations

from django.db import connection, transaction

PART = 5_000


@transaction.atomic
def events_purge(*, keep_days: int, part: int = PART) -> int:
    """Delete up to `part` events older than `keep_days`, in a transaction of its own; returns how many went.

    What is left of a stream stays without holes: everything up to a number goes, and its cursor says so. Cursors that
    somebody writes behind are left for the next call, so that nobody waits for this one. To be called until it
    returns 0.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH old AS (
                SELECT user_id, stream, seq FROM realtime_userevent
                WHERE created_at < now() - %s * interval '1 day' ORDER BY created_at LIMIT %s),
            reached AS (SELECT user_id, stream, max(seq) AS seq FROM old GROUP BY user_id, stream),
            held AS (
                SELECT c.id, c.user_id, c.stream, r.seq FROM realtime_eventcursor c
                JOIN reached r ON r.user_id = c.user_id AND r.stream = c.stream
                ORDER BY c.user_id, c.stream FOR UPDATE OF c SKIP LOCKED),
            raised AS (
                UPDATE realtime_eventcursor c SET kept_after = greatest(c.kept_after, held.seq)
                FROM held WHERE c.id = held.id)
            DELETE FROM realtime_userevent e USING held
            WHERE e.user_id = held.user_id AND e.stream = held.stream AND e.seq <= held.seq
            """,
            [keep_days, part],
        )
        return int(cursor.rowcount)
