"""Every row as a line that `import_marketplace` takes, few rows in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from multitask.accounts.models import User, UserType
from multitask.recommendations.models import Skill, UserPreference
from multitask.tasks.models import ApplicationStatus, Review, Task, TaskApplication
from multitask.tasks.selectors.reviews import reviews_counted

CHUNK = 500
# In the order in which an import needs them.
KINDS = ("skill", "user", "task", "application", "review")
M = TypeVar("M", bound=Model)

_USER_FIELDS = (
    "username", "first_name", "last_name", "user_type", "language", "bio", "city", "phone_number",
)  # fmt: skip
_TASK_FIELDS = (
    "title", "description", "listing_type", "task_type", "is_negotiable", "location", "city", "is_remote",
    "estimated_duration", "status",
)  # fmt: skip


def export_rows(kind: str) -> Iterator[dict[str, Any]]:
    """The lines of one kind, oldest first."""
    rows, line = _SOURCES[kind]()
    for row in _chunked(rows):
        yield {"type": kind} | {
            name: value for name, value in line(row).items() if value not in ("", None, [])
        }


def export_count(kind: str) -> int:
    return _SOURCES[kind]()[0].count()


def _chunked(rows: QuerySet[M]) -> Iterator[M]:
    # By key, not by a cursor: server-side cursors are off, so that a pooler may stand between.
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        yield from chunk


def _task_ref(task: Task) -> str:
    return f"{task.client.username}/task/{task.pk}"


def _skill(row: Skill) -> dict[str, Any]:
    return {
        "ref": row.slug,
        "slug": row.slug,
        "name_en": row.name_en,
        "name_ar": row.name_ar,
        "aliases": row.aliases,
        "category": row.category.slug if row.category else None,
        "description_en": row.description_en,
        "description_ar": row.description_ar,
    }


def _user(row: User) -> dict[str, Any]:
    # A user without wishes has no row, and the joined attribute then raises.
    preference: UserPreference | None = getattr(row, "preference", None)
    return (
        {"ref": row.username}
        | {name: getattr(row, name) for name in _USER_FIELDS}
        # A change of the address that is under way is not kept: whether an address is proved is not imported.
        | ({"email": row.email} if row.email else {"pending_email": row.pending_email})
        | {
            "skills": [
                {"skill": one.skill.slug, "level": one.proficiency_level, "years": one.years_experience}
                for one in row.user_skills.all()
            ],
            "preferences": None if preference is None else _preferences(preference),
        }
    )


def _preferences(row: UserPreference) -> dict[str, Any]:
    return {name: value for name in UserPreference.WISHES if (value := getattr(row, name)) is not None}


def _task(row: Task) -> dict[str, Any]:
    return (
        {"ref": _task_ref(row), "client": row.client.username, "category": row.category.slug}
        | {name: getattr(row, name) for name in _TASK_FIELDS}
        | {
            "budget": row.budget,
            "deadline": row.deadline,
            "skills": sorted(skill.slug for skill in row.required_skills.all()),
            "assigned_to": row.assigned_to.username if row.assigned_to else None,
        }
    )


def _application(row: TaskApplication) -> dict[str, Any]:
    return {
        "ref": f"{row.freelancer.username}/application/{row.pk}",
        "task": _task_ref(row.task),
        "freelancer": row.freelancer.username,
        "proposal": row.proposal,
        "offered_price": row.offered_price,
        "estimated_time": row.estimated_time,
        "cover_letter": row.cover_letter,
        "status": row.status,
    }


def _review(row: Review) -> dict[str, Any]:
    return {
        "ref": f"{row.reviewer.username}/review/{row.pk}",
        "task": _task_ref(row.task),
        "reviewer": row.reviewer.username,
        "rating": row.rating,
        "comment": row.comment,
        "communication_rating": row.communication_rating,
        "quality_rating": row.quality_rating,
        "professionalism_rating": row.professionalism_rating,
    }


def _people() -> QuerySet[User]:
    return User.objects.exclude(user_type=UserType.ADMIN)


# Administrators, and what they posted, stay where they are: an import makes no administrator.
_SOURCES: dict[str, Callable[[], tuple[QuerySet[Any], Callable[[Any], dict[str, Any]]]]] = {
    "skill": lambda: (Skill.objects.filter(is_active=True).select_related("category"), _skill),
    "user": lambda: (
        _people().select_related("preference").prefetch_related("user_skills__skill"),
        _user,
    ),
    "task": lambda: (
        Task.objects.filter(client__in=_people())
        .select_related("client", "category", "assigned_to")
        .prefetch_related("required_skills"),
        _task,
    ),
    "application": lambda: (
        TaskApplication.objects.filter(task__client__in=_people())
        .exclude(status=ApplicationStatus.WITHDRAWN)
        .select_related("task__client", "freelancer"),
        _application,
    ),
    "review": lambda: (
        reviews_counted().filter(task__client__in=_people()).select_related("task__client", "reviewer"),
        _review,
    ),
}
