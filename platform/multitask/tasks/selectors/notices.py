"""Whom to tell what about tasks, applications and reviews, read from the rows as they are now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from multitask.accounts.models import User
from multitask.notifications.models import NotificationType
from multitask.notifications.services.notify import Notice
from multitask.tasks.models import (
    ACCOUNT_CLOSED,
    DEADLINE_PASSED,
    ApplicationStatus,
    Review,
    Task,
    TaskApplication,
    TaskStatus,
)
from multitask.tasks.selectors.reviews import reviews_counted


def _name(user: User) -> str:
    return user.get_full_name() or user.username


def applications_received(ids: Collection[int]) -> list[Notice]:
    """Each pending application for its task's owner; one that is sent again, once a day."""
    rows = TaskApplication.objects.filter(pk__in=ids).exclude(status=ApplicationStatus.WITHDRAWN)
    return [
        Notice(
            recipient_id=row.client_id,
            notification_type=NotificationType.TASK_APPLICATION,
            dedupe_key=f"application:{row.pk}:received:{timezone.localdate(row.created_at, _CAIRO):%Y-%m-%d}",
            params={"task": row.task.title, "sender": _name(row.freelancer)},
            task_id=row.task_id,
            application_id=row.pk,
            sender_id=row.freelancer_id,
            link=f"/tasks/{row.task_id}/applications",
            group_key=f"applications:{row.task_id}",
        )
        for row in rows.select_related("task", "freelancer")
    ]


def applications_withdrawn(ids: Collection[int]) -> list[Notice]:
    rows = TaskApplication.objects.filter(pk__in=ids, status=ApplicationStatus.WITHDRAWN)
    return [
        Notice(
            recipient_id=row.client_id,
            notification_type=NotificationType.TASK_UPDATE,
            wording="application_withdrawn",
            dedupe_key=f"application:{row.pk}:withdrawn:{timezone.localdate(row.created_at, _CAIRO):%Y-%m-%d}",
            params={"task": row.task.title, "sender": _name(row.freelancer)},
            task_id=row.task_id,
            application_id=row.pk,
            sender_id=row.freelancer_id,
            link=f"/tasks/{row.task_id}/applications",
        )
        for row in rows.select_related("task", "freelancer")
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
            wording="application_rejected_reason" if row.rejection_reason else "",
            dedupe_key=f"application:{row.pk}:{row.status}",
            params={"task": row.task.title}
            | ({"reason": row.rejection_reason} if row.rejection_reason else {}),
            task_id=row.task_id,
            application_id=row.pk,
            sender_id=row.client_id,
            link=f"/tasks/{row.task_id}",
        )
        for row in rows
    ]


def _concerned(task: Task) -> set[int]:
    """Who is told of the end: the assigned freelancer; of a cancellation also applicants, and an owner who did not
    do it."""
    found = {task.assigned_to_id}
    if task.status == TaskStatus.CANCELLED:
        waiting = task.applications.exclude(status=ApplicationStatus.WITHDRAWN)
        found |= set(waiting.values_list("freelancer_id", flat=True))
        found.add(task.client_id)
        found.discard(
            task.cancelled_by_id or (None if task.cancel_reason == DEADLINE_PASSED else task.client_id)
        )
    return {user_id for user_id in found if user_id is not None}


def _end_wording(task: Task) -> tuple[str, dict[str, Any]]:
    params = {"task": task.title}
    if task.status == TaskStatus.COMPLETED or not task.cancel_reason:
        return "", params
    if task.cancelled_by_id is None and task.cancel_reason == DEADLINE_PASSED:
        return "task_closed_deadline", params
    if task.cancel_reason == ACCOUNT_CLOSED:
        return "task_cancelled_account", params
    return "task_cancelled_reason", params | {"reason": task.cancel_reason}


def tasks_ended(ids: Collection[int]) -> list[Notice]:
    """The assigned freelancer of each completed or cancelled task, and who else a cancellation concerns."""
    notices = []
    ended = Task.objects.filter(pk__in=ids, status__in=[TaskStatus.COMPLETED, TaskStatus.CANCELLED])
    for task in ended:
        completed = task.status == TaskStatus.COMPLETED
        wording, params = _end_wording(task)
        notices += [
            Notice(
                recipient_id=user_id,
                notification_type=NotificationType.TASK_COMPLETED
                if completed
                else NotificationType.TASK_CANCELLED,
                wording=wording,
                dedupe_key=f"task:{task.pk}:{task.status}",
                params=params,
                task_id=task.pk,
                sender_id=task.client_id,
                link=f"/tasks/{task.pk}",
            )
            for user_id in sorted(_concerned(task))
        ]
    return notices


