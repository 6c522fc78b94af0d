"""Mark one's own notifications as read."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.common.errors import NotFound
from multitask.notifications.models import Notification
from multitask.notifications.selectors.notifications import unread_count, unread_counts
from multitask.notifications.services.inboxes import inboxes_lock
from multitask.notifications.wire import time_wire
from multitask.realtime.events import NotificationRead, UnreadCount
from multitask.realtime.publish import Outgoing, publish


@transaction.atomic
def notification_mark(*, actor: User, notification_id: int, is_read: bool) -> Notification:
    """Mark one as read or unread. Raises NotFound for another's, and for one that is not shown."""
    inboxes_lock([actor.pk])
    row = Notification.objects.filter(pk=notification_id, recipient=actor, shown=True).first()
    if row is None:
        raise NotFound
    if row.is_read != is_read:
        _mark(row, is_read)
        publish(_told(row, unread_count(actor)))
    return row


@transaction.atomic
def notifications_mark_all(*, actor: User) -> int:
    """Mark every unread one as read. Returns how many there were."""
    inboxes_lock([actor.pk])
    now = timezone.now()
    number = Notification.objects.filter(recipient=actor, shown=True, is_read=False).update(
        is_read=True, is_open=False, read_at=now, updated_at=now
    )
    if number:
        at = time_wire(now)
        read = NotificationRead(all_up_to=at, is_read=True, read_at=at, unread_count=0)
        publish([Outgoing(actor.pk, read), Outgoing(actor.pk, UnreadCount(count=0))])
    return number


def group_read(*, user_id: int, group_key: str) -> list[Outgoing]:
    """What a group's lines tell of was read elsewhere, as a conversation's messages are: mark them.

    Mails and pushes about them that wait are dropped. Within the caller's transaction, after its own locks; the caller
    publishes what this returns together with its own events, as its last step.
    """
    rows = Notification.objects.filter(recipient_id=user_id, group_key=group_key, is_read=False)
    if not rows.exists():
        return []
    inboxes_lock([user_id])
    marked = list(rows.order_by("pk"))
    for row in marked:
        _mark(row, is_read=True)
    shown = [row for row in marked if row.shown]
    count = unread_counts([user_id])[user_id]
    return [one for row in shown for one in _told(row, count)]


def _mark(row: Notification, is_read: bool) -> None:
    row.is_read = is_read
    row.read_at = timezone.now() if is_read else None
    # Once read, never joined again: what follows is a line of its own.
    row.is_open = False
    row.save(update_fields=["is_read", "read_at", "is_open", "updated_at"])


def _told(row: Notification, count: int) -> list[Outgoing]:
    read = NotificationRead(
        id=row.pk,
        is_read=row.is_read,
        read_at=time_wire(row.read_at) if row.read_at else None,
        unread_count=count,
    )
    return [Outgoing(row.recipient_id, read), Outgoing(row.recipient_id, UnreadCount(count=count))]
