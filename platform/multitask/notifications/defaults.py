"""What holds where a user has chosen nothing: by which ways each type is told, and how its mails are gathered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from multitask.notifications.models import Channel, NotificationType


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of notification. `critical`: always told on every channel, in quiet hours too, and nobody can refuse."""

    in_app: bool = True
    email: bool = True
    push: bool = True
    critical: bool = False

    def wants(self, channel: str) -> bool:
        return {Channel.IN_APP: self.in_app, Channel.EMAIL: self.email, Channel.PUSH: self.push}[
            Channel(channel)
        ]


KINDS: dict[str, Kind] = {kind: Kind() for kind in NotificationType.values} | {
    # Mails about matches are advertisement unless somebody asks for them; the digest has them too.
    NotificationType.RECOMMENDATION: Kind(email=False),
    NotificationType.SYSTEM: Kind(critical=True),
    NotificationType.PAYMENT_RECEIVED: Kind(critical=True),
}
CRITICAL = frozenset(kind for kind, spec in KINDS.items() if spec.critical)

_UPDATES = (
    NotificationType.APPLICATION_ACCEPTED,
    NotificationType.APPLICATION_REJECTED,
    NotificationType.TASK_COMPLETED,
    NotificationType.TASK_CANCELLED,
    NotificationType.TASK_UPDATE,
    NotificationType.REVIEW_RECEIVED,
)
# Plain switches over the matrix: each stands for some types on one channel.
ALIASES: dict[str, tuple[Channel, tuple[NotificationType, ...]]] = {
    "email_task_applications": (Channel.EMAIL, (NotificationType.TASK_APPLICATION,)),
    "email_task_updates": (Channel.EMAIL, _UPDATES),
    "email_messages": (Channel.EMAIL, (NotificationType.NEW_MESSAGE,)),
    "email_task_reminders": (Channel.EMAIL, (NotificationType.TASK_REMINDER,)),
    "email_marketing": (Channel.EMAIL, (NotificationType.RECOMMENDATION,)),
    "push_task_applications": (Channel.PUSH, (NotificationType.TASK_APPLICATION,)),
    "push_task_updates": (Channel.PUSH, _UPDATES),
    "push_messages": (Channel.PUSH, (NotificationType.NEW_MESSAGE,)),
    "push_task_reminders": (Channel.PUSH, (NotificationType.TASK_REMINDER,)),
}


def wait_of(notification_type: str, channel: str) -> timedelta:
    """How long the first event of a line waits for others: messages only, which are often read at once."""
    if channel == Channel.EMAIL and notification_type == NotificationType.NEW_MESSAGE:
        return timedelta(seconds=settings.MESSAGE_MAIL_SECONDS)
    return timedelta()


def gap_of(notification_type: str, channel: str) -> timedelta:
    """How long after a mail of a line the next one of that line may follow."""
    if channel != Channel.EMAIL:
        return timedelta()
    if notification_type == NotificationType.NEW_MESSAGE:
        return timedelta(seconds=settings.MESSAGE_MAIL_SECONDS)
    return timedelta(seconds=settings.GROUP_MAIL_SECONDS)
