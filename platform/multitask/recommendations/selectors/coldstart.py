"""What somebody sees whose list is empty."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from ml import coldstart
from ml.places import city_key
from multitask.accounts.models import User
from multitask.recommendations.models import Algorithm, RecommendationList, UserPreference
from multitask.recommendations.selectors.readers import unseen
from multitask.recommendations.selectors.shown import Names, Recommended, Shown, is_stale, tasks_shown
from multitask.tasks.models import Category, ListingType, Task, TaskStatus

# The newest of all, and of those that answer to what was said at the start.
POOL = 150


def cold_start(user: User, head: RecommendationList | None, *, limit: int, now: datetime) -> Shown:
    """Open requests by interests, city and other wishes, by newness and demand; six queries and those of the tasks."""
    wishes = UserPreference.objects.filter(user=user).first() or UserPreference()
    interests = dict(Category.objects.filter(slug__in=wishes.interests).values_list("id", "slug"))
    city = city_key(wishes.preferred_location or user.city)
    open_now = (
        Task.objects.filter(
            Q(deadline__isnull=True) | Q(deadline__gt=now),
            *unseen(user, task="pk"),
            status=TaskStatus.OPEN,
            listing_type=ListingType.TASK_REQUEST,
        )
        .exclude(client=user)
        .order_by("-created_at", "-id")
    )
    fields = (
        "id",
        "category_id",
        "created_at",
        "applications_count",
        "views_count",
        "city_key",
        "is_remote",
        "task_type",
        "budget",
    )
    pool = set(open_now.values_list(*fields)[:POOL])
    if interests:
        pool |= set(open_now.filter(category__in=interests).values_list(*fields)[:POOL])
    if city:
        pool |= set(open_now.filter(city_key=city).values_list(*fields)[:POOL])
    person = coldstart.Newcomer(
        interests=frozenset(interests),
        city=city,
        task_types=frozenset(wishes.preferred_task_types),
        prefer_remote=wishes.prefer_remote,
        prefer_physical=wishes.prefer_physical,
        min_budget=wishes.min_budget,
        max_budget=wishes.max_budget,
        seed=f"{user.pk}:{now:%Y-%m-%d}",
    )
    ranked = coldstart.rank([coldstart.ColdTask(*row) for row in pool], person=person, now=now)[:limit]
    tasks = tasks_shown([one.task_id for one in ranked])
    reasons = {
        one.task_id: [{"code": reason.code, "params": dict(reason.params)} for reason in one.reasons]
        for one in ranked
    }
    names = Names.of(reasons.values())
    return Shown(
        rows=[
            # No percentage: nothing was matched. What was said and what is new brought it here.
            Recommended(
                task=tasks[one.task_id],
                score=0.0,
                match_percentage=0,
                match_reasons=names.sentences(reasons[one.task_id]),
                reasons=reasons[one.task_id],
                parts={},
            )
            for one in ranked
            if one.task_id in tasks
        ],
        total=len(pool),
        algorithm=Algorithm.COLD_START,
        computed_at=head.computed_at if head else None,
        stale=is_stale(head),
    )
