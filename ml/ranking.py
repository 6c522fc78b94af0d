"""How well a task suits a freelancer: one pure function of the pair, and the order a list is read in.

The score
---------
`R = S * (1 - d) + T * (d * S + k * (1 - S))` is the relevance of the pair: `S` what the skills say, `T` what the
wording says. Skills come first: the less they answer, the more the wording may add (`k`), and where they answer
everything it only orders equals (`d`). `S` is the share of the required skills the freelancer has, each weighted by
proficiency; skills a text merely names count `mention` each, in the same way, and fill half of what is missing where
required skills are known. `T = 0.4 * tfidf + 0.6 * cosine`, both calibrated to 0..1; one half alone stands for both,
and where neither is to be had `R = S`.

Preferences (budget, place, type, category) have a small weight each; one that is not stated leaves its weight to `R`.
What the freelancer has ruled out (a budget clearly below the minimum, a place out of reach) takes a large share off,
as the negative part `conflict`. The parts sum to the score.

Membership depends on the pair alone, so a list built task by task and one built from nothing are the same.

Calibration
-----------
Measured with all-MiniLM-L6-v2 on some 800 real requests and 2,000 real job titles against pretend profiles. Cosine:
unrelated pairs have a median of 0.10 and 95 % of them are below 0.31 (99 %: 0.38 to 0.45), related ones have a median
of 0.25 to 0.33 and reach 0.5 to 0.6; so 0.20 counts nothing, 0.70 counts fully, and below 0.42 wording alone makes no
candidate. TF-IDF: unrelated pairs are below 0.03 (95 %; 99 %: 0.07), good ones reach 0.25 to 0.6; 0.40 counts fully.
Skills a text names are read among at least 2 (one word in passing is weak) and at most 6 (a long list hides nobody).
`ml.evaluate` prints what comes of it. Another encoder spreads its cosines otherwise: measure, then pass `Weights`.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ml.places import city_key

JSON = int | float | str | bool | None | list[int]

PROFICIENCY_WEIGHT: dict[str, float] = {
    "BEGINNER": 0.55,
    "INTERMEDIATE": 0.75,
    "ADVANCED": 0.9,
    "EXPERT": 1.0,
}

# Below these raw values wording alone makes nobody a candidate: a pair without a shared skill, a cosine of
# COSINE_FLOOR or a TF-IDF cosine of TFIDF_FLOOR is never a member, so a query may filter by them.
COSINE_FLOOR = 0.42
TFIDF_FLOOR = 0.12
MIN_SCORE = 0.15
NOTIFY_PERCENTAGE = 50
MAX_REASONS = 4


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the score and calibration of its two text signals (raw value that counts 0, raw value that counts 1)."""

    text_gain: float = 0.45
    text_order: float = 0.08
    mention: float = 0.6
    mention_least: int = 2
    mention_most: int = 6
    tfidf_share: float = 0.4
    cosine_low: float = 0.20
    cosine_high: float = 0.70
    tfidf_high: float = 0.40
    budget: float = 0.06
    place: float = 0.04
    task_type: float = 0.02
    category: float = 0.03
    conflict: float = 0.5


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class ProfileFacts:
    """A freelancer as the ranking sees one; `skills` maps a skill's id to its proficiency weight, 0 to 1."""

    user_id: int
    skills: Mapping[int, float]
    min_budget: Decimal | None
    max_budget: Decimal | None
    city: str
    prefer_remote: bool
    prefer_physical: bool
    task_types: frozenset[str]
    categories: frozenset[int]


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task as the ranking sees one; `mentioned` are the skills its text names."""

    task_id: int
    required: frozenset[int]
    mentioned: frozenset[int]
    budget: Decimal
    city: str
    is_remote: bool
    task_type: str
    category_id: int


@dataclass(frozen=True, slots=True)
class Signals:
    """Raw similarities of the two texts, each None where it is not to be had."""

    cosine: float | None
    tfidf: float | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a task suits, as a code and its parameters; `ml.explain.sentence` says it in words."""

    code: str
    params: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome for one pair; `parts` sum to `score` (0 to 1), `percentage` is the score rounded to 0..100."""

    score: float
    percentage: int
    parts: dict[str, float]
    reasons: tuple[Reason, ...]
    algorithm: str
    is_member: bool


@dataclass(frozen=True, slots=True)
class Item:
    """What `arrange` needs of a list's row; `created_at` is aware."""

    task_id: int
    score: float
    category_id: int
    created_at: datetime


