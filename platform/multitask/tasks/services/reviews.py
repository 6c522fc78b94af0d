"""What the two sides say of each other after the work."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.db import IntegrityError, transaction
from django.db.models import Avg, Count

from multitask.accounts.models import User
from multitask.common.errors import DomainError, Invalid, NotFound, violated_constraint
from multitask.outbox.emit import emit
from multitask.tasks.models import Review, Task, TaskStatus


@transaction.atomic
def review_create(
    *,
    actor: User,
    task_id: int,
    rating: int,
    comment: str = "",
    communication_rating: int | None = None,
    quality_rating: int | None = None,
    professionalism_rating: int | None = None,
) -> Review:
    """Review the other side of a completed task, once. Ratings are 1 to 5.

    Raises NotFound for a stranger, Invalid rating_range, DomainError task_not_completed or already_reviewed.
    """
    task = Task.objects.filter(pk=task_id).first()
    if task is None or actor.pk not in {task.client_id, task.assigned_to_id}:
        raise NotFound
    if task.status != TaskStatus.COMPLETED or task.assigned_to_id is None:
        raise DomainError("task_not_completed")
    stars = {
        "rating": rating,
        "communication_rating": communication_rating,
        "quality_rating": quality_rating,
        "professionalism_rating": professionalism_rating,
    }
    for field, value in stars.items():
        if (value is None and field == "rating") or (value is not None and not 1 <= value <= 5):
            raise Invalid("rating_range", field=field)
    reviewee_id = task.assigned_to_id if actor.pk == task.client_id else task.client_id
    # The reviewee's row, so that two reviews at once leave the average of both.
    User.objects.select_for_update().get(pk=reviewee_id)
    try:
        with transaction.atomic():
            review = Review.objects.create(
                task=task,
                reviewer=actor,
                reviewee_id=reviewee_id,
                comment=comment.strip(),
                is_verified=True,
                **stars,
            )
    except IntegrityError as error:
        if violated_constraint(error) == "review_once":
            raise DomainError("already_reviewed") from error
        raise
    rating_recount(user_id=reviewee_id)
    emit("review.created", key=f"review:{review.pk}", review=review.pk)
    return review


def rating_recount(*, user_id: int) -> None:
    """Set the user's average and number of reviews to what a count of the public ones gives."""
    found = Review.objects.filter(reviewee=user_id, is_public=True).aggregate(
        average=Avg("rating"), number=Count("id")
    )
    average = Decimal(str(found["average"] or 0)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    User.objects.filter(pk=user_id).update(average_rating=average, total_reviews=found["number"])
