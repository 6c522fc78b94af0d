"""What becomes of somebody's work when their account ends."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from multitask.accounts.models import User
from multitask.outbox.emit import Event, emit_many
from multitask.tasks.models import ACCOUNT_CLOSED, ApplicationStatus, Task, TaskApplication, TaskStatus
from multitask.tasks.services.applications import applications_recount
from multitask.tasks.services.tasks import tasks_end


def work_end(user: User) -> None:
    """Cancel the user's open and running tasks, on either side, and withdraw their pending applications.

    Inside the caller's transaction, which holds the user's row. The other side is told. Places of work are forgotten.
    """
    pending = TaskApplication.objects.filter(freelancer=user, status=ApplicationStatus.PENDING)
    touched = set(pending.values_list("task_id", flat=True))
    running = Task.objects.filter(
        Q(client=user, status=TaskStatus.OPEN)
        | Q(client=user, status=TaskStatus.IN_PROGRESS)
        | Q(assigned_to=user, status=TaskStatus.IN_PROGRESS)
        | Q(pk__in=touched)
    )
    # Every task that is touched, in the order of ids, before any application: as everything locks.
    tasks = list(running.select_for_update(of=("self",)).order_by("pk"))
    ending = [
        task
        for task in tasks
        if (task.client_id == user.pk and task.status in {TaskStatus.OPEN, TaskStatus.IN_PROGRESS})
        or (task.assigned_to_id == user.pk and task.status == TaskStatus.IN_PROGRESS)
    ]
    if ending:
        tasks_end(ending, by=user, reason=ACCOUNT_CLOSED, now=timezone.now())
    withdrawn = list(pending.values_list("pk", flat=True))
    TaskApplication.objects.filter(pk__in=withdrawn).update(
        status=ApplicationStatus.WITHDRAWN, updated_at=timezone.now()
    )
    for task in tasks:
        if task.pk in touched:
            applications_recount(task_id=task.pk)
    emit_many([Event("application.withdrawn", f"application:{pk}", {"application": pk}) for pk in withdrawn])
    Task.objects.filter(client=user).exclude(location="").update(location="")
