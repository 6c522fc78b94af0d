"""Apply, change, withdraw, accept, reject.

Everything locks in one order: people, then the task, then its applications.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from multitask.accounts.models import MAY_APPLY, User
from multitask.common.errors import DomainError, Forbidden, NotFound, violated_constraint
from multitask.outbox.emit import Event, emit, emit_many
from multitask.tasks.models import (
    COUNTED_APPLICATIONS,
    PROPOSAL_LIMIT,
    REASON_LIMIT,
    ApplicationStatus,
    ListingType,
    Task,
    TaskApplication,
    TaskStatus,
)
from multitask.tasks.selectors.applications import access_application
from multitask.tasks.selectors.tasks import access_task
from multitask.tasks.services.tasks import check_money, check_words
from multitask.tasks.state import check_application_move, check_task_move


def applications_recount(*, task_id: int) -> None:
    """Set the task's counter to what a count gives: every application but the withdrawn. The task is locked."""
    number = TaskApplication.objects.filter(task=task_id, status__in=COUNTED_APPLICATIONS).count()
    Task.objects.filter(pk=task_id).update(applications_count=number)


def _check_day(actor: User) -> None:
    # The applicant's row, before the task's: two applications at once are counted one after the other.
    if not User.objects.select_for_update(no_key=True).get(pk=actor.pk).is_active:
        raise Forbidden  # closed while this waited for the row
    now = timezone.now().astimezone(timezone.get_default_timezone())
    midnight = datetime.combine(now.date(), datetime.min.time(), tzinfo=now.tzinfo)
    limit = settings.APPLICATIONS_PER_DAY
    sent = TaskApplication.objects.filter(freelancer=actor, created_at__gte=midnight).count()
    if sent >= limit:
        tomorrow = midnight + timedelta(days=1)
        wait = max(1, int((tomorrow - now).total_seconds()) + 1)
        raise DomainError("applications_per_day", status=429, limit=limit, wait=wait)


def _check_task(task: Task, *, actor: User) -> None:
    if task.client_id == actor.pk:
        raise DomainError("own_task")
    if task.listing_type == ListingType.SERVICE_OFFER:
        raise DomainError("service_offer")  # its owner is the one who would do the work
    if task.status != TaskStatus.OPEN:
        raise DomainError("task_not_open")
    if task.deadline is not None and task.deadline <= timezone.now():
        raise DomainError("deadline_over")


@transaction.atomic
def application_create(
    *,
    actor: User,
    task_id: int,
    proposal: str,
    offered_price: Decimal,
    estimated_time: str,
    cover_letter: str = "",
    limited: bool = True,
) -> TaskApplication:
    """Apply to another's open request, once; who has withdrawn may apply again, which reopens the same row.

    `limited` is False for what was agreed elsewhere and is only written down here (an import, the demo).
    Raises Forbidden not_a_freelancer, NotFound, Invalid, DomainError own_task, service_offer, task_not_open,
    deadline_over, already_applied, task_full, or applications_per_day (429).
    """
    if actor.user_type not in MAY_APPLY:
        raise Forbidden("not_a_freelancer")
    values: dict[str, Any] = {
        "proposal": check_words(proposal, field="proposal", limit=PROPOSAL_LIMIT),
        "offered_price": check_money(offered_price, field="offered_price"),
        "estimated_time": estimated_time.strip(),
        "cover_letter": cover_letter.strip(),
    }
    if not Task.objects.filter(pk=task_id).exists():
        raise NotFound
    if limited:
        _check_day(actor)
    # The task's row: its status must not change between the check and the insert, and its counter follows.
    task = Task.objects.select_for_update().filter(pk=task_id).first()
    if task is None:
        raise NotFound
    _check_task(task, actor=actor)
    application = TaskApplication.objects.filter(task=task, freelancer=actor).first()
    if application is not None and application.status != ApplicationStatus.WITHDRAWN:
        raise DomainError("already_applied")
    if limited and task.applications_count >= settings.APPLICATIONS_PER_TASK:
        raise DomainError("task_full", limit=settings.APPLICATIONS_PER_TASK)
    if application is None:
        application = _send(task, actor, values)
    else:
        _send_again(application, values)
    applications_recount(task_id=task.pk)
    emit("application.created", key=f"application:{application.pk}", application=application.pk, task=task.pk)
    return application


