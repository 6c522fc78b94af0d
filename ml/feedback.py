"""What a dismissal with a cause takes from other tasks: from what shares that feature, and less as time goes by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

HALF_LIFE_DAYS = 30.0
# A dismissal of this age weighs a sixty-fourth: it need not be read any more.
FORGOTTEN_DAYS = 180.0

# How much of its score something loses at most that shares the whole of the feature.
STRENGTH: dict[str, float] = {
    "budget_low": 0.25,
    "too_far": 0.35,
    "not_my_skills": 0.35,
    "not_interested": 0.25,
    "client": 0.6,
}
MOST = 0.7


@dataclass(frozen=True, slots=True)
class Traits:
    """What a dismissal can be about; `city` is a key of `ml.places`, `skills` required and mentioned."""

    budget: float
    city: str
    is_remote: bool
    category_id: int
    client_id: int
    skills: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A task that was not wanted, why (a key of STRENGTH; anything else weighs on nothing), and how long ago."""

    cause: str
    task: Traits
    days: float


@dataclass(frozen=True, slots=True)
class Reader:
    """The skills the reader has, and the key of their city."""

    skills: frozenset[int]
    city: str


def discount(task: Traits, dismissals: Sequence[Dismissal], reader: Reader) -> float:
    """The share of its score, 0 to `MOST`, that `task` loses; half of it is back after `HALF_LIFE_DAYS`."""
    kept = 1.0
    for one in dismissals:
        strength = STRENGTH.get(one.cause, 0.0) * 0.5 ** (max(0.0, one.days) / HALF_LIFE_DAYS)
        if strength:
            kept *= 1.0 - strength * _SHARED[one.cause](task, one.task, reader)
    return min(MOST, 1.0 - kept)


def _budget_low(task: Traits, dismissed: Traits, reader: Reader) -> float:
    # As little or less: wholly. A third more: not at all.
    return min(1.0, max(0.0, (4.0 * dismissed.budget - 3.0 * task.budget) / dismissed.budget))


def _too_far(task: Traits, dismissed: Traits, reader: Reader) -> float:
    if task.is_remote or task.city == reader.city:
        return 0.0
    return 1.0 if task.city == dismissed.city else 0.4


def _not_my_skills(task: Traits, dismissed: Traits, reader: Reader) -> float:
    lacking = dismissed.skills - reader.skills
    if lacking:
        return len(task.skills & lacking) / len(task.skills) if task.skills else 0.0
    return 0.5 if not dismissed.skills and task.category_id == dismissed.category_id else 0.0


def _not_interested(task: Traits, dismissed: Traits, reader: Reader) -> float:
    if task.category_id != dismissed.category_id:
        return 0.0
    either = task.skills | dismissed.skills
    return 0.6 + 0.4 * (len(task.skills & dismissed.skills) / len(either) if either else 0.0)


def _client(task: Traits, dismissed: Traits, reader: Reader) -> float:
    return 1.0 if task.client_id == dismissed.client_id else 0.0


# How much of the feature that was disliked a task shares, 0 to 1.
_SHARED: dict[str, Callable[[Traits, Traits, Reader], float]] = {
    "budget_low": _budget_low,
    "too_far": _too_far,
    "not_my_skills": _not_my_skills,
    "not_interested": _not_interested,
    "client": _client,
}
