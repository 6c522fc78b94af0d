"""What the market says of its skills: how rare each is, which stand near each other, and what was learned of the parts.

A snapshot: everything that `ml.ranking.score_pair` reads beside the pair itself. It changes as a whole, with its
version, and every list is computed again; in between a score depends on nothing else.

Rarity: `idf(s) = log((N + 1) / (n + 1))` over open tasks and profiles, shrunk to 1 for skills that are hardly known, and
brought into `RAREST` to `COMMONEST` so that one skill never decides alone. Nearness: the cosine of two skills' rows of
co-occurrence in tasks and profiles, shrunk towards a small value for skills of one category (`KINSHIP`), so that a young
market has neighbours too: `r = (c + KINSHIP * PRIOR) / (sqrt(n_a * n_b) + PRIOR)`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

RAREST = 1.5
COMMONEST = 0.6
KINSHIP = 0.2
PRIOR = 10.0
NEAR_LEAST = 0.15
NEAR_MOST = 12
# Sets of more skills than this say little of any pair of them.
SET_MOST = 15


@dataclass(frozen=True, slots=True)
class Statistics:
    """`rarity`: {skill id: weight}, 1 where it is not known; `related`: {skill id: {skill id: nearness 0..1}}, the same
    both ways; `factors`: {part of the score: what was learned to multiply it by}, 1 where nothing was; `rating`: the mean
    of all reviews.
    """

    version: int = 0
    rarity: Mapping[int, float] = field(default_factory=dict)
    related: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    rating: float = 4.0

    def to_json(self) -> dict[str, Any]:
        """Without the version, which is the row's."""
        pairs = [
            [one, other, value]
            for one, near in sorted(self.related.items())
            for other, value in sorted(near.items())
            if one < other
        ]
        return {
            "rarity": {str(skill): value for skill, value in sorted(self.rarity.items())},
            "related": pairs,
            "factors": dict(sorted(self.factors.items())),
            "rating": self.rating,
        }

    @classmethod
    def from_json(cls, version: int, data: Mapping[str, Any]) -> Statistics:
        related: dict[int, dict[int, float]] = defaultdict(dict)
        for one, other, value in data.get("related", ()):
            related[one][other] = related[other][one] = float(value)
        rarity = {int(skill): float(value) for skill, value in data.get("rarity", {}).items()}
        factors = {str(name): float(value) for name, value in data.get("factors", {}).items()}
        return cls(
            version=version,
            rarity=rarity,
            related=dict(related),
            factors=factors,
            rating=float(data.get("rating", 4.0)),
        )


PLAIN = Statistics()


def gather(
    sets: Iterable[Iterable[int]], categories: Mapping[int, int | None]
) -> tuple[dict[int, float], dict[int, dict[int, float]]]:
    """Rarity and nearness from sets of skills that stand together (a task's, a profile's).

    `categories` maps every skill to its category. The order of `sets` does not matter; values have 4 places.
    """
    counts: Counter[int] = Counter()
    together: Counter[tuple[int, int]] = Counter()
    number = 0
    for one in sets:
        skills = sorted(set(one) & categories.keys())
        if not skills:
            continue
        number += 1
        counts.update(skills)
        if len(skills) <= SET_MOST:
            together.update(combinations(skills, 2))
    return _rarity(counts, number, categories), _nearness(counts, together, categories)


def _rarity(counts: Mapping[int, int], number: int, categories: Mapping[int, Any]) -> dict[int, float]:
    if not number:
        return {}
    most = math.log(number + 1.0)
    # Of few sets little is known: the whole range is used from some hundreds on.
    trust = number / (number + 50.0)
    found = {}
    for skill in categories:
        idf = math.log((number + 1.0) / (counts.get(skill, 0) + 1.0)) / most
        value = COMMONEST + (RAREST - COMMONEST) * idf
        found[skill] = round(1.0 + trust * (value - 1.0), 4)
    return found


def _nearness(
    counts: Mapping[int, int], together: Mapping[tuple[int, int], int], categories: Mapping[int, int | None]
) -> dict[int, dict[int, float]]:
    kin: dict[int, list[int]] = defaultdict(list)
    for skill, category in sorted(categories.items()):
        if category is not None:
            kin[category].append(skill)
    pairs = set(together) | {pair for skills in kin.values() for pair in combinations(skills, 2)}
    near: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for one, other in pairs:
        same = categories[one] is not None and categories[one] == categories[other]
        scale = math.sqrt(counts.get(one, 0) * counts.get(other, 0))
        value = (together.get((one, other), 0) + (KINSHIP * PRIOR if same else 0.0)) / (scale + PRIOR)
        if value >= NEAR_LEAST:
            near[one].append((value, other))
            near[other].append((value, one))
    found: dict[int, dict[int, float]] = defaultdict(dict)
    for one, rows in near.items():
        # The nearest of either side, so that nearness is the same both ways.
        for value, other in sorted(rows, key=lambda row: (-row[0], row[1]))[:NEAR_MOST]:
            found[one][other] = found[other][one] = round(value, 4)
    return dict(found)
