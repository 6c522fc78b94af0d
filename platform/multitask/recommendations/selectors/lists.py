"""Read a precomputed list: a fixed number of queries, and a cost that does not grow with the number of tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ml import coldstart, explain, ranking
from multitask.accounts.models import User
from multitask.common.text import Text, current_language
from multitask.recommendations.models import (
    Algorithm,
    FeedbackAction,
    RecommendationEntry,
    RecommendationFeedback,
    RecommendationList,
    Skill,
    UserPreference,
)
from multitask.tasks.models import Category, ListingType, Task, TaskApplication, TaskStatus
from multitask.tasks.selectors.tasks import tasks_visible

COLD_START_POOL = 200
POPULAR_AND_NEW = Text("Popular and new", "رائجة وجديدة")


@dataclass(frozen=True, slots=True)
class Recommended:
    """One row of a list as it is shown; `parts` are the scorer's own terms and sum to `score` (0 to 1)."""

    task: Task
    score: float
    match_percentage: int
    match_reasons: list[str]
    reasons: list[dict[str, Any]]
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Shown:
    rows: list[Recommended]
    total: int
    algorithm: str
    computed_at: datetime | None
    stale: bool


def _for_user(user: User, *, now: datetime) -> tuple[Q, list[Exists]]:
    """Open requests of others whose deadline has not passed, neither applied to nor dismissed."""
    applied = TaskApplication.objects.filter(freelancer=user, task=OuterRef("pk"))
    dismissed = RecommendationFeedback.objects.filter(
        user=user, task=OuterRef("pk"), action=FeedbackAction.DISMISSED
    )
    open_now = Q(status=TaskStatus.OPEN, listing_type=ListingType.TASK_REQUEST) & (
        Q(deadline__isnull=True) | Q(deadline__gt=now)
    )
    return open_now & ~Q(client=user), [~Exists(applied), ~Exists(dismissed)]  # type: ignore[list-item]


def _entries(user: User, *, now: datetime) -> QuerySet[RecommendationEntry]:
    applied = TaskApplication.objects.filter(freelancer=user, task=OuterRef("task_id"))
    dismissed = RecommendationFeedback.objects.filter(
        user=user, task=OuterRef("task_id"), action=FeedbackAction.DISMISSED
    )
    return (
        RecommendationEntry.objects.filter(
            Q(task__deadline__isnull=True) | Q(task__deadline__gt=now),
            ~Exists(applied),
            ~Exists(dismissed),
            recommendation_list__user=user,
            task__status=TaskStatus.OPEN,
            task__listing_type=ListingType.TASK_REQUEST,
        )
        .exclude(task__client=user)
        .order_by("-score", "-task_id")
    )


def tasks_shown(ids: list[int]) -> dict[int, Task]:
    return {task.pk: task for task in tasks_visible().filter(pk__in=ids)}


def list_read(*, user: User, limit: int, now: datetime | None = None) -> Shown:
    """The user's list in reading order, `limit` rows of it; popular and new tasks where it is empty.

    Order and freshness come from the request's own clock `now`; what was computed is not touched.
    """
    now = now or timezone.now()
    head = RecommendationList.objects.filter(user=user).first()
    facts = list(
        _entries(user, now=now).values_list("task_id", "score", "task__category_id", "task__created_at")
    )
    if not facts:
        return _cold_start(user, head, limit=limit, now=now)
    order = ranking.arrange([ranking.Item(*fact) for fact in facts], now=now, limit=limit)
    entries = {
        entry.task_id: entry
        for entry in RecommendationEntry.objects.filter(recommendation_list__user=user, task__in=order)
    }
    tasks = tasks_shown(order)
    skill_names, category_names = _names(entries.values())
    rows = []
    for task_id in order:
        if task_id not in entries or task_id not in tasks:
            continue  # closed between two queries
        entry = entries[task_id]
        rows.append(
            Recommended(
                task=tasks[task_id],
                score=entry.score,
                match_percentage=entry.match_percentage,
                match_reasons=[
                    explain.sentence(
                        ranking.Reason(reason["code"], reason["params"]),
                        current_language(),  # type: ignore[arg-type]
                        skill_names=skill_names,
                        category_names=category_names,
                    )
                    for reason in entry.reasons
                ],
                reasons=entry.reasons,
                parts=entry.parts,
            )
        )
    return Shown(
        rows=rows,
        total=len(facts),
        algorithm=head.algorithm if head else Algorithm.COLD_START,
        computed_at=head.computed_at if head else None,
        stale=_is_stale(head),
    )


def _is_stale(head: RecommendationList | None) -> bool:
    return head is not None and (head.computed_at is None or head.computed_at < head.inputs_changed_at)


def _names(entries: Any) -> tuple[dict[int, str], dict[int, str]]:
    """Names, in the caller's language, of the skills and categories that the reasons speak of."""
    skills: set[int] = set()
    categories: set[int] = set()
    for entry in entries:
        for reason in entry.reasons:
            skills.update(reason["params"].get("skill_ids", ()))
            if "category_id" in reason["params"]:
                categories.add(reason["params"]["category_id"])
    skill_names = {skill.pk: skill.name for skill in Skill.objects.filter(pk__in=skills)} if skills else {}
    category_names = (
        {row.pk: row.name for row in Category.objects.filter(pk__in=categories)} if categories else {}
    )
    return skill_names, category_names


def _cold_start(user: User, head: RecommendationList | None, *, limit: int, now: datetime) -> Shown:
    open_now, wanted = _for_user(user, now=now)
    newest = (
        Task.objects.filter(open_now, *wanted)
        .order_by("-created_at", "-id")
        .values_list("id", "category_id", "created_at", "applications_count", "views_count")[:COLD_START_POOL]
    )
    slugs = UserPreference.objects.filter(user=user).values_list("interests", flat=True).first() or []
    interests = (
        frozenset(Category.objects.filter(slug__in=slugs).values_list("id", flat=True))
        if slugs
        else frozenset()
    )
    pool = [coldstart.ColdTask(*row) for row in newest]
    ranked = coldstart.rank(pool, interests=interests, now=now)
    tasks = tasks_shown([task_id for task_id, _ in ranked[:limit]])
    rows = [
        Recommended(
            task=tasks[task_id],
            score=0.0,
            match_percentage=0,
            match_reasons=[POPULAR_AND_NEW.show()],
            reasons=[{"code": "popular_and_new", "params": {}}],
            parts={},
        )
        for task_id, _ in ranked[:limit]
        if task_id in tasks
    ]
    return Shown(
        rows=rows,
        total=len(pool),
        algorithm=Algorithm.COLD_START,
        computed_at=head.computed_at if head else None,
        stale=_is_stale(head),
    )
