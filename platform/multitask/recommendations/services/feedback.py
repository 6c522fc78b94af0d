"""What users do with what they were shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ml.feedback import STRENGTH
from multitask.accounts.models import User
from multitask.common.errors import Forbidden, NotFound
from multitask.recommendations.learned import Exposure, PersonExposure, TaskExposure
from multitask.recommendations.models import (
    FeedbackAction,
    RecommendationFeedback,
    RecommendationLog,
    RecommendationType,
)
from multitask.tasks.models import Task, TaskApplication

# What a dismissal may be for; each takes from tasks that share it (`ml.feedback`).
CAUSES = tuple(STRENGTH)
# A click or an application is credited to the newest showing of that task, if it is not older than this.
CREDITED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Showing:
    """One reading of a list, in its order: {item: score and its terms}."""

    scores: Mapping[int, float]
    parts: Mapping[int, Mapping[str, float]]
    algorithm: str
    kind: str = RecommendationType.TASK
    statistics: int = 0


@transaction.atomic
def feedback_give(*, actor: User, task_id: int, action: str, reason: str = "") -> RecommendationFeedback:
    """Note a click, a dismissal or a bookmark; the same twice is one, with the newest reason and time.

    Raises Forbidden, NotFound. A `reason` of `ml.feedback.STRENGTH` takes from tasks that share that feature.
    """
    if not actor.may_apply:
        raise Forbidden("freelancers_only")
    if not Task.objects.filter(pk=task_id).exists():
        raise NotFound
    row, _ = RecommendationFeedback.objects.update_or_create(
        user=actor,
        task_id=task_id,
        action=action,
        defaults={"reason": reason, "created_at": timezone.now()},
        create_defaults={"reason": reason},
    )
    if action == FeedbackAction.CLICKED:
        _credit(actor.pk, task_id, "clicked_items")
    return row


def _credit(user_id: int, task_id: int, field: str) -> None:
    shown = (
        RecommendationLog.objects.select_for_update()
        .filter(
            user=user_id,
            recommendation_type=RecommendationType.TASK,
            recommended_items__contains=[task_id],
            created_at__gt=timezone.now() - timedelta(days=CREDITED_DAYS),
        )
        .order_by("-created_at", "-id")
        .first()
    )
    noted: list[Any] = getattr(shown, field, [])
    if shown is not None and task_id not in noted:
        setattr(shown, field, [*noted, task_id])
        shown.save(update_fields=[field])


def applications_credit(*, application_ids: Sequence[int]) -> None:
    """Note in the log of what was shown which of it was applied to. Inside a transaction."""
    rows = TaskApplication.objects.filter(pk__in=application_ids).order_by("pk")
    for user_id, task_id in rows.values_list("freelancer_id", "task_id"):
        _credit(user_id, task_id, "applied_items")


@transaction.atomic
def feedback_withdraw(*, actor: User, task_id: int) -> None:
    """Undo a dismissal, and with it what it took from other tasks. Raises NotFound where there is none."""
    gone, _ = RecommendationFeedback.objects.filter(
        user=actor, task_id=task_id, action=FeedbackAction.DISMISSED
    ).delete()
    if not gone:
        raise NotFound


@transaction.atomic
def shown_log(*, user: User, showing: Showing) -> None:
    """Note what was shown, once for each different showing, and count the exposure of each of it."""
    items = list(showing.scores)
    last = (
        RecommendationLog.objects.filter(user=user, recommendation_type=showing.kind)
        .order_by("-created_at", "-id")
        .first()
    )
    if last is not None and last.recommended_items == items:
        return
    RecommendationLog.objects.create(
        user=user,
        recommendation_type=showing.kind,
        recommended_items=items,
        recommendation_scores={str(item): round(score, 4) for item, score in showing.scores.items()},
        score_parts={str(item): dict(parts) for item, parts in showing.parts.items() if parts},
        algorithm_used=showing.algorithm,
        statistics=showing.statistics,
    )
    before = set(last.recommended_items) if last is not None else set()
    # What the last reading showed too has been counted for this reader.
    _count(
        PersonExposure if showing.kind == RecommendationType.FREELANCER else TaskExposure, set(items) - before
    )


def _count(exposure: type[Exposure], items: set[int]) -> None:
    if not items:
        return
    table = exposure._meta.db_table
    column = "user_id" if exposure is PersonExposure else "task_id"
    source = "accounts_user" if exposure is PersonExposure else "tasks_task"
    with connection.cursor() as cursor:
        # In the order of ids, so that two readers of the same rows do not wait for each other in a circle. A deleted
        # row is left out. Names of tables are ours.
        cursor.execute(
            f"""
            INSERT INTO {table} ({column}, readings)
            SELECT id, 1 FROM {source} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE
            ON CONFLICT ({column}) DO UPDATE SET readings = {table}.readings + 1, updated_at = now()
            """,  # noqa: S608
            [sorted(items)],
        )