def _clip(value: float) -> float:
    # A comparison with NaN is false both ways, so NaN counts 0.
    return 1.0 if value >= 1.0 else value if value > 0.0 else 0.0


def _skill_evidence(
    profile: ProfileFacts, task: TaskFacts, weights: Weights
) -> tuple[float, float, list[int], list[int]]:
    skills = profile.skills
    matched = [skill for skill in task.required if skill in skills]
    named = [skill for skill in task.mentioned if skill in skills and skill not in task.required]
    required = math.fsum(skills[skill] for skill in matched) / len(task.required) if matched else 0.0
    mentions = 0.0
    if named:
        among = min(max(len(task.mentioned - task.required), weights.mention_least), weights.mention_most)
        mentions = weights.mention * _clip(math.fsum(skills[skill] for skill in named) / among)
        if task.required:
            mentions *= 0.5 * (1.0 - required)
    return _clip(required), mentions, matched, named


def _text_evidence(signals: Signals, weights: Weights) -> tuple[float | None, float | None]:
    cosine = tfidf = None
    if signals.cosine is not None:
        cosine = _clip((signals.cosine - weights.cosine_low) / (weights.cosine_high - weights.cosine_low))
    if signals.tfidf is not None:
        tfidf = _clip(signals.tfidf / weights.tfidf_high)
    return cosine, tfidf


def _budget(profile: ProfileFacts, task: TaskFacts) -> tuple[float | None, bool]:
    """Fit of the budget (None: no preference) and whether it is clearly below the minimum."""
    low, high = profile.min_budget, profile.max_budget
    if low is None and high is None:
        return None, False
    budget = float(task.budget)
    if low is not None and budget < float(low):
        ratio = budget / float(low)
        return _clip((ratio - 0.6) / 0.4), ratio < 0.6
    if high is not None and budget > float(high):
        return max(0.5, 1.0 - (budget - float(high)) / (2.0 * float(high) + 1.0)), False
    return 1.0, False


def _place(profile: ProfileFacts, task: TaskFacts) -> tuple[float | None, float, str]:
    """Fit of the place (None: unknown), how far it is out of reach (0 to 1), and the reason it gives."""
    if task.is_remote:
        if profile.prefer_remote:
            return 1.0, 0.0, "remote"
        return (0.3, 0.0, "") if profile.prefer_physical else (None, 0.0, "")
    here, there = city_key(profile.city), city_key(task.city)
    if here and there and here == there:
        return (0.5 if profile.prefer_remote and not profile.prefer_physical else 1.0), 0.0, "same_city"
    only_remote = profile.prefer_remote and not profile.prefer_physical
    if here and there:
        return 0.0, (1.0 if only_remote else 0.5), ""
    return (0.2, 0.0, "") if only_remote else (None, 0.0, "")


def _preferences(
    profile: ProfileFacts, task: TaskFacts, weights: Weights
) -> tuple[dict[str, float], float, float, dict[str, Reason]]:
    """Parts of the stated preferences, the sum of their weights, the share a conflict takes, and their reasons."""
    parts: dict[str, float] = {}
    reasons: dict[str, Reason] = {}
    total = 0.0
    fit, too_low = _budget(profile, task)
    if fit is not None:
        parts["budget"] = weights.budget * fit
        total += weights.budget
        if fit == 1.0:
            reasons["budget"] = Reason("budget_fits", {"budget": str(task.budget)})
    place, distance, code = _place(profile, task)
    if place is not None:
        parts["place"] = weights.place * place
        total += weights.place
    if place and code == "remote":
        reasons["place"] = Reason("remote")
    elif place and code:
        reasons["place"] = Reason(code, {"city": task.city})
    if profile.task_types:
        fits = task.task_type in profile.task_types
        parts["type"] = weights.task_type * fits
        total += weights.task_type
        if fits:
            reasons["type"] = Reason("preferred_type", {"task_type": task.task_type})
    if profile.categories:
        fits = task.category_id in profile.categories
        parts["category"] = weights.category * fits
        total += weights.category
        if fits:
            reasons["category"] = Reason("preferred_category", {"category_id": task.category_id})
    kept = (1.0 - weights.conflict * too_low) * (1.0 - weights.conflict * distance)
    return parts, total, 1.0 - kept, reasons


