"""Post, change, complete and cancel tasks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from ml.text import has_words
from multitask.accounts.models import MAY_OFFER, MAY_POST, User
from multitask.common.errors import DomainError, Forbidden, Invalid
from multitask.outbox.emit import emit
from multitask.tasks.models import (
    DESCRIPTION_LIMIT,
    MAX_BUDGET,
    MIN_BUDGET,
    TITLE_LIMIT,
    ApplicationStatus,
    Category,
    ListingType,
    Task,
    TaskApplication,
    TaskStatus,
    TaskType,
)
from multitask.tasks.selectors.tasks import access_task
from multitask.tasks.state import check_task_move

# What matching reads: a change of any of these makes the vector and the scores stale.
MATCHED_FIELDS = frozenset(
    {
        "title",
        "description",
        "category",
        "budget",
        "city",
        "is_remote",
        "task_type",
        "listing_type",
        "required_skills",
    }
)


def check_words(value: str, *, field: str, limit: int) -> str:
    """The stripped text. Raises Invalid blank, no_words or too_long."""
    stripped = value.strip()
    if not stripped:
        raise Invalid("blank", field=field)
    if len(stripped) > limit:
        raise Invalid("too_long", field=field, limit=limit, length=len(stripped))
    if not has_words(stripped):
        raise Invalid("no_words", field=field)
    return stripped


def check_money(value: Decimal, *, field: str) -> Decimal:
    """The amount in EGP. Raises Invalid budget_range outside MIN_BUDGET to MAX_BUDGET, NaN and infinity too."""
    if not value.is_finite() or not MIN_BUDGET <= value <= MAX_BUDGET:
        raise Invalid("budget_range", field=field, low=f"{MIN_BUDGET:,}", high=f"{MAX_BUDGET:,}")
    return value


def _check(values: dict[str, Any], *, now: datetime) -> None:
    if "title" in values:
        values["title"] = check_words(values["title"], field="title", limit=TITLE_LIMIT)
    if "description" in values:
        values["description"] = check_words(
            values["description"], field="description", limit=DESCRIPTION_LIMIT
        )
    if "budget" in values:
        check_money(values["budget"], field="budget")
    if values.get("deadline") is not None and values["deadline"] <= now:
        raise Invalid("deadline_past", field="deadline")


def _skills(ids: Collection[int]) -> list[Any]:
    model: Any = Task._meta.get_field("required_skills").related_model  # by name: skills live in an app above
    found = {skill.pk: skill for skill in model.objects.filter(pk__in=ids, is_active=True)}
    for skill_id in ids:
        if skill_id not in found:
            raise Invalid("unknown_skill", field="required_skills", skill=skill_id)
    return list(found.values())


@transaction.atomic
def task_create(
    *,
    actor: User,
    category: Category,
    title: str,
    description: str,
    budget: Decimal,
    listing_type: str = ListingType.TASK_REQUEST,
    task_type: str = TaskType.DIGITAL,
    is_negotiable: bool = False,
    location: str = "",
    city: str = "",
    is_remote: bool = False,
    deadline: datetime | None = None,
    estimated_duration: str = "",
    required_skills: Collection[int] = (),
) -> Task:
    """Post a task (clients) or offer a service (freelancers). Raises Forbidden, Invalid."""
    if listing_type == ListingType.TASK_REQUEST and actor.user_type not in MAY_POST:
        raise Forbidden("not_a_client")
    if listing_type == ListingType.SERVICE_OFFER and actor.user_type not in MAY_OFFER:
        raise Forbidden("not_a_freelancer")
    values: dict[str, Any] = {
        "title": title,
        "description": description,
        "budget": budget,
        "deadline": deadline,
    }
    _check(values, now=timezone.now())
    skills = _skills(required_skills)
    task = Task.objects.create(
        client=actor,
        category=category,
        listing_type=listing_type,
        task_type=task_type,
        is_negotiable=is_negotiable,
        location=location.strip(),
        city=city.strip(),
        is_remote=is_remote,
        estimated_duration=estimated_duration.strip(),
        **values,
    )
    if skills:
        task.required_skills.set(skills)
    emit("task.created", key=f"task:{task.pk}", task=task.pk, version=task.content_version)
    return task


@transaction.atomic
def task_update(*, actor: User, task_id: int, **values: Any) -> Task:
    """Change one's own open task. Raises NotFound, Forbidden, Invalid, DomainError task_not_open."""
    # The row's lock, before the check of its status: an accept at the same moment must win or lose whole.
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    if task.status != TaskStatus.OPEN:
        raise DomainError("task_not_open")
    _check(values, now=timezone.now())
    skills = values.pop("required_skills", None)
    changed = {name for name, value in values.items() if getattr(task, name) != value}
    for name in changed:
        setattr(task, name, values[name])
    if skills is not None:
        wanted = _skills(skills)
        if {skill.pk for skill in wanted} != set(task.required_skills.values_list("pk", flat=True)):
            task.required_skills.set(wanted)
            changed.add("required_skills")
    if changed & MATCHED_FIELDS:
        task.content_version += 1
        emit("task.updated", key=f"task:{task.pk}", task=task.pk, version=task.content_version)
    task.save()
    return task


def _close(task: Task) -> None:
    emit("task.closed", key=f"task:{task.pk}", task=task.pk)


@transaction.atomic
def task_cancel(*, actor: User, task_id: int, reason: str = "") -> Task:
    """Cancel one's own task that is open or in progress; pending applications are rejected."""
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    check_task_move(task.status, TaskStatus.CANCELLED)
    was_open = task.status == TaskStatus.OPEN
    task.status = TaskStatus.CANCELLED
    task.save(update_fields=["status", "updated_at"])
    TaskApplication.objects.filter(task=task, status=ApplicationStatus.PENDING).update(
        status=ApplicationStatus.REJECTED, updated_at=timezone.now()
    )
    if was_open:
        _close(task)
    emit("task.cancelled", key=f"task:{task.pk}", task=task.pk, reason=reason[:500])
    return task


@transaction.atomic
def task_complete(*, actor: User, task_id: int) -> Task:
    """The owner says that the work is done. Raises DomainError task_not_in_progress."""
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    check_task_move(task.status, TaskStatus.COMPLETED)
    task.status = TaskStatus.COMPLETED
    task.completed_at = timezone.now()
    task.save(update_fields=["status", "completed_at", "updated_at"])
    emit("task.completed", key=f"task:{task.pk}", task=task.pk)
    return task
