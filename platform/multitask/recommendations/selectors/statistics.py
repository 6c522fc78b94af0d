"""The statistics that serve, and what they are made from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from django.db.models import F, Sum

from ml.statistics import PLAIN, Statistics
from multitask.accounts.models import User
from multitask.recommendations.learned import MatchStatistics
from multitask.recommendations.models import IndexState, Skill, TaskVector, UserSkill
from multitask.tasks.models import ListingType, Task, TaskStatus


def statistics_version() -> int:
    """The newest statistics, 0 where there are none."""
    return MatchStatistics.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def statistics_now() -> Statistics:
    """The statistics that serve. One query; the rows never change, so a process reads each but once."""
    version = statistics_version()
    return _read(version) if version else PLAIN


@lru_cache(maxsize=2)
def _read(version: int) -> Statistics:
    data = MatchStatistics.objects.values_list("data", flat=True).get(pk=version)
    return Statistics.from_json(version, data)


def market_rating() -> float:
    """The mean of all reviews, 1 to 5; 4 where there are none."""
    whole = User.objects.filter(total_reviews__gt=0).aggregate(
        number=Sum("total_reviews"), stars=Sum(F("average_rating") * F("total_reviews"))
    )
    return round(float(whole["stars"] / whole["number"]), 2) if whole["number"] else PLAIN.rating


def skill_categories() -> dict[int, int | None]:
    return dict(Skill.objects.order_by().values_list("pk", "category_id"))


def skill_sets() -> Iterator[list[int]]:
    """The skills that stand together: in each open request (required, and named by its text) and in each profile."""
    open_now = {"status": TaskStatus.OPEN, "listing_type": ListingType.TASK_REQUEST}
    tasks: dict[int, list[int]] = {}
    required = Task.required_skills.through.objects.filter(**{f"task__{k}": v for k, v in open_now.items()})
    for task_id, skill_id in required.values_list("task_id", "skill_id").iterator(chunk_size=20_000):
        tasks.setdefault(task_id, []).append(skill_id)
    named = TaskVector.objects.filter(
        index__state=IndexState.ACTIVE, **{f"task__{k}": v for k, v in open_now.items()}
    ).exclude(mentioned_skills=[])
    for task_id, skills in named.values_list("task_id", "mentioned_skills").iterator(chunk_size=20_000):
        tasks.setdefault(task_id, []).extend(skills)
    yield from tasks.values()
    people: dict[int, list[int]] = {}
    for user_id, skill_id in (
        UserSkill.objects.filter(user__is_active=True)
        .order_by()
        .values_list("user_id", "skill_id")
        .iterator(chunk_size=20_000)
    ):
        people.setdefault(user_id, []).append(skill_id)
    yield from people.values()
