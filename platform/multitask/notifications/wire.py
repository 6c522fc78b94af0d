"""Notifications as they go over the wire: the sockets say what the API says."""

from __future__ import annotations

from datetime import UTC, datetime

from multitask.notifications.models import Notification
from multitask.notifications.sentences import message_in, title_in
from multitask.realtime.events import NotificationWire, Said


def time_wire(at: datetime) -> str:
    """ISO 8601 in UTC, as the API writes times."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def notification_wire(row: Notification) -> NotificationWire:
    return NotificationWire(
        id=row.pk,
        notification_type=row.notification_type,
        title=Said(en=title_in(row, "en"), ar=title_in(row, "ar")),
        message=Said(en=message_in(row, "en"), ar=message_in(row, "ar")),
        count=row.count,
        task_id=row.task_id,
        application_id=row.application_id,
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        sender_id=row.sender_id,
        link=row.link,
        is_read=row.is_read,
        read_at=time_wire(row.read_at) if row.read_at else None,
        created_at=time_wire(row.created_at),
        bumped_at=time_wire(row.bumped_at),
    )
