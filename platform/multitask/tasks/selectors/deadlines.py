"""Which tasks the clock has something to say about."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from multitask.tasks.models import Task, TaskStatus


def tasks_overdue(*, now: datetime) -> QuerySet[Task]:
    """Open tasks and offers whose deadline has passed."""
    return Task.objects.filter(status=TaskStatus.OPEN, deadline__lte=now)
