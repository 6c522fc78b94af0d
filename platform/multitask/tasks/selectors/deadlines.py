"""Which tasks the clock has something to say about."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from multitask.tasks.models import Task, TaskStatus

# Who posts with a deadline in a few hours knows it.
SETTLED = timedelta(hours=1)


def tasks_overdue(*, now: datetime) -> QuerySet[Task]:
    """Open tasks and offers whose deadline has passed."""
    return Task.objects.filter(status=TaskStatus.OPEN, deadline__lte=now)


def tasks_to_warn(*, now: datetime, until: datetime) -> QuerySet[Task]:
    """Tasks that are open or in progress, whose deadline is near and was not warned of."""
    return Task.objects.filter(
        Q(deadline_warned__isnull=True) | ~Q(deadline_warned=F("deadline")),
        status__in=[TaskStatus.OPEN, TaskStatus.IN_PROGRESS],
        deadline__gt=now,
        deadline__lte=until,
        created_at__lte=now - SETTLED,
    )
