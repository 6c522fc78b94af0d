"""The score of `ml.ranking.score_pair` for one freelancer and thousands of tasks at once, in arrays.

It says who comes first; the few that are kept are then scored by `score_pair` itself, which gives the parts, the reasons
and the last bits of the score. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml import ranking
from ml.places import city_key
from ml.ranking import DEFAULT_WEIGHTS, ProfileFacts, Signals, TaskFacts, Weights
from ml.statistics import PLAIN, Statistics

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REMOTE, UNKNOWN, HERE, ELSEWHERE = range(4)
# By how much the arrays' arithmetic may differ from `score_pair`'s.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class TaskTable:
    """n tasks as one freelancer meets them. `cosine` and `tfidf` are NaN where there is none.

    `place` is one of REMOTE, UNKNOWN (either city), HERE, ELSEWHERE; `task_type` a position in `types`. `required` and
    `mentioned` are pairs of arrays: positions of tasks (0 to n - 1) and the skills they ask for; in `mentioned` a skill
    that is required too does no harm.
    """

    ids: Integers
    cosine: Floats
    tfidf: Floats
    budget: Floats
    place: Integers
    task_type: Integers
    category: Integers
    required: tuple[Integers, Integers]
    mentioned: tuple[Integers, Integers]
    types: Sequence[str]


def table(profile: ProfileFacts, tasks: Sequence[TaskFacts], signals: Sequence[Signals]) -> TaskTable:
    """The table of tasks that are there as facts."""
    types = sorted({task.task_type for task in tasks})
    here = city_key(profile.city)

    def place(task: TaskFacts) -> int:
        there = city_key(task.city)
        if task.is_remote:
            return REMOTE
        return UNKNOWN if not here or not there else HERE if here == there else ELSEWHERE

    def pairs(skills_of: Callable[[TaskFacts], frozenset[int]]) -> tuple[Integers, Integers]:
        rows = [(position, skill) for position, task in enumerate(tasks) for skill in skills_of(task)]
        both = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    return TaskTable(
        ids=np.array([task.task_id for task in tasks], dtype=np.int64),
        cosine=_or_nan([signal.cosine for signal in signals]),
        tfidf=_or_nan([signal.tfidf for signal in signals]),
        budget=np.array([float(task.budget) for task in tasks], dtype=np.float64),
        place=np.array([place(task) for task in tasks], dtype=np.int64),
        task_type=np.array([types.index(task.task_type) for task in tasks], dtype=np.int64),
        category=np.array([task.category_id for task in tasks], dtype=np.int64),
        required=pairs(lambda task: task.required),
        mentioned=pairs(lambda task: task.mentioned),
        types=types,
    )


def _or_nan(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def score_table(
    profile: ProfileFacts,
    tasks: TaskTable,
    *,
    weights: Weights = DEFAULT_WEIGHTS,
    statistics: Statistics = PLAIN,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Score (n,) and membership (n,) of every task, within `TOLERANCE` of `score_pair`: near its least score a task
    that is a member there is one here, not always the other way about.
    """
    required, related, mentions, shares = _skills(profile, tasks, weights, statistics)
    parts, stated, kept = _preferences(profile, tasks, weights)
    relevance = 1.0 - stated
    skills = required + related + mentions
    has_cosine, has_tfidf = ~np.isnan(tasks.cosine), ~np.isnan(tasks.tfidf)
    cosine = _clip((tasks.cosine - weights.cosine_low) / (weights.cosine_high - weights.cosine_low))
    tfidf = _clip(tasks.tfidf / weights.tfidf_high)
    share = np.where(has_cosine, np.where(has_tfidf, weights.tfidf_share, 0.0), 1.0)
    order = np.where(has_cosine | has_tfidf, weights.text_order, 0.0)
    reach = relevance * (weights.text_order * skills + weights.text_gain * (1.0 - skills))
    parts |= {
        "tfidf": reach * share * tfidf,
        "semantic": reach * (1.0 - share) * cosine,
        "skills": relevance * (1.0 - order) * required,
        "related": relevance * (1.0 - order) * related,
        "mentions": relevance * (1.0 - order) * mentions,
    }
    score = np.zeros(len(tasks.ids))
    for name, part in parts.items():
        score += statistics.factors.get(name, 1.0) * part
    score = _clip(score) * kept
    with np.errstate(invalid="ignore"):
        by_text = (tasks.cosine >= ranking.COSINE_FLOOR) | (tasks.tfidf >= ranking.TFIDF_FLOOR)
    return score, (shares | by_text) & (score >= ranking.MIN_SCORE - TOLERANCE)


