"""When people were last there, kept where a restart of Redis does not reach."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection


def users_seen(user_ids: Collection[int]) -> None:
    """Note that these users were there just now; users that are gone are left out."""
    with connection.cursor() as cursor:
        # In the order of ids, so that two processes lock the same rows in the same order.
        cursor.execute(
            """
            INSERT INTO realtime_presence (user_id, seen_at)
            SELECT u.id, now() FROM accounts_user u WHERE u.id = ANY(%s) ORDER BY u.id
            ON CONFLICT (user_id) DO UPDATE SET seen_at = greatest(realtime_presence.seen_at, EXCLUDED.seen_at)
            """,
            [sorted(user_ids)],
        )
