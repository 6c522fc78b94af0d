"""What the two sides say of each other after the work.

A review is hidden from everybody but its writer until both sides have written, or until `REVIEW_HIDDEN_DAYS` after
completion; then it is published, which is a stored fact (`published_at`). Ratings count what is published, public
and not removed, so they move when a review is shown and not before. One that is written after that time, or second,
is shown at once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Avg, Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Round
from django.utils import timezone

from multitask.accounts.models import User, UserType
from multitask.common.errors import DomainError, Forbidden, Invalid, NotFound, violated_constraint
from multitask.outbox.emit import Event, emit, emit_many
from multitask.tasks.models import COMMENT_LIMIT, REASON_LIMIT, REPLY_LIMIT, Review, Task, TaskStatus
from multitask.tasks.selectors.reviews import is_shown, reviews_counted, reviews_due
from multitask.tasks.services.tasks import check_words

STARS = ("rating", "communication_rating", "quality_rating", "professionalism_rating")
PUBLISH_AT_ONCE = 200


def _check_stars(values: dict[str, Any]) -> None:
    for field in STARS:
        if field not in values:
            continue
        value = values[field]
        if (value is None and field == "rating") or (value is not None and not 1 <= value <= 5):
            raise Invalid("rating_range", field=field)


def _check_comment(comment: str) -> str:
    stripped = comment.strip()
    if len(stripped) > COMMENT_LIMIT:
        raise Invalid("too_long", field="comment", limit=COMMENT_LIMIT, length=len(stripped))
    return stripped


def _lock_people(ids: Collection[int]) -> None:
    """The rows of those whose ratings may change, in one order, so that two reviews leave the average of both."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


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
    published: bool = False,
) -> Review:
    """Review the other side of a completed task, once. Ratings are 1 to 5.

    `published` is True for a review that was public where it comes from (an import). Raises NotFound for a stranger,
    Invalid, DomainError task_not_completed or already_reviewed.
    """
    task = Task.objects.filter(pk=task_id).first()
    if task is None or actor.pk not in {task.client_id, task.assigned_to_id}:
        raise NotFound
    # Completed is for good, so the task needs no lock.
    if task.status != TaskStatus.COMPLETED or task.assigned_to_id is None:
        raise DomainError("task_not_completed")
    stars = {
        "rating": rating,
        "communication_rating": communication_rating,
        "quality_rating": quality_rating,
        "professionalism_rating": professionalism_rating,
    }
    _check_stars(stars)
    comment = _check_comment(comment)
    people = {task.client_id, task.assigned_to_id}
    _lock_people(people)
    try:
        with transaction.atomic():
            review = Review.objects.create(
                task=task,
                reviewer=actor,
                reviewee_id=(people - {actor.pk}).pop(),
                comment=comment,
                is_verified=True,
                **stars,
            )
    except IntegrityError as error:
        if violated_constraint(error) == "review_once":
            raise DomainError("already_reviewed") from error
        raise
    emit("review.created", key=f"review:{review.pk}", review=review.pk)
    both = Review.objects.filter(task=task)
    if published or both.count() == 2 or _is_late(task, now=timezone.now()):
        _publish(both.filter(published_at__isnull=True))
        review.refresh_from_db()
    return review


def _is_late(task: Task, *, now: datetime) -> bool:
    ended = task.completed_at or task.updated_at
    return bool(ended <= now - timedelta(days=settings.REVIEW_HIDDEN_DAYS))


def _publish(reviews: QuerySet[Review]) -> int:
    """Show these and count them. The people they are of are locked. Returns how many there were."""
    found = list(reviews.values_list("pk", "reviewee_id"))
    Review.objects.filter(pk__in=[pk for pk, _ in found]).update(published_at=timezone.now())
    ratings_recount(user_ids={reviewee for _, reviewee in found})
    emit_many([Event("review.published", f"review:{pk}", {"review": pk}) for pk, _ in found])
    return len(found)


