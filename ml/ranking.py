"""How well a task suits a freelancer: one pure function of the pair, and the order a list is read in.

The score
---------
`R = S * (1 - d) + T * (d * S + k * (1 - S))` is the relevance of the pair: `S` what the skills say, `T` what the
wording says. Skills come first: the less they answer, the more the wording may add (`k`), and where they answer
everything it only orders equals (`d`). `S` is the share of the required skills the freelancer has, each weighted by
its rarity and by proficiency (`strength`: level and years); one that is lacking counts `related` times as much as the
skill of theirs that stands nearest to it. Skills a text merely names count `mention` each, in the same way, and fill
half of what is missing where required skills are known. `T = 0.4 * tfidf + 0.6 * cosine`, both calibrated to 0..1; one
half alone stands for both, and where neither is to be had `R = S`.

Rarity, nearness and what was learned from the log (a factor for each part, `ml.learning`) are a snapshot,
`ml.statistics.Statistics`, with a version. Where the factors lift the sum of the parts over 1, all are scaled to 1.

Preferences (budget, place, type, category) have a small weight each; one that is not stated leaves its weight to `R`.
What the freelancer has ruled out (a budget clearly below the minimum, a place out of reach) takes a large share off,
as the negative part `conflict`. The parts sum to the score.

Membership depends on the pair and the snapshot alone, so a list built task by task and one built from nothing are the
same. `ml.batch` computes the same score for thousands of tasks at once.

`percentage` is the score read through `ml.calibration`: what a person who labelled such pairs would give, from 0 (does
not suit) by 50 (in part) to 100 (suits).

Calibration
-----------
Measured with the bilingual encoder on the profiles and tasks of `ml/data/evaluation`, within each language and across.
Cosine: unrelated pairs have a median of 0.15 and 95 % of them are below 0.44 (99 %: 0.46 to 0.56), related ones have a
median of 0.52 to 0.62 and reach 0.65 to 0.77; so 0.30 counts nothing, 0.75 counts fully, and below 0.46 wording alone
makes no candidate. TF-IDF: unrelated pairs are below 0.03 (95 %; 99 %: 0.07), good ones reach 0.25 to 0.6; 0.40 counts fully.
Skills a text names are read among at least 2 (one word in passing is weak) and at most 6 (a long list hides nobody).
`ml.evaluate` prints what comes of it. Another encoder spreads its cosines otherwise: measure, then pass `Weights`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ml.calibration import percentage
from ml.places import city_key
from ml.statistics import PLAIN, Statistics

JSON = int | float | str | bool | None | list[int]

PROFICIENCY_WEIGHT: dict[str, float] = {
    "BEGINNER": 0.55,
    "INTERMEDIATE": 0.75,
    "ADVANCED": 0.9,
    "EXPERT": 1.0,
}
# What experience adds to a level, at most and with its half-life in years. An expert needs no years.
YEARS_BONUS = 0.1
YEARS_HALF = 3.0

# Below these raw values wording alone makes nobody a candidate: a pair without a shared skill, a cosine of
# COSINE_FLOOR or a TF-IDF cosine of TFIDF_FLOOR is never a member, so a query may filter by them.
COSINE_FLOOR = 0.46
TFIDF_FLOOR = 0.12
MIN_SCORE = 0.15
NOTIFY_PERCENTAGE = 50
MAX_REASONS = 4
# What gives less than half a point is no reason.
SAID_LEAST = 0.005


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the score and calibration of its two text signals (raw value that counts 0, raw value that counts 1)."""

    text_gain: float = 0.45
    text_order: float = 0.08
    related: float = 0.3
    related_said: float = 0.25
    mention: float = 0.6
    mention_least: int = 2
    mention_most: int = 6
    tfidf_share: float = 0.4
    cosine_low: float = 0.30
    cosine_high: float = 0.75
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
    """The outcome for one pair; `parts` sum to `score` (0 to 1), `percentage` is the calibrated score, 0 to 100."""

    score: float
    percentage: int
    parts: dict[str, float]
    reasons: tuple[Reason, ...]
    algorithm: str
    is_member: bool


def strength(level: str, years: float | None = None) -> float:
    """How much a skill of that level (a key of PROFICIENCY_WEIGHT) and so many years counts, 0 to 1."""
    known = PROFICIENCY_WEIGHT[level]
    if years is None or not years > 0.0:
        return known
    return min(1.0, known + YEARS_BONUS * (1.0 - 0.5 ** (years / YEARS_HALF)))


