"""Read applications: sealed between the task's owner and each applicant."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from multitask.accounts.models import User
from multitask.common.errors import NotFound
from multitask.tasks.models import Task, TaskApplication


def _shown() -> QuerySet[TaskApplication]:
    return TaskApplication.objects.select_related("freelancer", "task__client").order_by("-created_at", "-id")


def applications_of_task(*, actor: User, task_id: int) -> QuerySet[TaskApplication]:
    """All of a task's for its owner, one's own for an applicant, none for a stranger. Raises NotFound."""
    if not Task.objects.filter(pk=task_id).exists():
        raise NotFound
    return _shown().filter(Q(client=actor) | Q(freelancer=actor), task=task_id)


def applications_by(actor: User) -> QuerySet[TaskApplication]:
    """What the actor has applied to, newest first."""
    return _shown().filter(freelancer=actor)


def access_application(*, actor: User, application_id: int) -> TaskApplication:
    """The application, for the task's owner and its applicant; nobody else learns that it is there."""
    application = (
        TaskApplication.objects.select_related("task__client", "freelancer").filter(pk=application_id).first()
    )
    if application is None or actor.pk not in {application.client_id, application.freelancer_id}:
        raise NotFound
    return application
