"""What users do with what they were shown."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from multitask.accounts.models import User
from multitask.common.errors import Forbidden, NotFound
from multitask.recommendations.models import (
    FeedbackAction,
    RecommendationFeedback,
    RecommendationLog,
    RecommendationType,
)
from multitask.tasks.models import Task


@transaction.atomic
def feedback_give(*, actor: User, task_id: int, action: str, reason: str = "") -> RecommendationFeedback:
    """Note a click, a dismissal or a bookmark; the same twice is one. Raises Forbidden, NotFound."""
    if not actor.may_apply:
        raise Forbidden("freelancers_only")
    if not Task.objects.filter(pk=task_id).exists():
        raise NotFound
    row, _ = RecommendationFeedback.objects.update_or_create(
        user=actor, task_id=task_id, action=action, defaults={"reason": reason}
    )
    if action == FeedbackAction.CLICKED:
        _note_click(actor, task_id)
    return row


def _note_click(actor: User, task_id: int) -> None:
    shown = RecommendationLog.objects.select_for_update().filter(user=actor).order_by("-created_at").first()
    if shown is not None and task_id in shown.recommended_items and task_id not in shown.clicked_items:
        shown.clicked_items = [*shown.clicked_items, task_id]
        shown.save(update_fields=["clicked_items"])


@transaction.atomic
def feedback_withdraw(*, actor: User, task_id: int) -> None:
    """Undo a dismissal. Raises NotFound where there is none."""
    gone, _ = RecommendationFeedback.objects.filter(
        user=actor, task_id=task_id, action=FeedbackAction.DISMISSED
    ).delete()
    if not gone:
        raise NotFound


def shown_log(*, user: User, tasks: Sequence[int], scores: Sequence[float], algorithm: str) -> None:
    """Note what was shown, once for each different showing."""
    last = RecommendationLog.objects.filter(user=user).order_by("-created_at").first()
    if last is not None and last.recommended_items == list(tasks):
        return
    RecommendationLog.objects.create(
        user=user,
        recommendation_type=RecommendationType.TASK,
        recommended_items=list(tasks),
        recommendation_scores={str(task): round(score, 4) for task, score in zip(tasks, scores, strict=True)},
        algorithm_used=algorithm,
    )
