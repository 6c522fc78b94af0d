"""Whom to tell what about tasks, applications and reviews, read from the rows as they are now."""

from __future__ import annotations

from collections.abc import Collection

from multitask.accounts.models import User
from multitask.notifications.models import NotificationType
from multitask.notifications.services.notify import Notice
from multitask.tasks.models import ApplicationStatus, Review, Task, TaskApplication, TaskStatus


def _name(user: User) -> str:
    return user.get_full_name() or user.username


def applications_received(ids: Collection[int]) -> list[Notice]:
    rows = TaskApplication.objects.filter(pk__in=ids).select_related("task", "freelancer")
    return [
        Notice(
            recipient_id=row.client_id,
            notification_type=NotificationType.TASK_APPLICATION,
            dedupe_key=f"application:{row.pk}:received",
            params={"task": row.task.title, "sender": _name(row.freelancer)},
            task_id=row.task_id,
            application_id=row.pk,
            sender_id=row.freelancer_id,
            link=f"/tasks/{row.task_id}/applications",
        )
        for row in rows
    ]


def applications_decided(ids: Collection[int]) -> list[Notice]:
    rows = TaskApplication.objects.filter(
        pk__in=ids, status__in=[ApplicationStatus.ACCEPTED, ApplicationStatus.REJECTED]
    ).select_related("task")
    kinds = {
        ApplicationStatus.ACCEPTED: NotificationType.APPLICATION_ACCEPTED,
        ApplicationStatus.REJECTED: NotificationType.APPLICATION_REJECTED,
    }
    return [
        Notice(
            recipient_id=row.freelancer_id,
            notification_type=kinds[ApplicationStatus(row.status)],
            dedupe_key=f"application:{row.pk}:{row.status}",
            params={"task": row.task.title},
            task_id=row.task_id,
            application_id=row.pk,
            sender_id=row.client_id,
            link=f"/tasks/{row.task_id}",
        )
        for row in rows
    ]


def tasks_ended(ids: Collection[int]) -> list[Notice]:
    """The assigned freelancer of each completed or cancelled task, and the applicants of a cancelled one."""
    notices = []
    ended = Task.objects.filter(pk__in=ids, status__in=[TaskStatus.COMPLETED, TaskStatus.CANCELLED])
    for task in ended:
        completed = task.status == TaskStatus.COMPLETED
        kind = NotificationType.TASK_COMPLETED if completed else NotificationType.TASK_CANCELLED
        concerned = {task.assigned_to_id} - {None}
        if not completed:
            concerned |= set(
                task.applications.exclude(status=ApplicationStatus.WITHDRAWN).values_list(
                    "freelancer_id", flat=True
                )
            )
        notices += [
            Notice(
                recipient_id=user_id,
                notification_type=kind,
                dedupe_key=f"task:{task.pk}:{task.status}",
                params={"task": task.title},
                task_id=task.pk,
                sender_id=task.client_id,
                link=f"/tasks/{task.pk}",
            )
            for user_id in sorted(user_id for user_id in concerned if user_id is not None)
        ]
    return notices


def reviews_received(ids: Collection[int]) -> list[Notice]:
    rows = Review.objects.filter(pk__in=ids, is_public=True).select_related("task", "reviewer")
    return [
        Notice(
            recipient_id=row.reviewee_id,
            notification_type=NotificationType.REVIEW_RECEIVED,
            dedupe_key=f"review:{row.pk}",
            params={"task": row.task.title, "sender": _name(row.reviewer)},
            task_id=row.task_id,
            sender_id=row.reviewer_id,
            link=f"/users/{row.reviewee_id}/reviews",
        )
        for row in rows
    ]
