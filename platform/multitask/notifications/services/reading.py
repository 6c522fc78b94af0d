"""Mark one's own notifications as read."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.common.errors import NotFound
from multitask.notifications.models import Notification


@transaction.atomic
def notification_mark(*, actor: User, notification_id: int, is_read: bool) -> Notification:
    """Mark one as read or unread. Raises NotFound for another's."""
    row = Notification.objects.select_for_update().filter(pk=notification_id, recipient=actor).first()
    if row is None:
        raise NotFound
    if row.is_read != is_read:
        row.is_read = is_read
        row.read_at = timezone.now() if is_read else None
        row.save(update_fields=["is_read", "read_at", "updated_at"])
    return row


@transaction.atomic
def notifications_mark_all(*, actor: User) -> int:
    """Mark every unread one as read. Returns how many there were."""
    now = timezone.now()
    return Notification.objects.filter(recipient=actor, is_read=False).update(
        is_read=True, read_at=now, updated_at=now
    )
