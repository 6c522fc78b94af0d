"""What the clock does to tasks: closing what nobody was chosen for in time."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from multitask.tasks.models import DEADLINE_PASSED
from multitask.tasks.selectors.deadlines import tasks_overdue
from multitask.tasks.services.tasks import tasks_end

AT_ONCE = 200


@transaction.atomic
def tasks_close_overdue(*, limit: int = AT_ONCE) -> int:
    """Cancel up to `limit` open tasks whose deadline has passed. Returns how many there were.

    A task whose row is held, by an accept at this moment, is left to the next run.
    """
    now = timezone.now()
    rows = tasks_overdue(now=now).select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:limit]
    tasks = list(rows)
    if tasks:
        tasks_end(tasks, by=None, reason=DEADLINE_PASSED, now=now)
    return len(tasks)