def _clip(value: float) -> float:
    # A comparison with NaN is false both ways, so NaN counts 0.
    return 1.0 if value >= 1.0 else value if value > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class _Skills:
    """What the skills say: shares of 0 to 1, and the ids they come from."""

    required: float
    related: float
    mentions: float
    matched: list[int]
    near: list[int]
    named: list[int]


def _nearest(
    profile: ProfileFacts, skill: int, weights: Weights, statistics: Statistics
) -> tuple[float, list[int]]:
    """How near the freelancer's skills come to one they lack, and which are so near, where it is worth saying."""
    near = [
        (value * profile.skills[other], other)
        for other, value in statistics.related.get(skill, {}).items()
        if other in profile.skills
    ]
    if not near:
        return 0.0, []
    best = max(near)[0]
    return best, [other for value, other in near if value == best and value >= weights.related_said]


def _skill_evidence(
    profile: ProfileFacts, task: TaskFacts, weights: Weights, statistics: Statistics
) -> _Skills:
    skills, rarity = profile.skills, statistics.rarity
    matched = [skill for skill in task.required if skill in skills]
    named = [skill for skill in task.mentioned if skill in skills and skill not in task.required]
    required = related = mentions = 0.0
    near: set[int] = set()
    if task.required:
        total = math.fsum(rarity.get(skill, 1.0) for skill in task.required)
        if matched:
            required = _clip(math.fsum(rarity.get(skill, 1.0) * skills[skill] for skill in matched) / total)
        if statistics.related and skills and len(matched) < len(task.required):
            lacking = []
            for skill in task.required:
                if skill not in skills:
                    value, others = _nearest(profile, skill, weights, statistics)
                    lacking.append(rarity.get(skill, 1.0) * value)
                    near.update(others)
            related = weights.related * _clip(math.fsum(lacking) / total)
    if named:
        whole = math.fsum(rarity.get(skill, 1.0) for skill in task.mentioned if skill not in task.required)
        among = min(max(whole, weights.mention_least), weights.mention_most)
        said = math.fsum(rarity.get(skill, 1.0) * skills[skill] for skill in named)
        mentions = weights.mention * _clip(said / among)
        if task.required:
            mentions *= 0.5 * (1.0 - required - related)
    return _Skills(required, related, mentions, matched, sorted(near), named)


def _text_evidence(signals: Signals, weights: Weights) -> tuple[float | None, float | None]:
    cosine = tfidf = None
    if signals.cosine is not None:
        cosine = _clip((signals.cosine - weights.cosine_low) / (weights.cosine_high - weights.cosine_low))
    if signals.tfidf is not None:
        tfidf = _clip(signals.tfidf / weights.tfidf_high)
    return cosine, tfidf


def budget_fit(amount: Decimal, *, low: Decimal | None, high: Decimal | None) -> tuple[float | None, bool]:
    """Fit of a budget (None: no preference) and whether it is clearly below the minimum."""
    if low is None and high is None:
        return None, False
    budget = float(amount)
    if low is not None and budget < float(low):
        ratio = budget / float(low)
        return _clip((ratio - 0.6) / 0.4), ratio < 0.6
    if high is not None and budget > float(high):
        return max(0.5, 1.0 - (budget - float(high)) / (2.0 * float(high) + 1.0)), False
    return 1.0, False


def place_fit(
    *, is_remote: bool, here: str, there: str, prefer_remote: bool, prefer_physical: bool
) -> tuple[float | None, float, str]:
    """Fit of the place (None: unknown), how far it is out of reach (0 to 1), and the reason it gives.

    `here` and `there` are keys of the cities of freelancer and task, "" where one is not known.
    """
    if is_remote:
        if prefer_remote:
            return 1.0, 0.0, "remote"
        return (0.3, 0.0, "") if prefer_physical else (None, 0.0, "")
    if here and here == there:
        return (0.5 if prefer_remote and not prefer_physical else 1.0), 0.0, "same_city"
    only_remote = prefer_remote and not prefer_physical
    if here and there:
        return 0.0, (1.0 if only_remote else 0.5), ""
    return (0.2, 0.0, "") if only_remote else (None, 0.0, "")


def _place(profile: ProfileFacts, task: TaskFacts) -> tuple[float | None, float, str]:
    return place_fit(
        is_remote=task.is_remote,
        here=city_key(profile.city),
        there=city_key(task.city),
        prefer_remote=profile.prefer_remote,
        prefer_physical=profile.prefer_physical,
    )


