"""Remind people of messages that they have not read for a day."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from multitask.messaging.selectors.reminders import KIND, reminders_of, unread_too_long
from multitask.notifications.services.notify import notify_many
from multitask.notifications.services.reminders import reminders_note

AT_ONCE = 200


@transaction.atomic
def messages_remind(*, limit: int = AT_ONCE) -> int:
    """Remind up to `limit` people of a conversation with something unread. Returns how many were looked at."""
    found = unread_too_long(now=timezone.now(), limit=limit)
    told = set(reminders_note(kind=KIND, step=1, occasions=[one.occasion for one in found]))
    notify_many(reminders_of([one for one in found if one.occasion in told]))
    return len(found)
