"""Why was I told this, and why not: what became of each event on each channel."""

from __future__ import annotations

from django.db.models import QuerySet

from multitask.accounts.models import User
from multitask.common.errors import NotFound
from multitask.notifications.models import Notification, NotificationDelivery


def deliveries_of(user: User) -> QuerySet[NotificationDelivery]:
    """One's own, the newest first, with the line each is told in."""
    rows = NotificationDelivery.objects.filter(recipient=user).select_related("notification")
    return rows.order_by("-id")


def deliveries_of_notification(user: User, notification_id: int) -> QuerySet[NotificationDelivery]:
    """Those of one line. Raises NotFound for another's."""
    if not Notification.objects.filter(pk=notification_id, recipient=user).exists():
        raise NotFound
    return deliveries_of(user).filter(notification_id=notification_id)
