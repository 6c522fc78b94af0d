"""Freelancers for a task, from the lists that it is in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from ml import diversity
from ml.people import Record, Suited, suit
from ml.ranking import Reason
from multitask.accounts.models import MAY_APPLY, User
from multitask.recommendations.models import RecommendationEntry, UserSkill
from multitask.recommendations.selectors.readers import unwilling
from multitask.recommendations.selectors.shown import Names, Why, why
from multitask.recommendations.selectors.statistics import statistics_now
from multitask.tasks.models import Task, TaskStatus

# Of those the task suits the best this many are weighed.
POOL = 200
RESPONSES_DAYS = 180


@dataclass(frozen=True, slots=True)
class SuitedRow:
    """One freelancer as the client sees them; `parts` sum to `score` (0 to 1), the percentage is the pair's."""

    user: User
    score: float
    match_percentage: int
    match_reasons: list[str]
    reasons: list[dict[str, Any]]
    parts: dict[str, float]
    explored: bool

    @property
    def why(self) -> list[Why]:
        return why(self.parts, round(100 * self.score))


@dataclass(frozen=True, slots=True)
class SuitedShown:
    rows: list[SuitedRow]
    total: int
    algorithm: str
    computed_at: datetime | None
    stale: bool


def freelancers_for(*, task: Task, limit: int, now: datetime | None = None) -> SuitedShown:
    """The freelancers whose lists hold the task, the most suited first, without who applied or dismissed it.

    A fixed number of queries. The same match, records and day give the same order; one place in ten is for somebody
    who was shown to few. Without vectors of the task's present words the answer says that it is stale.
    """
    now = now or timezone.now()
    entries = {row.recommendation_list.user_id: row for row in _entries(task)}
    records = _records(list(entries), now=now)
    market = statistics_now().rating
    suited = {
        user: suit(
            row.parts,
            tuple(Reason(one["code"], one["params"]) for one in row.reasons),
            records[user][0],
            market=market,
        )
        for user, row in entries.items()
        if user in records
    }
    order = _order(suited, {user: shown for user, (_, shown) in records.items()}, task, now=now, limit=limit)
    return SuitedShown(
        rows=_rows(order, suited, entries),
        total=len(suited),
        algorithm=next((entries[place.task_id].algorithm for place in order), "cold_start"),
        computed_at=max((row.computed_at for row in entries.values()), default=None),
        stale=_is_behind(task),
    )


def _entries(task: Task) -> QuerySet[RecommendationEntry]:
    if task.status != TaskStatus.OPEN:
        return RecommendationEntry.objects.none()
    found = RecommendationEntry.objects.filter(
        *unwilling(task),
        task=task,
        recommendation_list__user__is_active=True,
        recommendation_list__user__user_type__in=MAY_APPLY,
    ).exclude(recommendation_list__user=task.client_id)
    return found.select_related("recommendation_list").order_by("-score", "recommendation_list__user_id")[
        :POOL
    ]


def _is_behind(task: Task) -> bool:
    """Whether the task's words are newer than its vectors: its freelancers are still being found."""
    versions = task.vectors.filter(index__state="active").values_list("content_version", flat=True)
    return task.status == TaskStatus.OPEN and task.content_version not in set(versions)


def _records(users: Collection[int], *, now: datetime) -> dict[int, tuple[Record, int]]:
    """{user id: (record, in how many readings they were shown)}. Three queries."""
    rows = User.objects.filter(pk__in=users).values_list(
        "pk", "average_rating", "total_reviews", "exposure__readings"
    )
    running = dict(
        Task.objects.filter(assigned_to__in=users, status=TaskStatus.IN_PROGRESS)
        .order_by()
        .values_list("assigned_to")
        .annotate(number=Count("pk"))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT application.freelancer_id, percentile_cont(0.5) WITHIN GROUP (
                ORDER BY GREATEST(0, EXTRACT(epoch FROM application.created_at - task.created_at)) / 3600.0)
            FROM tasks_taskapplication application JOIN tasks_task task ON task.id = application.task_id
            WHERE application.freelancer_id = ANY(%s) AND application.created_at > %s
            GROUP BY 1
            """,
            [list(users), now - timedelta(days=RESPONSES_DAYS)],
        )
        hours = dict(cursor.fetchall())
    return {
        pk: (
            Record(
                rating=float(rating),
                reviews=reviews,
                running=running.get(pk, 0),
                hours=float(hours[pk]) if pk in hours else None,
            ),
            shown or 0,
        )
        for pk, rating, reviews, shown in rows
    }


def _order(
    suited: dict[int, Suited], shown: dict[int, int], task: Task, *, now: datetime, limit: int
) -> list[diversity.Place]:
    items = [
        # People differ in more than a category; nobody is held back for being like another.
        diversity.Item(
            task_id=user, score=one.score, category_id=user, created_at=now, shown=shown.get(user, 0)
        )
        for user, one in suited.items()
    ]
    return diversity.arrange(
        items, now=now, limit=limit, seed=f"task:{task.pk}:{now:%Y-%m-%d}", diversity=0.0, newness=0.0
    )


def _rows(
    order: Sequence[diversity.Place], suited: dict[int, Suited], entries: dict[int, RecommendationEntry]
) -> list[SuitedRow]:
    skills = UserSkill.objects.filter(skill__is_active=True).select_related("skill")
    people = User.objects.prefetch_related(
        Prefetch("user_skills", queryset=skills.order_by("created_at", "pk"), to_attr="shown_skills")
    ).in_bulk([place.task_id for place in order])
    reasons = {
        place.task_id: [
            {"code": reason.code, "params": dict(reason.params)} for reason in suited[place.task_id].reasons
        ]
        for place in order
    }
    names = Names.of(reasons.values())
    return [
        SuitedRow(
            user=people[place.task_id],
            score=suited[place.task_id].score,
            match_percentage=entries[place.task_id].match_percentage,
            match_reasons=names.sentences(reasons[place.task_id], voice="them"),
            reasons=reasons[place.task_id],
            parts={name: round(value, 6) for name, value in suited[place.task_id].parts.items()},
            explored=place.explored,
        )
        for place in order
        if place.task_id in people
    ]
