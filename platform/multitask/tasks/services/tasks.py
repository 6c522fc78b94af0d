"""Post, change, deliver, complete and cancel tasks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from ml.text import has_words
from multitask.accounts.models import MAY_OFFER, MAY_POST, User
from multitask.common.errors import DomainError, Forbidden, Invalid, NotFound
from multitask.files.services.orphans import files_orphan
from multitask.outbox.emit import Event, emit, emit_many
from multitask.tasks.models import (
    DESCRIPTION_LIMIT,
    MAX_BUDGET,
    MIN_BUDGET,
    REASON_LIMIT,
    TITLE_LIMIT,
    ApplicationStatus,
    Category,
    ListingType,
    Task,
    TaskApplication,
    TaskStatus,
    TaskType,
)
from multitask.tasks.selectors.duplicates import listings_same
from multitask.tasks.selectors.tasks import access_task
from multitask.tasks.services.images import task_files
from multitask.tasks.state import check_changes_wanted, check_delivery, check_task_move

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

# How long ago a listing is still taken for the same one, posted by mistake, and how long it is worth a warning.
REFUSED_HOURS = 24
WARNED_DAYS = 7


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


def task_duplicates(*, task: Task) -> list[int]:
    """Ids of the owner's other open listings of the WARNED_DAYS before with the same words, the newest first."""
    return listings_same(
        client_id=task.client_id,
        title=task.title,
        description=task.description,
        listing_type=task.listing_type,
        city=task.city,
        since=task.created_at - timedelta(days=WARNED_DAYS),
        but=task.pk,
    )


def _refuse_duplicate(actor: User, values: dict[str, Any], *, listing_type: str, city: str) -> None:
    # The user's row: of two requests at the same moment the later must see what the earlier posted.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    same = listings_same(
        client_id=actor.pk,
        title=values["title"],
        description=values["description"],
        listing_type=listing_type,
        city=city,
        since=timezone.now() - timedelta(hours=REFUSED_HOURS),
    )
    if same:
        raise DomainError(
            "duplicate_task", errors={"duplicate_of": [str(pk) for pk in same]}, hours=REFUSED_HOURS
        )


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
    image: ContentFile[bytes] | None = None,
    allow_duplicate: bool = True,
) -> Task:
    """Post a task (clients) or offer a service (freelancers). `image` was made by `task_image_clean`.

    Raises Forbidden, Invalid; without `allow_duplicate` DomainError duplicate_task for the words of one's own open
    listing of the last REFUSED_HOURS.
    """
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
    if not allow_duplicate:
        _refuse_duplicate(actor, values, listing_type=listing_type, city=city)
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
        image=image or "",
        **values,
    )
    if skills:
        task.required_skills.set(skills)
    emit("task.created", key=f"task:{task.pk}", task=task.pk, version=task.content_version)
    return task


@transaction.atomic
def task_update(*, actor: User, task_id: int, **values: Any) -> Task:
    """Change one's own open task; `image` is made by `task_image_clean`, or None for none.

    Raises NotFound, Forbidden, Invalid, DomainError task_not_open.
    """
    # The row's lock, before the check of its status: an accept at the same moment must win or lose whole.
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    if task.status != TaskStatus.OPEN:
        raise DomainError("task_not_open")
    for name in ("location", "city", "estimated_duration"):
        if name in values:
            values[name] = values[name].strip()
    if values.get("deadline") is not None and values["deadline"] == task.deadline:
        del values["deadline"]  # sent back as it was read, and may have passed meanwhile
    _check(values, now=timezone.now())
    skills = values.pop("required_skills", None)
    if "image" in values:
        values["image"] = values["image"] or ""
        files_orphan([str(task.image.name or "")])
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