def score_pair(
    profile: ProfileFacts, task: TaskFacts, signals: Signals, *, weights: Weights = DEFAULT_WEIGHTS
) -> Match:
    """Score one freelancer against one task; see the module's text for the formula. Pure, and of the pair alone."""
    required, mentions, matched, named = _skill_evidence(profile, task, weights)
    cosine, tfidf = _text_evidence(signals, weights)
    parts, stated, conflict, reasons = _preferences(profile, task, weights)
    relevance = 1.0 - stated
    skills = required + mentions
    order = 0.0
    if cosine is not None or tfidf is not None:
        order = weights.text_order
        reach = relevance * (order * skills + weights.text_gain * (1.0 - skills))
        share = 1.0 if cosine is None else weights.tfidf_share if tfidf is not None else 0.0
        if tfidf:
            parts["tfidf"] = reach * share * tfidf
            reasons["tfidf"] = Reason("words_in_common", {"percent": round(100 * tfidf)})
        if cosine:
            parts["semantic"] = reach * (1.0 - share) * cosine
            reasons["semantic"] = Reason("similar_to_profile", {"percent": round(100 * cosine)})
    if matched:
        parts["skills"] = relevance * (1.0 - order) * required
        reasons["skills"] = Reason(
            "skills_match",
            {"skill_ids": sorted(matched), "matched": len(matched), "required": len(task.required)},
        )
    if named:
        parts["mentions"] = relevance * (1.0 - order) * mentions
        reasons["mentions"] = Reason("mentions_skills", {"skill_ids": sorted(named)})
    score = math.fsum(parts.values())
    if conflict:
        parts["conflict"] = -conflict * score
        score = math.fsum(parts.values())
    score = _clip(score)
    by_text = (signals.cosine is not None and signals.cosine >= COSINE_FLOOR) or (
        signals.tfidf is not None and signals.tfidf >= TFIDF_FLOOR
    )
    strongest = sorted((key for key in reasons if parts[key] > 0.0), key=lambda key: (-parts[key], key))
    return Match(
        score=score,
        percentage=math.floor(100 * score + 0.5),
        parts=parts,
        reasons=tuple(reasons[key] for key in strongest[:MAX_REASONS]),
        algorithm=_algorithm(signals),
        is_member=bool(matched or named or by_text) and score >= MIN_SCORE,
    )


def _algorithm(signals: Signals) -> str:
    if signals.cosine is not None:
        return "semantic" if signals.tfidf is None else "hybrid"
    return "skills" if signals.tfidf is None else "tfidf"


HALF_LIFE_DAYS = 7.0
RECENCY_BOOST = 0.15
REPEAT_DISCOUNT = 0.97
REPEAT_FLOOR = 0.85


def arrange(items: Sequence[Item], *, now: datetime, limit: int | None = None) -> list[int]:
    """Task ids in reading order: score, raised by up to 15 % while new (half-life 7 days), then diversified.

    Each further task of a category already shown counts 3 % less, to at most 15 % (a maximal marginal relevance
    with the category as similarity). Equals go by id, the newest first; the order of `items` does not matter.
    """
    queues: dict[int, list[tuple[float, int]]] = {}
    for item in items:
        age = max(0.0, (now - item.created_at).total_seconds() / 86_400)
        value = item.score * (1.0 + RECENCY_BOOST * 0.5 ** (age / HALF_LIFE_DAYS))
        queues.setdefault(item.category_id, []).append((-value, -item.task_id))
    return [
        -negative_id for _, negative_id in diversify(queues, limit=len(items) if limit is None else limit)
    ]


def diversify(queues: Mapping[int, list[tuple[float, int]]], *, limit: int) -> list[tuple[float, int]]:
    """Merge lists of (-value, -id), one a category, discounting repeats; the values come back discounted."""
    shown = dict.fromkeys(queues, 0)
    heads: list[tuple[float, int, int]] = []
    for category, queue in queues.items():
        heapq.heapify(queue)
        heads.append((*queue[0], category))
    heapq.heapify(heads)
    order: list[tuple[float, int]] = []
    while heads and len(order) < limit:
        value, negative_id, category = heapq.heappop(heads)
        order.append((value, negative_id))
        heapq.heappop(queues[category])
        shown[category] += 1
        if queues[category]:
            discount = max(REPEAT_FLOOR, REPEAT_DISCOUNT ** shown[category])
            following, next_id = queues[category][0]
            heapq.heappush(heads, (following * discount, next_id, category))
    return order
