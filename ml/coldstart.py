"""What to show somebody without skills: what is new and asked for, in the categories of interest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ml.ranking import diversify

HALF_LIFE_DAYS = 5.0


@dataclass(frozen=True, slots=True)
class ColdTask:
    """What the ranking without a profile needs of an open task; `created_at` is aware."""

    task_id: int
    category_id: int
    created_at: datetime
    applications: int
    views: int


def _value(task: ColdTask, interests: frozenset[int], now: datetime) -> float:
    demand = math.log1p(3 * max(0, task.applications) + 0.2 * max(0, task.views))
    popularity = demand / (demand + 3.0)
    age = max(0.0, (now - task.created_at).total_seconds() / 86_400)
    freshness = 0.5 ** (age / HALF_LIFE_DAYS)
    interest = 1.0 if task.category_id in interests else 0.0
    return 0.5 * interest + 0.5 * freshness * (0.4 + 0.6 * popularity)


def rank(tasks: Sequence[ColdTask], *, interests: frozenset[int], now: datetime) -> list[tuple[int, float]]:
    """(task id, score 0..1) in reading order, scores falling.

    Half of the score is interest in the category, half is freshness (half-life 5 days) raised by demand (an
    application weighs as much as fifteen views, logarithmically). Repeats of a category count a little less each;
    equals go by id, the newest first; the order of `tasks` does not matter.
    """
    queues: dict[int, list[tuple[float, int]]] = {}
    for task in tasks:
        queues.setdefault(task.category_id, []).append((-_value(task, interests, now), -task.task_id))
    return [(-negative_id, -value) for value, negative_id in diversify(queues, limit=len(tasks))]
