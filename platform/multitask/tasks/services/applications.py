"""Apply, accept, reject."""

from __future__ import annotations

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from multitask.accounts.models import MAY_APPLY, User
from multitask.common.errors import DomainError, Forbidden, NotFound
from multitask.outbox.emit import Event, emit, emit_many
from multitask.tasks.models import PROPOSAL_LIMIT, ApplicationStatus, Task, TaskApplication, TaskStatus
from multitask.tasks.selectors.tasks import access_task
from multitask.tasks.services.tasks import check_money, check_words
from multitask.tasks.state import check_application_move, check_task_move


@transaction.atomic
def application_create(
    *,
    actor: User,
    task_id: int,
    proposal: str,
    offered_price: Decimal,
    estimated_time: str,
    cover_letter: str = "",
) -> TaskApplication:
    """Apply to another's open task, once.

    Raises Forbidden not_a_freelancer, NotFound, Invalid, DomainError own_task, task_not_open or already_applied.
    """
    if actor.user_type not in MAY_APPLY:
        raise Forbidden("not_a_freelancer")
    proposal = check_words(proposal, field="proposal", limit=PROPOSAL_LIMIT)
    check_money(offered_price, field="offered_price")
    # The task's row: its status must not change between the check and the insert, and its counter follows.
    task = Task.objects.select_for_update().filter(pk=task_id).first()
    if task is None:
        raise NotFound
    if task.client_id == actor.pk:
        raise DomainError("own_task")
    if task.status != TaskStatus.OPEN:
        raise DomainError("task_not_open")
    try:
        with transaction.atomic():
            application = TaskApplication.objects.create(
                task=task,
                client_id=task.client_id,
                freelancer=actor,
                proposal=proposal,
                offered_price=offered_price,
                estimated_time=estimated_time.strip(),
                cover_letter=cover_letter.strip(),
            )
    except IntegrityError as error:
        raise DomainError("already_applied") from error
    Task.objects.filter(pk=task.pk).update(applications_count=F("applications_count") + 1)
    emit("application.created", key=f"application:{application.pk}", application=application.pk, task=task.pk)
    return application


@transaction.atomic
def application_accept(*, actor: User, application_id: int) -> TaskApplication:
    """The owner takes one freelancer; the others' pending applications are rejected. Two at once: one wins."""
    found = TaskApplication.objects.filter(pk=application_id).values_list("task_id", "client_id").first()
    if found is None or found[1] != actor.pk:
        raise NotFound
    # The task first, then its application: everything that moves either locks in this order.
    task = access_task(actor=actor, task_id=found[0], for_update=True)
    application = TaskApplication.objects.select_for_update().get(pk=application_id)
    check_application_move(application.status, ApplicationStatus.ACCEPTED)
    check_task_move(task.status, TaskStatus.IN_PROGRESS)
    application.status = ApplicationStatus.ACCEPTED
    application.save(update_fields=["status", "updated_at"])
    others = TaskApplication.objects.filter(task=task, status=ApplicationStatus.PENDING)
    rejected = list(others.values_list("pk", flat=True))
    others.update(status=ApplicationStatus.REJECTED, updated_at=timezone.now())
    task.status = TaskStatus.IN_PROGRESS
    task.assigned_to_id = application.freelancer_id
    task.save(update_fields=["status", "assigned_to", "updated_at"])
    emit_many(
        [
            Event("application.accepted", f"application:{application.pk}", {"application": application.pk}),
            *(Event("application.rejected", f"application:{pk}", {"application": pk}) for pk in rejected),
            Event("task.closed", f"task:{task.pk}", {"task": task.pk}),
        ]
    )
    return application


@transaction.atomic
def application_reject(*, actor: User, application_id: int) -> TaskApplication:
    """The owner says no to one pending application."""
    application = TaskApplication.objects.select_for_update().filter(pk=application_id, client=actor).first()
    if application is None:
        raise NotFound
    check_application_move(application.status, ApplicationStatus.REJECTED)
    application.status = ApplicationStatus.REJECTED
    application.save(update_fields=["status", "updated_at"])
    emit("application.rejected", key=f"application:{application.pk}", application=application.pk)
    return application