def tasks_delivered(payloads: Collection[Mapping[str, Any]]) -> list[Notice]:
    """Each delivery ({"task", "at"}) for the task's owner, while it waits for an answer."""
    when = {int(one["task"]): str(one["at"]) for one in payloads}
    rows = Task.objects.filter(pk__in=when, status=TaskStatus.IN_PROGRESS, delivered_at__isnull=False)
    return [
        Notice(
            recipient_id=task.client_id,
            notification_type=NotificationType.TASK_UPDATE,
            wording="task_delivered",
            dedupe_key=f"task:{task.pk}:delivered:{when[task.pk]}",
            params={"task": task.title, "sender": _name(task.assigned_to)},
            task_id=task.pk,
            sender_id=task.assigned_to_id,
            link=f"/tasks/{task.pk}",
        )
        for task in rows.select_related("assigned_to")
        if task.assigned_to is not None
    ]


def changes_requested(payloads: Collection[Mapping[str, Any]]) -> list[Notice]:
    """Each answer to a delivery ({"task", "at", "reason"}) for the assigned freelancer."""
    tasks = Task.objects.in_bulk([int(one["task"]) for one in payloads])
    notices = []
    for one in payloads:
        task = tasks.get(int(one["task"]))
        if task is None or task.assigned_to_id is None:
            continue
        notices.append(
            Notice(
                recipient_id=task.assigned_to_id,
                notification_type=NotificationType.TASK_UPDATE,
                wording="task_changes_requested",
                dedupe_key=f"task:{task.pk}:changes:{one['at']}",
                params={"task": task.title, "reason": str(one["reason"])},
                task_id=task.pk,
                sender_id=task.client_id,
                link=f"/tasks/{task.pk}",
            )
        )
    return notices


def _of_reviews(
    rows: QuerySet[Review], kind: str, *, key: str, wording: str = "", **params: object
) -> list[Notice]:
    return [
        Notice(
            recipient_id=row.reviewee_id,
            notification_type=kind,
            wording=wording,
            dedupe_key=key.format(row.pk),
            params={"task": row.task.title, "sender": _name(row.reviewer), **params},
            task_id=row.task_id,
            sender_id=row.reviewer_id,
            link=f"/tasks/{row.task_id}" if wording else f"/users/{row.reviewee_id}/reviews",
        )
        for row in rows.select_related("task", "reviewer")
    ]


def reviews_waiting(ids: Collection[int]) -> list[Notice]:
    """Reviews that are hidden as yet: who was reviewed learns that, and how to see it."""
    rows = Review.objects.filter(
        pk__in=ids, published_at__isnull=True, removed_at__isnull=True, is_public=True
    )
    kind = NotificationType.REVIEW_RECEIVED
    days = settings.REVIEW_HIDDEN_DAYS
    return _of_reviews(rows, kind, key="review:{}:waiting", wording="review_waiting", days=days)


def reviews_received(ids: Collection[int]) -> list[Notice]:
    """Reviews that everybody sees now."""
    rows = reviews_counted().filter(pk__in=ids)
    return _of_reviews(rows, NotificationType.REVIEW_RECEIVED, key="review:{}")


def reviews_answered(ids: Collection[int]) -> list[Notice]:
    """Who wrote a review that was replied to, or removed by an administrator."""
    notices = []
    for row in Review.objects.filter(pk__in=ids).select_related("task", "reviewee"):
        removed = row.removed_at is not None
        if not removed and not row.reply:
            continue
        params = {"reason": row.removed_reason} if removed else {"sender": _name(row.reviewee)}
        notices.append(
            Notice(
                recipient_id=row.reviewer_id,
                notification_type=NotificationType.SYSTEM if removed else NotificationType.TASK_UPDATE,
                wording="review_removed" if removed else "review_replied",
                dedupe_key=f"review:{row.pk}:{'removed' if removed else 'replied'}",
                params={"task": row.task.title} | params,
                task_id=row.task_id,
                sender_id=None if removed else row.reviewee_id,
                link=f"/tasks/{row.task_id}",
            )
        )
    return notices


_CAIRO = timezone.get_default_timezone()