@transaction.atomic
def reviews_publish_due() -> int:
    """Show up to `PUBLISH_AT_ONCE` reviews whose time of hiding is over. Returns how many there were."""
    before = timezone.now() - timedelta(days=settings.REVIEW_HIDDEN_DAYS)
    ids = list(reviews_due(before=before).values_list("pk", flat=True)[:PUBLISH_AT_ONCE])
    if not ids:
        return 0
    rows = Review.objects.filter(pk__in=ids)
    _lock_people(set(rows.values_list("reviewee_id", flat=True)))
    return _publish(rows.filter(published_at__isnull=True))


def _access(*, actor: User, review_id: int) -> Review:
    """The review with the people of its rating and its own row locked, where the actor may know of it."""
    found = Review.objects.filter(pk=review_id).values_list("reviewee_id", flat=True).first()
    if found is None:
        raise NotFound
    _lock_people([found])
    review = Review.objects.select_for_update().filter(pk=review_id).first()
    if review is None or not is_shown(review, actor=actor):
        raise NotFound
    return review


@transaction.atomic
def review_update(*, actor: User, review_id: int, **values: Any) -> Review:
    """The writer corrects stars or comment within `REVIEW_EDIT_HOURS` of writing; readers see that it was edited.

    Raises NotFound, Forbidden for another's, Invalid, DomainError review_edit_over or review_removed.
    """
    review = _access(actor=actor, review_id=review_id)
    if review.reviewer_id != actor.pk:
        raise Forbidden
    if review.removed_at is not None:
        raise DomainError("review_removed")
    now = timezone.now()
    if now - review.created_at > timedelta(hours=settings.REVIEW_EDIT_HOURS):
        raise DomainError("review_edit_over", hours=settings.REVIEW_EDIT_HOURS)
    _check_stars(values)
    if "comment" in values:
        values["comment"] = _check_comment(values["comment"])
    changed = [name for name, value in values.items() if getattr(review, name) != value]
    if not changed:
        return review
    for name in changed:
        setattr(review, name, values[name])
    review.edited_at = now
    review.save(update_fields=[*changed, "edited_at", "updated_at"])
    ratings_recount(user_ids=[review.reviewee_id])
    return review


@transaction.atomic
def review_reply(*, actor: User, review_id: int, reply: str) -> Review:
    """Who was reviewed answers in public, once.

    Raises NotFound while it is hidden, Forbidden for anybody else, Invalid, DomainError already_replied.
    """
    reply = check_words(reply, field="reply", limit=REPLY_LIMIT)
    review = _access(actor=actor, review_id=review_id)
    if review.reviewee_id != actor.pk:
        raise Forbidden
    if review.replied_at is not None:
        raise DomainError("already_replied")
    review.reply = reply
    review.replied_at = timezone.now()
    review.save(update_fields=["reply", "replied_at", "updated_at"])
    emit("review.replied", key=f"review:{review.pk}", review=review.pk)
    return review


@transaction.atomic
def review_remove(*, actor: User, review_id: int, reason: str) -> Review:
    """An administrator takes a review out of sight and out of the ratings; the row keeps who did and why.

    Raises NotFound, Forbidden, Invalid, DomainError review_removed.
    """
    review = _access(actor=actor, review_id=review_id)
    if actor.user_type != UserType.ADMIN:
        raise Forbidden
    reason = check_words(reason, field="reason", limit=REASON_LIMIT)
    if review.removed_at is not None:
        raise DomainError("review_removed")
    review.removed_at = timezone.now()
    review.removed_by = actor
    review.removed_reason = reason
    review.save(update_fields=["removed_at", "removed_by", "removed_reason", "updated_at"])
    ratings_recount(user_ids=[review.reviewee_id])
    emit("review.removed", key=f"review:{review.pk}", review=review.pk)
    return review


def ratings_recount(*, user_ids: Collection[int]) -> None:
    """Set averages and numbers of reviews to what a count of the shown ones gives. The people are locked."""
    found = reviews_counted().filter(reviewee=OuterRef("pk")).order_by().values("reviewee")
    User.objects.filter(pk__in=user_ids).update(
        average_rating=Coalesce(
            Subquery(found.values(average=Round(Avg("rating"), precision=2))), Value(0), output_field=_RATING
        ),
        total_reviews=Coalesce(Subquery(found.values(number=Count("id"))), Value(0)),
    )


_RATING: Any = User._meta.get_field("average_rating")