def _send(task: Task, actor: User, values: dict[str, Any]) -> TaskApplication:
    try:
        with transaction.atomic():
            return TaskApplication.objects.create(
                task=task, client_id=task.client_id, freelancer=actor, **values
            )
    except IntegrityError as error:
        if violated_constraint(error) == "application_once":
            raise DomainError("already_applied") from error
        raise


def _send_again(application: TaskApplication, values: dict[str, Any]) -> None:
    check_application_move(application.status, ApplicationStatus.PENDING)
    for name, value in values.items():
        setattr(application, name, value)
    application.status = ApplicationStatus.PENDING
    application.created_at = timezone.now()
    application.save()


@transaction.atomic
def application_update(*, actor: User, application_id: int, **values: Any) -> TaskApplication:
    """The applicant changes what is still pending: proposal, offered_price, estimated_time, cover_letter.

    Raises NotFound, Forbidden for the task's owner, Invalid, DomainError application_not_pending.
    """
    found = access_application(actor=actor, application_id=application_id)
    if found.freelancer_id != actor.pk:
        raise Forbidden
    # The application's row alone: an accept takes it as well, and sees either text whole.
    application = TaskApplication.objects.select_for_update().filter(pk=application_id).first()
    if application is None:
        raise NotFound
    if application.status != ApplicationStatus.PENDING:
        raise DomainError("application_not_pending")
    if "proposal" in values:
        values["proposal"] = check_words(values["proposal"], field="proposal", limit=PROPOSAL_LIMIT)
    if "offered_price" in values:
        check_money(values["offered_price"], field="offered_price")
    for name, value in values.items():
        setattr(application, name, value.strip() if isinstance(value, str) else value)
    application.save(update_fields=[*values, "updated_at"])
    return application


def _locked(*, application_id: int, task_id: int) -> tuple[Task, TaskApplication]:
    """Both rows, the task first: everything that moves either locks in this order."""
    task = Task.objects.select_for_update().filter(pk=task_id).first()
    application = TaskApplication.objects.select_for_update().filter(pk=application_id).first()
    if task is None or application is None:
        raise NotFound
    return task, application


@transaction.atomic
def application_withdraw(*, actor: User, application_id: int) -> TaskApplication:
    """The applicant takes a pending application back. Raises NotFound, Forbidden, DomainError application_not_pending."""
    found = access_application(actor=actor, application_id=application_id)
    if found.freelancer_id != actor.pk:
        raise Forbidden
    task, application = _locked(application_id=application_id, task_id=found.task_id)
    check_application_move(application.status, ApplicationStatus.WITHDRAWN)
    application.status = ApplicationStatus.WITHDRAWN
    application.save(update_fields=["status", "updated_at"])
    applications_recount(task_id=task.pk)
    emit("application.withdrawn", key=f"application:{application.pk}", application=application.pk)
    return application


@transaction.atomic
def application_accept(*, actor: User, application_id: int) -> TaskApplication:
    """The owner takes one freelancer; the others' pending applications are rejected. Two at once: one wins.

    Raises NotFound, Forbidden for the applicant, DomainError application_not_pending or task_not_open.
    """
    found = access_application(actor=actor, application_id=application_id)
    if found.client_id != actor.pk:
        raise Forbidden
    task = access_task(actor=actor, task_id=found.task_id, for_update=True)
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
def application_reject(*, actor: User, application_id: int, reason: str = "") -> TaskApplication:
    """The owner says no to one pending application, with a reason (500 characters of it) if they like.

    Raises NotFound, Forbidden for the applicant, DomainError application_not_pending.
    """
    found = access_application(actor=actor, application_id=application_id)
    if found.client_id != actor.pk:
        raise Forbidden
    application = TaskApplication.objects.select_for_update().filter(pk=application_id).first()
    if application is None:
        raise NotFound
    check_application_move(application.status, ApplicationStatus.REJECTED)
    application.status = ApplicationStatus.REJECTED
    application.rejection_reason = reason.strip()[:REASON_LIMIT]
    application.save(update_fields=["status", "rejection_reason", "updated_at"])
    emit("application.rejected", key=f"application:{application.pk}", application=application.pk)
    return application
