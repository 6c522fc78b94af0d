"""Read one's own notifications."""

from __future__ import annotations

from django.db.models import QuerySet

from multitask.accounts.models import User
from multitask.common.text import current_language
from multitask.notifications.models import Notification
from multitask.notifications.texts import WORDINGS, Wording


def notifications_of(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=user).order_by("-created_at", "-id")


def unread_count(user: User) -> int:
    return Notification.objects.filter(recipient=user, is_read=False).count()


def _wording(notification: Notification) -> Wording | None:
    return WORDINGS.get(notification.wording or notification.notification_type)


def title_of(notification: Notification) -> str:
    """The title in the reader's language, whichever it was written in."""
    wording = _wording(notification)
    return wording.title.show(current_language(), **notification.params) if wording else notification.title


def message_of(notification: Notification) -> str:
    wording = _wording(notification)
    return (
        wording.message.show(current_language(), **notification.params) if wording else notification.message
    )