def tasks_end(tasks: Sequence[Task], *, by: User | None, reason: str, now: datetime) -> None:
    """Cancel locked tasks that may be: `by` is None where the platform does it. Pending applications are rejected."""
    events = []
    for task in tasks:
        if task.status == TaskStatus.OPEN:
            events.append(Event("task.closed", f"task:{task.pk}", {"task": task.pk}))
        events.append(Event("task.cancelled", f"task:{task.pk}", {"task": task.pk, "reason": reason}))
        task.status = TaskStatus.CANCELLED
        task.cancelled_at = now
        task.cancelled_by = by
        task.cancel_reason = reason
        task.updated_at = now
    ids = [task.pk for task in tasks]
    Task.objects.filter(pk__in=ids).update(
        status=TaskStatus.CANCELLED, cancelled_at=now, cancelled_by=by, cancel_reason=reason, updated_at=now
    )
    TaskApplication.objects.filter(task__in=ids, status=ApplicationStatus.PENDING).update(
        status=ApplicationStatus.REJECTED, updated_at=now
    )
    emit_many(events)


@transaction.atomic
def task_cancel(*, actor: User, task_id: int, reason: str = "") -> Task:
    """Cancel one's own task that is open or in progress, and keep who did and why (500 characters of it).

    Raises NotFound, Forbidden, DomainError task_not_open.
    """
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    check_task_move(task.status, TaskStatus.CANCELLED)
    tasks_end([task], by=actor, reason=reason.strip()[:REASON_LIMIT], now=timezone.now())
    return task


@transaction.atomic
def task_delete(*, actor: User, task_id: int) -> bool:
    """Delete one's own task. True where nothing is left of it, False where it is kept, cancelled.

    A task that somebody applied to or wrote about is part of their history too: it is cancelled and stays. Raises
    NotFound, Forbidden, DomainError task_not_open for one that is over and has such a history.
    """
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    begun = task.status in {TaskStatus.IN_PROGRESS, TaskStatus.COMPLETED}
    written_about: Any = task.conversations
    if begun or task.applications.exists() or written_about.exists():
        check_task_move(task.status, TaskStatus.CANCELLED)
        tasks_end([task], by=actor, reason="", now=timezone.now())
        return False
    if task.status == TaskStatus.OPEN:
        emit("task.closed", key=f"task:{task.pk}", task=task.pk)
    files_orphan(task_files(task))
    task.delete()
    return True


@transaction.atomic
def task_complete(*, actor: User, task_id: int) -> Task:
    """The owner says that the work is done, delivered or not. Raises DomainError task_not_in_progress."""
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    check_task_move(task.status, TaskStatus.COMPLETED)
    task.status = TaskStatus.COMPLETED
    task.completed_at = timezone.now()
    task.save(update_fields=["status", "completed_at", "updated_at"])
    emit("task.completed", key=f"task:{task.pk}", task=task.pk)
    return task


@transaction.atomic
def task_deliver(*, actor: User, task_id: int) -> Task:
    """The assigned freelancer asks for completion.

    Raises NotFound, Forbidden for anybody else, DomainError task_not_in_progress or already_delivered.
    """
    # The task's row: a completion, a cancellation or another delivery at the same moment comes before or after.
    task = Task.objects.select_for_update().filter(pk=task_id).first()
    if task is None:
        raise NotFound
    if task.assigned_to_id != actor.pk:
        raise Forbidden
    check_delivery(task)
    task.delivered_at = timezone.now()
    task.save(update_fields=["delivered_at", "updated_at"])
    emit("task.delivered", key=f"task:{task.pk}", task=task.pk, at=task.delivered_at.isoformat())
    return task


@transaction.atomic
def task_request_changes(*, actor: User, task_id: int, reason: str) -> Task:
    """The owner answers a delivery: something is still missing. The freelancer delivers again.

    Raises NotFound, Forbidden, Invalid, DomainError task_not_in_progress or not_delivered.
    """
    reason = check_words(reason, field="reason", limit=REASON_LIMIT)
    task = access_task(actor=actor, task_id=task_id, for_update=True)
    check_changes_wanted(task)
    now = timezone.now()
    task.delivered_at = None
    task.save(update_fields=["delivered_at", "updated_at"])
    emit("task.changes_requested", key=f"task:{task.pk}", task=task.pk, at=now.isoformat(), reason=reason)
    return task
