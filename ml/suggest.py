"""Help for who writes a listing: what earlier listings near a draft say of its skills, category and price.

A draft's neighbours vote. A vote weighs `(cosine - NEAR) ** 2`: the kernel of a distance-weighted k-nearest-neighbour
rule (Dudani, IEEE SMC 1976), squared because most of what is just above the floor is of another trade. How the numbers
were chosen, and what they give, is in docs/matching-helpers.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ml.text import normalise, tokens

# Below this cosine a listing is no neighbour.
NEAR = 0.40
# So many of the nearest vote for skills and category.
VOTERS = 20
LEAST_VOTERS = 3
# A draft with fewer letters that say something has no neighbours.
LEAST_LETTERS = 3

SKILLS = 10
SKILL_SHARE = 0.2
SKILL_VOTERS = 2

CATEGORY_SHARE = 0.45
# What the skills that the text names add to the vote for a category, as a share of all votes.
NAMED_SHARE = 0.5

# Prices are compared from this cosine on, and told where so many people ask or offer something comparable.
COMPARABLE = 0.58
LEAST_PRICES = 5
# Less than a quarter, so that no single price is ever a quartile at either end.
MOST_OF_WEIGHT = 0.24
SAME_CITY = 1.5
PRICE_HALF_LIFE_DAYS = 365.0

# Two texts of one person are alike from these on: the share of common words in the titles, and either the cosine or,
# without vectors, the share of common words in the whole.
ALIKE_TITLE = 0.6
ALIKE_COSINE = 0.75
ALIKE_WORDS = 0.4

_JOINTS = re.compile(r"[/:@.?&=_]+")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An earlier listing near the draft: `price` in EGP, `days` old, `comparable` where it is of the draft's kind."""

    cosine: float
    category: int
    skills: frozenset[int]
    price: float
    client: int
    comparable: bool
    same_city: bool
    days: float


class SkillVote(NamedTuple):
    """A skill: whether the text names it, and its share of the neighbours' votes, 0 to 1."""

    skill: int
    named: bool
    share: float


class CategoryVote(NamedTuple):
    """A category and its share of the votes, 0 to 1."""

    category: int
    share: float


class PriceRange(NamedTuple):
    """Quartiles in EGP, and how many people's prices they rest on."""

    low: float
    median: float
    high: float
    people: int


def weight(cosine: float) -> float:
    """How much a neighbour's vote weighs: 0 at `NEAR` and below."""
    return max(0.0, cosine - NEAR) ** 2


def says_something(text: str) -> bool:
    """Whether a text has enough words to look for neighbours by: stop words and single letters do not count."""
    return sum(map(len, tokens(text))) >= LEAST_LETTERS


def voters(neighbours: Sequence[Neighbour]) -> list[Neighbour]:
    """The nearest `VOTERS` of those that are near enough, the nearest first."""
    near = sorted((one for one in neighbours if one.cosine > NEAR), key=lambda one: -one.cosine)
    return near[:VOTERS]


def skills(neighbours: Sequence[Neighbour], *, named: Collection[int]) -> list[SkillVote]:
    """Skills for a draft: those it names, then those of its neighbours, each by falling share; at most `SKILLS`.

    A skill that is not named needs `SKILL_SHARE` of the votes, and `SKILL_VOTERS` neighbours that have it.
    """
    votes: dict[int, float] = {}
    having: dict[int, int] = {}
    nearest = voters(neighbours)
    whole = sum(weight(one.cosine) for one in nearest)
    for one in nearest:
        for skill in one.skills:
            votes[skill] = votes.get(skill, 0.0) + weight(one.cosine) / whole
            having[skill] = having.get(skill, 0) + 1
    found = [SkillVote(skill, True, min(1.0, votes.get(skill, 0.0))) for skill in set(named)]
    found += [
        SkillVote(skill, False, min(1.0, share))
        for skill, share in votes.items()
        if skill not in named and share >= SKILL_SHARE and having[skill] >= SKILL_VOTERS
    ]
    found.sort(key=lambda vote: (not vote.named, -vote.share, vote.skill))
    return found[:SKILLS]


def category(neighbours: Sequence[Neighbour], *, named: Sequence[int]) -> CategoryVote | None:
    """The draft's category by the votes of its neighbours and of the skills it names, or None where they disagree.

    `named`: the category of each named skill. With fewer than `LEAST_VOTERS` neighbours, or where no category has
    `CATEGORY_SHARE` of the votes, the named skills decide alone, by majority.
    """
    nearest = voters(neighbours)
    votes: dict[int, float] = {}
    if len(nearest) >= LEAST_VOTERS:
        for one in nearest:
            votes[one.category] = votes.get(one.category, 0.0) + weight(one.cosine)
        whole = sum(votes.values())
        for one_category in named:
            votes[one_category] = votes.get(one_category, 0.0) + NAMED_SHARE * whole / len(named)
        best = _best(votes)
        if best is not None and best.share >= CATEGORY_SHARE:
            return best
    names: dict[int, float] = {}
    for one_category in named:
        names[one_category] = names.get(one_category, 0.0) + 1.0
    best = _best(names)
    return best if best is not None and best.share > 0.5 else None


