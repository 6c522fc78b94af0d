"""Read one's own notifications."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, QuerySet

from multitask.accounts.models import User
from multitask.common.text import current_language
from multitask.notifications.models import Notification
from multitask.notifications.sentences import message_in, title_in


def notifications_of(user: User) -> QuerySet[Notification]:
    """Those that are shown in the application, the newest event first."""
    return Notification.objects.filter(recipient=user, shown=True).order_by("-bumped_at", "-id")


def unread_count(user: User) -> int:
    return Notification.objects.filter(recipient=user, shown=True, is_read=False).count()


def unread_counts(user_ids: Collection[int]) -> dict[int, int]:
    """Of each user. One query."""
    rows = (
        Notification.objects.filter(recipient_id__in=user_ids, shown=True, is_read=False)
        .order_by()
        .values_list("recipient_id")
        .annotate(number=Count("pk"))
    )
    found = dict(rows)
    return {user_id: found.get(user_id, 0) for user_id in user_ids}


def title_of(notification: Notification) -> str:
    """The title in the reader's language, whichever it was written in."""
    return title_in(notification, current_language())


def message_of(notification: Notification) -> str:
    return message_in(notification, current_language())
