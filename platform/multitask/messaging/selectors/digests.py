"""Unread conversations, for many users at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from multitask.notifications.digests import ROWS, Part, Span, columns, gather


def messages_unread(spans: Sequence[Span]) -> dict[int, Part]:
    """{user: conversations with messages of the span that they have not read}, the newest first. One query.

    Rows are {"conversation", "name", "unread"}; `unread` counts the span's messages, system lines not among them.
    """
    if not spans:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT user_id, number, conversation_id, name, unread FROM (
                SELECT unread.*, coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username) AS name,
                    count(*) OVER (PARTITION BY unread.user_id) AS number,
                    row_number() OVER (PARTITION BY unread.user_id ORDER BY newest DESC) AS place
                FROM (
                    SELECT asked.user_id, m.conversation_id, m.sender_id, count(*) AS unread, max(m.id) AS newest
                    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[])
                        AS asked (user_id, since, until)
                    JOIN messaging_participant p ON p.user_id = asked.user_id AND p.unread_count > 0
                    JOIN messaging_message m ON m.conversation_id = p.conversation_id AND m.id > p.read_up_to
                        AND m.sender_id <> asked.user_id
                    WHERE m.created_at > asked.since AND m.created_at <= asked.until
                    GROUP BY asked.user_id, m.conversation_id, m.sender_id
                ) unread JOIN accounts_user u ON u.id = unread.sender_id
            ) found WHERE place <= %s ORDER BY user_id, place
            """,
            [*columns(spans), ROWS],
        )
        return gather(cursor.fetchall(), ("conversation", "name", "unread"))