def _best(votes: Mapping[int, float]) -> CategoryVote | None:
    whole = sum(votes.values())
    if whole <= 0.0:
        return None
    chosen = min(votes, key=lambda one: (-votes[one], one))
    return CategoryVote(chosen, votes[chosen] / whole)


def price(neighbours: Sequence[Neighbour]) -> PriceRange | None:
    """The middle half of what comparable listings cost, or None where fewer than `LEAST_PRICES` people posted any.

    A person counts once, with the nearest listing. A price weighs its cosine, more in the same city, and half as much
    for every `PRICE_HALF_LIFE_DAYS` of age; none weighs more than `MOST_OF_WEIGHT` of all.
    """
    nearest: dict[int, Neighbour] = {}
    for one in sorted(neighbours, key=lambda one: -one.cosine):
        if one.comparable and one.cosine >= COMPARABLE:
            nearest.setdefault(one.client, one)
    if len(nearest) < LEAST_PRICES:
        return None
    used = list(nearest.values())
    weights = _levelled(
        [
            one.cosine
            * (SAME_CITY if one.same_city else 1.0)
            * 0.5 ** (max(0.0, one.days) / PRICE_HALF_LIFE_DAYS)
            for one in used
        ]
    )
    prices = [one.price for one in used]
    low, median, high = (weighted_quantile(prices, weights, share) for share in (0.25, 0.5, 0.75))
    return PriceRange(low, median, high, len(used))


def _levelled(weights: Sequence[float]) -> list[float]:
    """The weights, the greatest cut until none is more than `MOST_OF_WEIGHT` of their sum; takes five or more."""
    found = list(weights)
    for place in range(1, LEAST_PRICES):
        # With the `place` greatest cut to c: c = share * (place * c + rest).
        rest = sum(sorted(weights)[: len(found) - place])
        level = MOST_OF_WEIGHT * rest / (1.0 - MOST_OF_WEIGHT * place)
        found = [min(one, level) for one in weights]
        if max(found) <= MOST_OF_WEIGHT * sum(found) * (1.0 + 1e-9):
            break
    return found


def weighted_quantile(values: Sequence[float], weights: Sequence[float], share: float) -> float:
    """The smallest value that has at least `share` (0 to 1) of the weight at or below it.

    The inverse of the weighted distribution function (definition 1 of Hyndman and Fan, 1996): always one of the
    values, never a point between an ordinary one and an outlier. Raises ValueError without weight.
    """
    whole = sum(weights)
    if whole <= 0.0:
        raise ValueError("No value has a weight.")
    below = 0.0
    rows = sorted(zip(values, weights, strict=True))
    for value, one in rows:
        below += one
        if below >= share * whole * (1.0 - 1e-9):
            return value
    return rows[-1][0]


# --- The same thing twice --------------------------------------------------------------------------------------------


def folded(text: str) -> str:
    """What two texts must share to be the same: their words in one spelling, those of addresses included."""
    return normalise(_JOINTS.sub(" ", text))


@dataclass(frozen=True)
class Said:
    """A listing's words, worked out once however often they are compared."""

    title: str
    body: str

    @cached_property
    def folded_title(self) -> str:
        return folded(self.title)

    @cached_property
    def folded_body(self) -> str:
        return folded(self.body)

    @cached_property
    def title_stems(self) -> frozenset[str]:
        return frozenset(tokens(self.title))

    @cached_property
    def stems(self) -> frozenset[str]:
        return self.title_stems | frozenset(tokens(self.body))


def common(one: frozenset[str], two: frozenset[str]) -> float:
    """The share of words that two sets have in common (Jaccard's index), 0 to 1; 0 where either is empty."""
    return len(one & two) / len(one | two) if one and two else 0.0


def alike(one: Said, two: Said, *, cosine: float | None) -> float | None:
    """How alike two listings of one person are, 0 to 1, or None where they are not.

    1.0 where title and text are the same words; the same title alone is enough as well. `cosine`: of their vectors,
    None where either has none.
    """
    same_title = one.folded_title == two.folded_title != ""
    if same_title and one.folded_body == two.folded_body:
        return 1.0
    titles = 1.0 if same_title else common(one.title_stems, two.title_stems)
    if titles < ALIKE_TITLE:
        return None
    words = common(one.stems, two.stems) if cosine is None else 0.0
    if not same_title and (words < ALIKE_WORDS if cosine is None else cosine < ALIKE_COSINE):
        return None
    return (titles + (words if cosine is None else max(0.0, cosine))) / 2.0
