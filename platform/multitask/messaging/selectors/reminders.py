"""Who has a message that nobody has told them of in earnest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from multitask.notifications.models import NotificationType
from multitask.notifications.services.notify import Notice
from multitask.notifications.services.reminders import Occasion

KIND = "message_unread"
AFTER = timedelta(hours=24)
MADE_UP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Unread:
    """One side of a conversation with its oldest unread message."""

    side_id: int
    user_id: int
    conversation_id: int
    message_id: int
    since: datetime
    sender_id: int
    sender: str

    @property
    def occasion(self) -> Occasion:
        return Occasion(self.side_id, self.since)


def unread_too_long(*, now: datetime, limit: int) -> list[Unread]:
    """Sides whose oldest unread message is a day old (and not more than eight), once until they read it.

    Left out is who was sent a mail about that conversation since.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.id, p.user_id, p.conversation_id, oldest.id, oldest.created_at, u.id,
                coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username)
            FROM messaging_participant p
            CROSS JOIN LATERAL (
                SELECT m.id, m.created_at, m.sender_id FROM messaging_message m
                WHERE m.conversation_id = p.conversation_id AND m.id > p.read_up_to AND m.sender_id <> p.user_id
                ORDER BY m.id LIMIT 1
            ) oldest
            JOIN accounts_user u ON u.id = oldest.sender_id
            WHERE p.unread_count > 0 AND oldest.created_at > %(low)s AND oldest.created_at <= %(high)s
                AND NOT EXISTS (
                    SELECT 1 FROM notifications_reminder r WHERE r.kind = %(kind)s AND r.step = 1
                        AND r.subject_id = p.id AND r.occasion = oldest.created_at)
                AND NOT EXISTS (
                    SELECT 1 FROM notifications_notificationdelivery d
                    JOIN notifications_notification n ON n.id = d.notification_id
                    WHERE d.recipient_id = p.user_id AND n.conversation_id = p.conversation_id
                        AND n.notification_type = %(type)s AND d.channel = 'email' AND d.state = 'sent'
                        AND d.settled_at >= oldest.created_at)
            ORDER BY p.id LIMIT %(limit)s
            """,
            {
                "low": now - AFTER - MADE_UP,
                "high": now - AFTER,
                "kind": KIND,
                "type": str(NotificationType.NEW_MESSAGE),
                "limit": limit,
            },
        )
        return [Unread(*row) for row in cursor.fetchall()]


def reminders_of(found: list[Unread]) -> list[Notice]:
    return [
        Notice(
            recipient_id=one.user_id,
            notification_type=NotificationType.TASK_REMINDER,
            wording=KIND,
            dedupe_key=f"reminder:{KIND}:{one.side_id}:1:{one.since.isoformat()}",
            params={"sender": one.sender},
            message_id=one.message_id,
            conversation_id=one.conversation_id,
            sender_id=one.sender_id,
            link=f"/messages/{one.conversation_id}",
        )
        for one in found
    ]