def _preferences(
    profile: ProfileFacts, task: TaskFacts, weights: Weights
) -> tuple[dict[str, float], float, float, dict[str, Reason]]:
    """Parts of the stated preferences, the sum of their weights, the share a conflict takes, and their reasons."""
    parts: dict[str, float] = {}
    reasons: dict[str, Reason] = {}
    total = 0.0
    fit, too_low = budget_fit(task.budget, low=profile.min_budget, high=profile.max_budget)
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
    profile: ProfileFacts,
    task: TaskFacts,
    signals: Signals,
    *,
    weights: Weights = DEFAULT_WEIGHTS,
    statistics: Statistics = PLAIN,
) -> Match:
    """Score one freelancer against one task; see the module's text for the formula. Pure, of the pair and `statistics`."""
    skills = _skill_evidence(profile, task, weights, statistics)
    parts, stated, conflict, reasons = _preferences(profile, task, weights)
    relevance = 1.0 - stated
    _add_wording(
        parts, reasons, signals, weights, relevance, skills.required + skills.related + skills.mentions
    )
    order = weights.text_order if signals.cosine is not None or signals.tfidf is not None else 0.0
    _add_skills(parts, reasons, skills, task, relevance * (1.0 - order))
    score = _learned(parts, statistics.factors)
    if conflict:
        parts["conflict"] = -conflict * score
        score = math.fsum(parts.values())
    score = _clip(score)
    by_text = (signals.cosine is not None and signals.cosine >= COSINE_FLOOR) or (
        signals.tfidf is not None and signals.tfidf >= TFIDF_FLOOR
    )
    said = (key for key in reasons if parts[key] >= SAID_LEAST)
    strongest = sorted(said, key=lambda key: (-parts[key], key))
    return Match(
        score=score,
        percentage=percentage(score),
        parts=parts,
        reasons=tuple(reasons[key] for key in strongest[:MAX_REASONS]),
        algorithm=_algorithm(signals),
        is_member=bool(skills.matched or skills.named or by_text) and score >= MIN_SCORE,
    )


def _add_wording(
    parts: dict[str, float],
    reasons: dict[str, Reason],
    signals: Signals,
    weights: Weights,
    relevance: float,
    skills: float,
) -> None:
    cosine, tfidf = _text_evidence(signals, weights)
    reach = relevance * (weights.text_order * skills + weights.text_gain * (1.0 - skills))
    share = 1.0 if cosine is None else weights.tfidf_share if tfidf is not None else 0.0
    if tfidf:
        parts["tfidf"] = reach * share * tfidf
        reasons["tfidf"] = Reason("words_in_common", {"percent": round(100 * tfidf)})
    if cosine:
        parts["semantic"] = reach * (1.0 - share) * cosine
        reasons["semantic"] = Reason("similar_to_profile", {"percent": round(100 * cosine)})


def _add_skills(
    parts: dict[str, float], reasons: dict[str, Reason], skills: _Skills, task: TaskFacts, reach: float
) -> None:
    if skills.matched:
        parts["skills"] = reach * skills.required
        reasons["skills"] = Reason(
            "skills_match",
            {
                "skill_ids": sorted(skills.matched),
                "matched": len(skills.matched),
                "required": len(task.required),
            },
        )
    if skills.related:
        parts["related"] = reach * skills.related
        if skills.near:
            reasons["related"] = Reason("related_skills", {"skill_ids": skills.near})
    if skills.named:
        parts["mentions"] = reach * skills.mentions
        reasons["mentions"] = Reason("mentions_skills", {"skill_ids": sorted(skills.named)})


def _learned(parts: dict[str, float], factors: Mapping[str, float]) -> float:
    """Multiply each part by its factor, in place; the sum, 1 at most."""
    if not factors:
        return math.fsum(parts.values())
    for name, value in parts.items():
        parts[name] = value * factors.get(name, 1.0)
    total = math.fsum(parts.values())
    if total > 1.0:
        for name, value in parts.items():
            parts[name] = value / total
        total = math.fsum(parts.values())
    return total


def _algorithm(signals: Signals) -> str:
    if signals.cosine is not None:
        return "semantic" if signals.tfidf is None else "hybrid"
    return "skills" if signals.tfidf is None else "tfidf"
