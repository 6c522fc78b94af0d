"""What is new about tasks, for many users at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from multitask.notifications.digests import AHEAD, ROWS, Part, Span, columns, gather


def applications_new(spans: Sequence[Span]) -> dict[int, Part]:
    """{user: applications that came to their open tasks within the span and wait}, the newest first. One query.

    Rows are {"task", "title", "name"}.
    """
    if not spans:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT user_id, number, task_id, title, name FROM (
                SELECT asked.user_id, a.task_id, t.title,
                    coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username) AS name,
                    count(*) OVER (PARTITION BY asked.user_id) AS number,
                    row_number() OVER (PARTITION BY asked.user_id ORDER BY a.created_at DESC, a.id DESC) AS place
                FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS asked (user_id, since, until)
                JOIN tasks_taskapplication a ON a.client_id = asked.user_id AND a.status = 'PENDING'
                    AND a.created_at > asked.since AND a.created_at <= asked.until
                JOIN tasks_task t ON t.id = a.task_id AND t.status = 'OPEN'
                JOIN accounts_user u ON u.id = a.freelancer_id
            ) found WHERE place <= %s ORDER BY user_id, place
            """,
            [*columns(spans), ROWS],
        )
        return gather(cursor.fetchall(), ("task", "title", "name"))


def deadlines_new(spans: Sequence[Span]) -> dict[int, Part]:
    """{user: deadlines that have come within a week in the span}, the soonest first. One query.

    Of tasks they work on and have not delivered, and of their own open ones; those they were chosen for, or posted,
    within the span count too. Rows are {"task", "title", "deadline" (ISO 8601), "own"}.
    """
    if not spans:
        return {}
    users, since, until = columns(spans)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT user_id, number, id, title, to_char(deadline AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), own
            FROM (
                SELECT near.*, count(*) OVER (PARTITION BY user_id) AS number,
                    row_number() OVER (PARTITION BY user_id ORDER BY deadline, id) AS place
                FROM (
                    SELECT asked.user_id, t.id, t.title, t.deadline, false AS own
                    FROM unnest(%(users)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
                        AS asked (user_id, since, until)
                    JOIN tasks_task t ON t.assigned_to_id = asked.user_id
                    WHERE t.status = 'IN_PROGRESS' AND t.delivered_at IS NULL
                        AND t.deadline > asked.until AND t.deadline <= asked.until + %(ahead)s::interval
                        AND (t.deadline > asked.since + %(ahead)s::interval OR EXISTS (
                            SELECT 1 FROM tasks_taskapplication a
                            WHERE a.task_id = t.id AND a.status = 'ACCEPTED'
                                AND a.updated_at > asked.since AND a.updated_at <= asked.until))
                    UNION ALL
                    SELECT asked.user_id, t.id, t.title, t.deadline, true AS own
                    FROM unnest(%(users)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
                        AS asked (user_id, since, until)
                    JOIN tasks_task t ON t.client_id = asked.user_id
                    WHERE t.status = 'OPEN'
                        AND t.deadline > asked.until AND t.deadline <= asked.until + %(ahead)s::interval
                        AND (t.deadline > asked.since + %(ahead)s::interval
                            OR (t.created_at > asked.since AND t.created_at <= asked.until))
                ) near
            ) found WHERE place <= %(rows)s ORDER BY user_id, place
            """,
            {"users": users, "since": since, "until": until, "ahead": f"{AHEAD.days} days", "rows": ROWS},
        )
        return gather(cursor.fetchall(), ("task", "title", "deadline", "own"))
