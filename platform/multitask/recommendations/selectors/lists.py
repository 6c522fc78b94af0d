"""Read a precomputed list: a fixed number of queries, and a cost that does not grow with the number of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from ml import diversity
from ml.calibration import percentage
from multitask.accounts.models import User
from multitask.recommendations.models import Algorithm, RecommendationEntry, RecommendationList
from multitask.recommendations.selectors.coldstart import cold_start
from multitask.recommendations.selectors.readers import FACT, Fact, discounts, signs, unseen
from multitask.recommendations.selectors.shown import Names, Recommended, Shown, is_stale, tasks_shown
from multitask.tasks.models import ListingType, TaskStatus


def _entries(user: User, *, now: datetime) -> QuerySet[RecommendationEntry]:
    return (
        RecommendationEntry.objects.filter(
            Q(task__deadline__isnull=True) | Q(task__deadline__gt=now),
            *unseen(user, task="task_id"),
            recommendation_list__user=user,
            task__status=TaskStatus.OPEN,
            task__listing_type=ListingType.TASK_REQUEST,
        )
        .exclude(task__client=user)
        .order_by("-score", "-task_id")
    )


def list_read(*, user: User, limit: int, now: datetime | None = None) -> Shown:
    """The user's list in reading order, `limit` rows of it; popular and new tasks where it is empty.

    Order, freshness and what dismissals take away come from the request's own clock `now`; what was computed is not
    touched. The same list, past and day are read in the same order.
    """
    now = now or timezone.now()
    head = RecommendationList.objects.filter(user=user).first()
    facts = [Fact(*row) for row in _entries(user, now=now).values_list(*FACT)]
    if not facts:
        return cold_start(user, head, limit=limit, now=now)
    lost = discounts(user, facts, now=now)
    order = _arranged(user, head, facts, lost, now=now, limit=limit)
    return Shown(
        rows=_rows(user, order, lost),
        total=len(facts),
        algorithm=head.algorithm if head else Algorithm.COLD_START,
        computed_at=head.computed_at if head else None,
        stale=is_stale(head),
        statistics=head.statistics if head else 0,
    )


def _arranged(
    user: User,
    head: RecommendationList | None,
    facts: list[Fact],
    lost: Mapping[int, float],
    *,
    now: datetime,
    limit: int,
) -> list[diversity.Place]:
    meanings = signs([fact.task_id for fact in facts], index=head.index_id if head else None)
    items = [
        diversity.Item(
            task_id=fact.task_id,
            score=fact.score * (1.0 - lost.get(fact.task_id, 0.0)),
            category_id=fact.category_id,
            created_at=fact.created_at,
            client_id=fact.client_id,
            signs=meanings.get(fact.task_id, b""),
            shown=fact.shown or 0,
        )
        for fact in facts
    ]
    return diversity.arrange(items, now=now, limit=limit, seed=f"{user.pk}:{now:%Y-%m-%d}")


def _rows(user: User, order: list[diversity.Place], lost: Mapping[int, float]) -> list[Recommended]:
    ids = [place.task_id for place in order]
    entries = {
        entry.task_id: entry
        for entry in RecommendationEntry.objects.filter(recommendation_list__user=user, task__in=ids)
    }
    tasks = tasks_shown(ids)
    names = Names.of(entry.reasons for entry in entries.values())
    rows = []
    for place in order:
        entry, task = entries.get(place.task_id), tasks.get(place.task_id)
        if entry is None or task is None:
            continue  # closed between two queries
        score, parts, shown = entry.score, entry.parts, entry.match_percentage
        share = lost.get(entry.task_id, 0.0)
        if share:
            parts = parts | {"dismissed": round(-share * score, 6)}
            score *= 1.0 - share
            shown = percentage(score)
        rows.append(
            Recommended(
                task=task,
                score=score,
                match_percentage=shown,
                match_reasons=names.sentences(entry.reasons),
                reasons=entry.reasons,
                parts=parts,
                explored=place.explored,
            )
        )
    return rows