def _clip(values: Floats) -> Floats:
    # NaN counts 0, as in `score_pair`.
    return np.clip(np.nan_to_num(values, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)


def _skills(
    profile: ProfileFacts, tasks: TaskTable, weights: Weights, statistics: Statistics
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Required, related and mentioned share of each task, and whether any skill is shared at all."""
    number = len(tasks.ids)
    (task_r, skill_r), (task_m, skill_m) = tasks.required, tasks.mentioned
    known, position = np.unique(np.concatenate([skill_r, skill_m]), return_inverse=True)
    in_r, in_m = position[: len(skill_r)], position[len(skill_r) :]
    alone = ~np.isin(task_m * len(known) + in_m, task_r * len(known) + in_r)
    task_m, in_m = task_m[alone], in_m[alone]
    ids = known.tolist()
    rarity = np.array([statistics.rarity.get(skill, 1.0) for skill in ids], dtype=np.float64)
    own = np.array([profile.skills.get(skill, 0.0) for skill in ids], dtype=np.float64)
    has = np.array([skill in profile.skills for skill in ids], dtype=np.bool_)
    near = _near(profile, ids, has, statistics)

    def total(tasks_of: Integers, values: Floats) -> Floats:
        return np.bincount(tasks_of, weights=values, minlength=number).astype(np.float64)

    whole = total(task_r, rarity[in_r])
    asks = whole > 0.0
    divisor = np.where(asks, whole, 1.0)
    required = _clip(total(task_r, (rarity * own)[in_r]) / divisor)
    related = weights.related * _clip(total(task_r, (rarity * near)[in_r]) / divisor)
    among = np.clip(total(task_m, rarity[in_m]), weights.mention_least, weights.mention_most)
    mentions = weights.mention * _clip(total(task_m, (rarity * own)[in_m]) / among)
    mentions = np.where(asks, mentions * 0.5 * (1.0 - required - related), mentions)
    shares = total(task_r, has[in_r].astype(np.float64)) + total(task_m, has[in_m].astype(np.float64)) > 0.0
    return required, related, mentions, shares


def _near(
    profile: ProfileFacts, ids: Sequence[int], has: NDArray[np.bool_], statistics: Statistics
) -> Floats:
    best: dict[int, float] = {}
    for other, strength in profile.skills.items():
        # Nearness is the same both ways.
        for skill, value in statistics.related.get(other, {}).items():
            best[skill] = max(best.get(skill, 0.0), value * strength)
    near = np.array([best.get(skill, 0.0) for skill in ids], dtype=np.float64)
    near[has] = 0.0
    return near


def _preferences(
    profile: ProfileFacts, tasks: TaskTable, weights: Weights
) -> tuple[dict[str, Floats], Floats, Floats]:
    """Parts of what was stated, the sum of their weights, and the share that a conflict leaves."""
    number = len(tasks.ids)
    stated, kept = np.zeros(number), np.ones(number)
    parts: dict[str, Floats] = {}
    low, high = profile.min_budget, profile.max_budget
    if low is not None or high is not None:
        fit, too_low = _budget(tasks.budget, low=low, high=high)
        parts["budget"] = weights.budget * fit
        stated += weights.budget
        kept *= 1.0 - weights.conflict * too_low
    fits, distances = _places(profile)
    fit = fits[tasks.place]
    parts["place"] = weights.place * np.nan_to_num(fit)
    stated += np.where(np.isnan(fit), 0.0, weights.place)
    kept *= 1.0 - weights.conflict * distances[tasks.place]
    if profile.task_types:
        wanted = np.array([name in profile.task_types for name in tasks.types], dtype=np.float64)
        parts["type"] = weights.task_type * wanted[tasks.task_type] if number else np.zeros(0)
        stated += weights.task_type
    if profile.categories:
        chosen = np.array(sorted(profile.categories), dtype=np.int64)
        parts["category"] = weights.category * np.isin(tasks.category, chosen).astype(np.float64)
        stated += weights.category
    return parts, stated, kept


def _budget(budget: Floats, *, low: object, high: object) -> tuple[Floats, Floats]:
    fit, too_low = np.ones(len(budget)), np.zeros(len(budget))
    if high is not None:
        most = float(str(high))
        over = np.maximum(0.5, 1.0 - (budget - most) / (2.0 * most + 1.0))
        fit = np.where(budget > most, over, fit)
    if low is not None:
        least = float(str(low))
        below = budget < least
        ratio = budget / least if least else np.ones(len(budget))
        fit = np.where(below, _clip((ratio - 0.6) / 0.4), fit)
        too_low = (below & (ratio < 0.6)).astype(np.float64)
    return fit, too_low


_ANYWHERE: Mapping[int, tuple[bool, str, str]] = {
    REMOTE: (True, "", ""),
    UNKNOWN: (False, "", ""),
    HERE: (False, "here", "here"),
    ELSEWHERE: (False, "here", "elsewhere"),
}


def _places(profile: ProfileFacts) -> tuple[Floats, Floats]:
    """Fit (NaN: unknown) and distance for each kind of place, by the scorer's own rule."""
    rows = [
        ranking.place_fit(
            is_remote=is_remote,
            here=here,
            there=there,
            prefer_remote=profile.prefer_remote,
            prefer_physical=profile.prefer_physical,
        )
        for is_remote, here, there in (_ANYWHERE[kind] for kind in range(4))
    ]
    fits = np.array([np.nan if fit is None else fit for fit, _, _ in rows], dtype=np.float64)
    return fits, np.array([distance for _, distance, _ in rows], dtype=np.float64)
