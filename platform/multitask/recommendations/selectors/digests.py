"""New matches, for many users at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from multitask.notifications.digests import ROWS, Part, Span, columns, gather


def matches_new(spans: Sequence[Span]) -> dict[int, Part]:
    """{user: open tasks of their list that were posted within the span}, the best first. One query.

    Without what they applied to or dismissed. By the time of posting: entries are written anew as lists are
    recomputed, and a task is new once. Rows are {"task", "title", "percent"}.
    """
    if not spans:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT user_id, number, task_id, title, match_percentage FROM (
                SELECT asked.user_id, t.id AS task_id, t.title, e.match_percentage,
                    count(*) OVER (PARTITION BY asked.user_id) AS number,
                    row_number() OVER (PARTITION BY asked.user_id ORDER BY e.score DESC, t.id DESC) AS place
                FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS asked (user_id, since, until)
                JOIN recommendations_recommendationlist l ON l.user_id = asked.user_id
                JOIN recommendations_recommendationentry e ON e.recommendation_list_id = l.id
                JOIN tasks_task t ON t.id = e.task_id
                WHERE t.created_at > asked.since AND t.created_at <= asked.until
                    AND t.status = 'OPEN' AND t.listing_type = 'task_request' AND t.client_id <> asked.user_id
                    AND (t.deadline IS NULL OR t.deadline > asked.until)
                    AND NOT EXISTS (SELECT 1 FROM tasks_taskapplication a
                        WHERE a.task_id = t.id AND a.freelancer_id = asked.user_id)
                    AND NOT EXISTS (SELECT 1 FROM recommendations_recommendationfeedback f
                        WHERE f.task_id = t.id AND f.user_id = asked.user_id AND f.action = 'dismissed')
            ) found WHERE place <= %s ORDER BY user_id, place
            """,
            [*columns(spans), ROWS],
        )
        return gather(cursor.fetchall(), ("task", "title", "percent"))
