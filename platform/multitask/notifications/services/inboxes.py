"""The lock under which a user's notifications change."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection


def inboxes_lock(user_ids: Iterable[int]) -> None:
    """Lock the inboxes of these users, by user id, until the transaction ends.

    Whoever writes, joins or marks notifications holds it, so that the unread count told with an event is exact and the
    order of events is the order of changes. It comes after conversations and their participants, and before
    notifications, deliveries and cursors. Users that are gone have none.
    """
    ids = sorted(set(user_ids))
    if not ids:
        return
    with connection.cursor() as cursor:
        # Inserted in the order of the subquery, so that two transactions lock the same rows in the same order.
        cursor.execute(
            """
            INSERT INTO notifications_inbox (user_id)
            SELECT u.id FROM accounts_user u WHERE u.id = ANY(%s) AND u.is_active ORDER BY u.id
            ON CONFLICT (user_id) DO UPDATE SET changed_at = now()
            """,
            [ids],
        )
