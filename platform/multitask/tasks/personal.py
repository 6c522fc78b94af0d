"""What tasks, applications and reviews hold about a person."""

from __future__ import annotations

from django.db.models import Q

from multitask.accounts.personal import Fate, Holding, declare, on_leaving
from multitask.tasks.services.leaving import work_end

TASK = (
    "id",
    "title",
    "description",
    "category__slug",
    "task_type",
    "listing_type",
    "budget",
    "is_negotiable",
    "location",
    "city",
    "is_remote",
    "deadline",
    "estimated_duration",
    "status",
    "image",
    "created_at",
    "completed_at",
    "delivered_at",
    "cancelled_at",
    "cancel_reason",
)
APPLICATION = (
    "id",
    "task_id",
    "proposal",
    "offered_price",
    "estimated_time",
    "cover_letter",
    "status",
    "rejection_reason",
    "created_at",
)
REVIEW = (
    "id",
    "task_id",
    "rating",
    "comment",
    "communication_rating",
    "quality_rating",
    "professionalism_rating",
    "reply",
    "created_at",
)


def register() -> None:
    """Called once all models are there."""
    declare(
        Holding("tasks.Task", "client", Fate.KEEP, name="tasks_posted", export=TASK),
        Holding("tasks.Task", "assigned_to", Fate.KEEP, name="tasks_assigned", export=TASK),
        Holding(
            "tasks.Task", "cancelled_by", Fate.KEEP, name="tasks_cancelled", export=("id", "cancelled_at")
        ),
        Holding(
            "tasks.TaskApplication",
            "client",
            Fate.KEEP,
            name="applications_received",
            export=("id", "task_id", "status", "created_at"),
        ),
        Holding("tasks.TaskApplication", "freelancer", Fate.KEEP, name="applications", export=APPLICATION),
        Holding("tasks.Review", "reviewer", Fate.KEEP, name="reviews_written", export=REVIEW),
        Holding(
            "tasks.Review",
            "reviewee",
            Fate.KEEP,
            name="reviews_received",
            export=REVIEW,
            # One that is still hidden is the other side's secret until both have written.
            where=Q(published_at__isnull=False),
        ),
        Holding("tasks.Review", "removed_by", Fate.KEEP, name="reviews_removed", export=("id", "removed_at")),
    )
    on_leaving(work_end)
