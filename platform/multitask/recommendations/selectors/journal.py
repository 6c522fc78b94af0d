"""The log of what was shown, as `ml.learning` reads it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from ml.learning import Row, Showing
from multitask.recommendations.learned import MatchStatistics
from multitask.recommendations.models import (
    FeedbackAction,
    RecommendationFeedback,
    RecommendationLog,
    RecommendationType,
)
from multitask.tasks.models import ApplicationStatus, TaskApplication

DAYS = 90
SHOWINGS_MOST = 20_000
# What was shown last may still be acted on.
SETTLED_HOURS = 24


def showings(*, now: datetime) -> list[Showing]:
    """The newest `SHOWINGS_MOST` showings of tasks of the last `DAYS` days, the oldest first; four queries.

    Parts are as they were before the factors of the statistics they were computed with.
    """
    logs = list(
        RecommendationLog.objects.filter(
            recommendation_type=RecommendationType.TASK,
            created_at__gt=now - timedelta(days=DAYS),
            created_at__lt=now - timedelta(hours=SETTLED_HOURS),
        )
        .exclude(score_parts={})
        .order_by("-created_at", "-id")
        .values_list(
            "user_id", "recommended_items", "score_parts", "statistics", "clicked_items", "applied_items"
        )[:SHOWINGS_MOST]
    )
    users = {user for user, *_ in logs}
    accepted = _pairs(
        TaskApplication.objects.filter(freelancer__in=users, status=ApplicationStatus.ACCEPTED),
        "freelancer_id",
    )
    dismissed = _pairs(
        RecommendationFeedback.objects.filter(user__in=users, action=FeedbackAction.DISMISSED), "user_id"
    )
    factors = {
        pk: data.get("factors", {})
        for pk, data in MatchStatistics.objects.filter(pk__in={row[3] for row in logs}).values_list(
            "pk", "data"
        )
    }
    found = []
    for user, items, parts, version, clicked, applied in reversed(logs):
        used = factors.get(version, {})
        rows = [
            Row(
                parts={name: value / used.get(name, 1.0) for name, value in parts.get(str(item), {}).items()},
                outcome=_outcome(
                    item,
                    clicked=clicked,
                    applied=applied,
                    accepted=accepted[user],
                    dismissed=dismissed[user],
                ),
            )
            for item in items
        ]
        found.append(Showing(user=user, rows=rows))
    return found


def _pairs(rows: Any, owner: str) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for user, task in rows.values_list(owner, "task_id"):
        found[user].add(task)
    return found


def _outcome(
    item: int, *, clicked: list[int], applied: list[int], accepted: set[int], dismissed: set[int]
) -> str:
    if item in applied:
        return "accepted" if item in accepted else "applied"
    if item in clicked:
        return "clicked"
    return "dismissed" if item in dismissed else ""
