"""Housekeeping of the outbox, and starting a schedule by hand."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from multitask.outbox.emit import emit


@transaction.atomic
def schedule_run(*, topic: str) -> None:
    """Let a schedule run now, as when it is due: `topic` is what its entry names."""
    emit(topic, key=f"schedule:{topic}", fired_at=timezone.now().isoformat())


def events_purge(*, keep_days: int) -> int:
    """Delete events older than `keep_days` whose deliveries are all done. Dead letters stay until they are seen to."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH old AS (
                SELECT e.id FROM outbox_outboxevent e
                WHERE e.created_at < now() - %s * interval '1 day' AND e.fanned_out_at IS NOT NULL
                  AND NOT EXISTS (
                      SELECT 1 FROM outbox_outboxdelivery d WHERE d.event_id = e.id AND d.status <> 'done')
                LIMIT 50000),
            deliveries AS (DELETE FROM outbox_outboxdelivery d USING old WHERE d.event_id = old.id RETURNING d.id)
            SELECT count(*) FROM deliveries
            """,
            [keep_days],
        )
        cursor.execute(
            """
            DELETE FROM outbox_outboxevent e
            WHERE e.created_at < now() - %s * interval '1 day' AND e.fanned_out_at IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM outbox_outboxdelivery d WHERE d.event_id = e.id)
            """,
            [keep_days],
        )
        return int(cursor.rowcount)
