"""What to show somebody without skills: by what they said at the start, their city, and what is new and asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ml.diversity import diversify, lottery
from ml.ranking import MAX_REASONS, Reason, budget_fit, place_fit

HALF_LIFE_DAYS = 5.0
NEW_DAYS = 3.0
POPULAR_APPLICATIONS = 3

# Shares of what was said; one that was not said leaves its share to newness and demand.
INTEREST = 0.40
PLACE = 0.15
KIND = 0.08
BUDGET = 0.07
# Two who said the same need not read the same: what is drawn for each reader and task decides among near equals.
CHANCE = 0.08


@dataclass(frozen=True, slots=True)
class ColdTask:
    """What the ranking without a profile needs of an open task; `created_at` is aware, `city` a key of `ml.places`."""

    task_id: int
    category_id: int
    created_at: datetime
    applications: int
    views: int
    city: str = ""
    is_remote: bool = False
    task_type: str = ""
    budget: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody has said of themselves. `seed` makes their draw: the same seed, the same list."""

    interests: frozenset[int] = frozenset()
    city: str = ""
    task_types: frozenset[str] = frozenset()
    prefer_remote: bool = False
    prefer_physical: bool = False
    min_budget: Decimal | None = None
    max_budget: Decimal | None = None
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A task with its score, 0 to 1, the terms that sum to it, and what speaks for it, the strongest first."""

    task_id: int
    score: float
    parts: dict[str, float]
    reasons: tuple[Reason, ...]


def _suggest(task: ColdTask, person: Newcomer, now: datetime) -> Suggestion:
    parts: dict[str, float] = {}
    reasons: dict[str, Reason] = {}
    left = 1.0 - CHANCE
    if person.interests:
        left -= INTEREST
        if task.category_id in person.interests:
            parts["interest"] = INTEREST
            reasons["interest"] = Reason("preferred_category", {"category_id": task.category_id})
    fit, _, code = place_fit(
        is_remote=task.is_remote,
        here=person.city,
        there=task.city,
        prefer_remote=person.prefer_remote,
        prefer_physical=person.prefer_physical,
    )
    if fit is not None:
        left -= PLACE
        if fit:
            parts["place"] = PLACE * fit
        if code:
            reasons["place"] = Reason(code)
    if person.task_types:
        left -= KIND
        if task.task_type in person.task_types:
            parts["type"] = KIND
            reasons["type"] = Reason("preferred_type", {"task_type": task.task_type})
    worth, _ = budget_fit(task.budget, low=person.min_budget, high=person.max_budget)
    if worth is not None:
        left -= BUDGET
        if worth:
            parts["budget"] = BUDGET * worth
        if worth == 1.0:
            reasons["budget"] = Reason("budget_fits", {"budget": str(task.budget)})
    demand = math.log1p(3 * max(0, task.applications) + 0.2 * max(0, task.views))
    age = max(0.0, (now - task.created_at).total_seconds() / 86_400)
    freshness = 0.5 ** (age / HALF_LIFE_DAYS)
    parts["freshness"] = left * 0.4 * freshness
    parts["popularity"] = left * 0.6 * freshness * demand / (demand + 3.0)
    parts["chance"] = CHANCE * lottery(person.seed, task.task_id)
    if age <= NEW_DAYS:
        reasons["freshness"] = Reason("new")
    if task.applications >= POPULAR_APPLICATIONS:
        reasons["popularity"] = Reason("popular")
    strongest = sorted(reasons, key=lambda name: (-parts[name], name))[:MAX_REASONS]
    return Suggestion(
        task_id=task.task_id,
        score=math.fsum(parts.values()),
        parts=parts,
        reasons=tuple(reasons[name] for name in strongest) or (Reason("open"),),
    )


def rank(tasks: Sequence[ColdTask], *, person: Newcomer, now: datetime) -> list[Suggestion]:
    """Tasks in reading order.

    What was said at the start weighs most, then newness (half-life 5 days) raised by demand (an application weighs as
    much as fifteen views, logarithmically). Repeats of a category come a little later each; equals go by id, the newest
    first; the order of `tasks` does not matter.
    """
    made = {task.task_id: _suggest(task, person, now) for task in tasks}
    queues: dict[int, list[tuple[float, int]]] = {}
    for task in tasks:
        queues.setdefault(task.category_id, []).append((-made[task.task_id].score, -task.task_id))
    return [made[-negative_id] for _, negative_id in diversify(queues, limit=len(tasks))]
