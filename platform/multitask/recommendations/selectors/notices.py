"""Whom to tell of a match."""

from __future__ import annotations

from collections.abc import Mapping

from multitask.notifications.models import NotificationType
from multitask.notifications.services.notify import Notice
from multitask.tasks.models import Task, TaskStatus


def matches(*, task: int, users: Mapping[str, int]) -> list[Notice]:
    """A notice for each of `users` ({user id: match percentage}) while the task is still open."""
    found = Task.objects.filter(pk=task, status=TaskStatus.OPEN).first()
    if found is None:
        return []
    return [
        Notice(
            recipient_id=int(user_id),
            notification_type=NotificationType.RECOMMENDATION,
            dedupe_key=f"recommendation:task:{task}",
            params={"task": found.title, "percent": percentage},
            task_id=task,
            sender_id=found.client_id,
            link=f"/tasks/{task}",
            group_key="matches",
        )
        for user_id, percentage in users.items()
    ]
