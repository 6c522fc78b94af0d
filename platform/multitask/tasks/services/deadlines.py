"""What the clock does to tasks: a warning a day before the deadline, and closing what nobody was chosen for."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from multitask.outbox.emit import Event, emit_many
from multitask.tasks.models import DEADLINE_PASSED, Task
from multitask.tasks.selectors.deadlines import tasks_overdue, tasks_to_warn
from multitask.tasks.services.tasks import tasks_end

AT_ONCE = 200
WARN_HOURS = 24


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


@transaction.atomic
def tasks_warn_deadlines(*, limit: int = AT_ONCE) -> int:
    """Note up to `limit` tasks whose deadline is within a day, each deadline once. Returns how many there were."""
    now = timezone.now()
    due = tasks_to_warn(now=now, until=now + timedelta(hours=WARN_HOURS))
    ids = list(
        due.select_for_update(skip_locked=True, of=("self",))
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )
    Task.objects.filter(pk__in=ids).update(deadline_warned=F("deadline"))
    emit_many([Event("task.deadline_near", f"task:{pk}", {"task": pk}) for pk in ids])
    return len(ids)
