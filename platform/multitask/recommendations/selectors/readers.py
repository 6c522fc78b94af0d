"""What a reader's own past says of the tasks they are shown: what they applied to, and what they dismissed and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from ml.feedback import FORGOTTEN_DAYS, STRENGTH, Dismissal, Reader, Traits, discount
from ml.places import city_key
from multitask.accounts.models import User
from multitask.recommendations.models import (
    FeedbackAction,
    RecommendationFeedback,
    TaskVector,
    UserPreference,
    UserSkill,
    VectorIndex,
)
from multitask.tasks.models import Task, TaskApplication

# Newer dismissals than these hundred say enough.
DISMISSALS_READ = 100
SKILLED = {"not_my_skills", "not_interested"}


def unseen(user: User, *, task: str) -> list[Exists]:
    """Conditions that leave out what the user applied to or dismissed; `task` names the task's id in the query."""
    applied = TaskApplication.objects.filter(freelancer=user, task=OuterRef(task))
    dismissed = RecommendationFeedback.objects.filter(
        user=user, task=OuterRef(task), action=FeedbackAction.DISMISSED
    )
    return [~Exists(applied), ~Exists(dismissed)]  # type: ignore[list-item]


def unwilling(task: Task) -> list[Exists]:
    """Conditions on rows of lists that leave out who applied to the task, even if they took it back, or dismissed it."""
    owner = OuterRef("recommendation_list__user_id")
    applied = TaskApplication.objects.filter(task=task, freelancer=owner)
    dismissed = RecommendationFeedback.objects.filter(task=task, user=owner, action=FeedbackAction.DISMISSED)
    return [~Exists(applied), ~Exists(dismissed)]  # type: ignore[list-item]


@dataclass(frozen=True, slots=True)
class Fact:
    """What reading order and dismissals need of a task in a list."""

    task_id: int
    score: float
    category_id: int
    created_at: datetime
    client_id: int
    budget: Any
    city_key: str
    is_remote: bool
    shown: int | None


FACT = (
    "task_id",
    "score",
    "task__category_id",
    "task__created_at",
    "task__client_id",
    "task__budget",
    "task__city_key",
    "task__is_remote",
    "task__exposure__readings",
)


def discounts(user: User, facts: Collection[Fact], *, now: datetime) -> dict[int, float]:
    """{task id: share of its score it loses} for what shares a feature that made the user dismiss another task.

    One query; four more where there are dismissals with a cause.
    """
    rows = list(
        RecommendationFeedback.objects.filter(
            user=user,
            action=FeedbackAction.DISMISSED,
            reason__in=STRENGTH,
            created_at__gt=now - timedelta(days=FORGOTTEN_DAYS),
        )
        .order_by("-created_at", "-id")
        .values_list(
            "reason",
            "created_at",
            "task_id",
            "task__budget",
            "task__city_key",
            "task__is_remote",
            "task__category_id",
            "task__client_id",
        )[:DISMISSALS_READ]
    )
    if not rows:
        return {}
    skills: Mapping[int, frozenset[int]] = {}
    if any(reason in SKILLED for reason, *_ in rows):
        skills = _skills([*(row[2] for row in rows), *(fact.task_id for fact in facts)])
    nothing: frozenset[int] = frozenset()
    dismissals = [
        Dismissal(
            cause=reason,
            task=Traits(float(budget), city, is_remote, category, client, skills.get(task_id, nothing)),
            days=(now - created_at).total_seconds() / 86_400,
        )
        for reason, created_at, task_id, budget, city, is_remote, category, client in rows
    ]
    reader = _reader(user)
    found = {}
    for fact in facts:
        traits = Traits(
            float(fact.budget),
            fact.city_key,
            fact.is_remote,
            fact.category_id,
            fact.client_id,
            skills.get(fact.task_id, nothing),
        )
        if share := discount(traits, dismissals, reader):
            found[fact.task_id] = share
    return found


def _reader(user: User) -> Reader:
    wished = UserPreference.objects.filter(user=user).values_list("preferred_location", flat=True).first()
    own = UserSkill.objects.filter(user=user).values_list("skill_id", flat=True)
    return Reader(skills=frozenset(own), city=city_key(wished or user.city))


def _skills(ids: Collection[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    through = Task.required_skills.through.objects.filter(task__in=ids)
    for task_id, skill_id in through.values_list("task_id", "skill_id"):
        found[task_id].add(skill_id)
    named = TaskVector.objects.filter(task__in=ids, index__state="active")
    for task_id, skills in named.values_list("task_id", "mentioned_skills"):
        found[task_id].update(skills)
    return {task_id: frozenset(skills) for task_id, skills in found.items()}


def signs(ids: Collection[int], *, index: VectorIndex | int | None) -> dict[int, bytes]:
    """{task id: the signs of its vector}, 8 to a byte, for those that have one. One query."""
    if index is None or not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT task_id, bit_send(binary_quantize(vector)) FROM recommendations_taskvector
            WHERE task_id = ANY(%s) AND index_id = %s AND readable AND vector IS NOT NULL
            """,
            [list(ids), index if isinstance(index, int) else index.pk],
        )
        # In front of the bits stands their number, in 4 bytes.
        return {task_id: bytes(bits[4:]) for task_id, bits in cursor.fetchall()}
