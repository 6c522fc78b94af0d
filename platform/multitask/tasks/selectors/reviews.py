"""Read reviews: which are shown to whom, and which count."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from multitask.accounts.models import User, UserType
from multitask.common.errors import NotFound
from multitask.tasks.models import Review, Task

_COUNTED = Q(published_at__isnull=False, removed_at__isnull=True, is_public=True)


def reviews_counted() -> QuerySet[Review]:
    """What everybody sees and every rating counts."""
    return Review.objects.filter(_COUNTED)


def reviews_shown(actor: User | None) -> QuerySet[Review]:
    """What the actor may read, newest first: the public ones and their own; an administrator reads all."""
    rows = Review.objects.select_related("reviewer", "reviewee").order_by("-created_at", "-id")
    if actor is None:
        return rows.filter(_COUNTED)
    if actor.user_type == UserType.ADMIN:
        return rows
    return rows.filter(_COUNTED | Q(reviewer=actor))


def reviews_of_task(*, actor: User | None, task_id: int) -> QuerySet[Review]:
    """What the actor may read of a task's reviews. Raises NotFound."""
    if not Task.objects.filter(pk=task_id).exists():
        raise NotFound
    return reviews_shown(actor).filter(task=task_id)


def reviews_of_user(*, user_id: int) -> QuerySet[Review]:
    """What everybody may read about somebody. Raises NotFound."""
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise NotFound
    return reviews_shown(None).filter(reviewee=user_id)


def is_shown(review: Review, *, actor: User) -> bool:
    """`reviews_shown` for one row."""
    counted = review.published_at is not None and review.removed_at is None and review.is_public
    return counted or actor.pk == review.reviewer_id or actor.user_type == UserType.ADMIN


def reviews_due(*, before: datetime) -> QuerySet[Review]:
    """Hidden reviews of tasks that were completed before that time, oldest first."""
    ended = Coalesce("task__completed_at", "task__updated_at")
    return (
        Review.objects.filter(published_at__isnull=True)
        .alias(ended=ended)
        .filter(ended__lte=before)
        .order_by("pk")
    )
