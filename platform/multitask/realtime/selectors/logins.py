"""Which logins still live: what opened a socket may end while it is open."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

Login = tuple[int, int, int]
"""(user id, family of the login, epoch of its tokens)."""


def logins_alive(logins: Collection[Login]) -> set[Login]:
    """Those whose family has not ended, and whose user is active and still of that epoch. One query."""
    asked = sorted(logins)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.user_id, asked.family, asked.epoch
            FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS asked (user_id, family, epoch)
            JOIN accounts_user u ON u.id = asked.user_id AND u.is_active AND u.token_epoch = asked.epoch
            JOIN accounts_tokenfamily f ON f.id = asked.family AND f.user_id = asked.user_id AND f.ended_at IS NULL
            """,
            [[one[place] for one in asked] for place in range(3)],
        )
        return {(int(user), int(family), int(epoch)) for user, family, epoch in cursor.fetchall()}
