"""Freelancers in the order in which a client sees them for one task: the match of the pair, and what they are like to
work with.

`score = 0.8 * pair + 0.1 * rating + 0.06 * availability + 0.04 * response`. The pair's own terms are in it, so that both
sides of a match are told the same; what the freelancer wishes for is one term, so that nobody reads it off by changing
the task. Rating is a Bayesian mean: `(C * m + n * r) / (C + n)`, `m` the market's mean, `C` the `PRIOR_REVIEWS` that stand
for it; 3 stars count 0, 5 count 1. Availability halves with one task in progress. Response halves with every two days
in which the freelancer lets a task wait for their application; without applications it is a half.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ml.ranking import MAX_REASONS, Reason

PAIR, RATING, AVAILABILITY, RESPONSE = 0.8, 0.1, 0.06, 0.04
PRIOR_REVIEWS = 5.0
PRIOR_RATING = 4.0
WELL_RATED = 4.0
HALF_HOURS = 48.0
SOON_HOURS = 24.0

# What a freelancer wishes for is theirs alone.
WISHES = frozenset({"budget", "place", "type", "category", "conflict"})
SAID_TO_CLIENTS = frozenset(
    {
        "skills_match",
        "related_skills",
        "mentions_skills",
        "similar_to_profile",
        "words_in_common",
        "same_city",
    }
)


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a freelancer's work: mean of `reviews` ratings (1 to 5), tasks in progress, and the median of
    hours between a task's posting and their application, None where there is none.
    """

    rating: float
    reviews: int
    running: int
    hours: float | None


@dataclass(frozen=True, slots=True)
class Suited:
    """Score 0 to 1, the terms that sum to it, and what speaks for the freelancer, the strongest first."""

    score: float
    parts: dict[str, float]
    reasons: tuple[Reason, ...]


def bayesian_rating(rating: float, reviews: int, market: float = PRIOR_RATING) -> float:
    """The rating to expect, 1 to 5, of somebody with that mean of so many reviews."""
    return (PRIOR_REVIEWS * market + reviews * rating) / (PRIOR_REVIEWS + reviews)


def suit(
    pair: Mapping[str, float], reasons: tuple[Reason, ...], record: Record, *, market: float = PRIOR_RATING
) -> Suited:
    """Join a pair's terms and reasons (of `ml.ranking.Match`) with a freelancer's record."""
    parts = {name: PAIR * value for name, value in pair.items() if name not in WISHES}
    wishes = PAIR * math.fsum(value for name, value in pair.items() if name in WISHES)
    if wishes:
        parts["preferences"] = wishes
    expected = bayesian_rating(record.rating, record.reviews, market)
    parts["rating"] = RATING * min(1.0, max(0.0, (expected - 3.0) / 2.0))
    parts["availability"] = AVAILABILITY / (1.0 + record.running)
    parts["response"] = RESPONSE * (0.5 if record.hours is None else 0.5 ** (record.hours / HALF_HOURS))
    said = [reason for reason in reasons if reason.code in SAID_TO_CLIENTS]
    if record.reviews and record.rating >= WELL_RATED and parts["rating"] > 0.0:
        said.append(Reason("well_rated", {"rating": f"{record.rating:.1f}", "reviews": record.reviews}))
    if not record.running:
        said.append(Reason("available"))
    if record.hours is not None and record.hours <= SOON_HOURS:
        said.append(Reason("applies_soon", {"hours": max(1, round(record.hours))}))
    return Suited(score=math.fsum(parts.values()), parts=parts, reasons=tuple(said[: MAX_REASONS + 1]))
