"""Remind people of what tasks wait for: each step of each occasion once."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from multitask.notifications.services.notify import notify_many
from multitask.notifications.services.reminders import Occasion, reminders_note
from multitask.tasks.selectors.reminders import STEPS, Step

AT_ONCE = 200


@transaction.atomic
def reminders_tell(*, step: Step, limit: int = AT_ONCE) -> int:
    """Tell up to `limit` reminders of this step that are due. Returns how many were looked at, 0 when none is left.

    That it was told and the notification are one transaction; of two that do this at once, one tells.
    """
    due = [Occasion(*row) for row in step.due(timezone.now())[:limit]]
    if due:
        told = reminders_note(kind=step.kind, step=step.number, occasions={*due, *step.beside(due)})
        notify_many(step.notices(step, told, due))
    return len(due)


__all__ = ["STEPS", "reminders_tell"]
