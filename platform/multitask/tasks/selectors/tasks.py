"""Read tasks, fetching and authorising in one call."""

from __future__ import annotations

from django.db.models import QuerySet

from multitask.accounts.models import User, UserType
from multitask.common.errors import Forbidden, NotFound
from multitask.tasks.models import Task, TaskApplication


def tasks_visible() -> QuerySet[Task]:
    """Every task with what a list shows of it: two more queries whatever the number of rows."""
    return (
        Task.objects.select_related("client", "category", "assigned_to")
        .prefetch_related("required_skills__category", "images")
        .order_by("-created_at", "-id")
    )


def access_task(*, actor: User, task_id: int, for_update: bool = False) -> Task:
    """The actor's own task (any task for an admin). Raises NotFound, or Forbidden for another's: tasks are public."""
    tasks = Task.objects.select_for_update(of=("self",)) if for_update else Task.objects.all()
    task = tasks.select_related("client", "category").filter(pk=task_id).first()
    if task is None:
        raise NotFound
    if task.client_id != actor.pk and actor.user_type != UserType.ADMIN:
        raise Forbidden
    return task


def access_application(*, actor: User, application_id: int) -> TaskApplication:
    """The application, for the task's owner and its applicant; nobody else learns that it is there."""
    application = (
        TaskApplication.objects.select_related("task", "freelancer").filter(pk=application_id).first()
    )
    if application is None or actor.pk not in {application.client_id, application.freelancer_id}:
        raise NotFound
    return application
