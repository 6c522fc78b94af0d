"""Which reminders have been told: the rows that make each one come once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a reminder is of: a row's id, and the time it counts from. A deadline that moves is a new occasion."""

    subject_id: int
    occasion: datetime


def reminders_note(*, kind: str, step: int, occasions: Collection[Occasion]) -> list[Occasion]:
    """Note that this step is told, in the caller's transaction. Returns those that were not noted before.

    Two that note the same at once: the second waits for the first, and gets nothing where that one commits.
    """
    if not occasions:
        return []
    ordered = sorted(occasions, key=lambda one: (one.subject_id, one.occasion))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO notifications_reminder (kind, step, subject_id, occasion)
            SELECT %s, %s, given.subject_id, given.occasion
            FROM unnest(%s::bigint[], %s::timestamptz[]) AS given (subject_id, occasion)
            ORDER BY given.subject_id, given.occasion
            ON CONFLICT (kind, subject_id, step, occasion) DO NOTHING
            RETURNING subject_id, occasion
            """,
            [kind, step, [one.subject_id for one in ordered], [one.occasion for one in ordered]],
        )
        return [Occasion(*row) for row in cursor.fetchall()]
