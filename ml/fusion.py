"""How the two halves of search become one score. Every number that is tuned stands in `FUSION`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ml.search import SCRIPTS


@dataclass(frozen=True, slots=True)
class Blend:
    """For one pair of scripts: `dense` is the share of the cosine's half, the rest is the words'.

    A cosine of `low` counts nothing and one of `high` wholly; from `floor` on a document is found by it alone. A document
    that holds much of a query of many rare words is the one that was meant, whatever the vectors say: of the words' score
    times the query's rarity, what is above `evidence_from` counts `evidence` times more.
    """

    dense: float
    low: float
    high: float
    floor: float
    evidence: float = 0.0
    evidence_from: float = 0.6


# Tuned on the topics of `ml/data/evaluation` that are for tuning (docs/evaluation.md has the figures). Both encoders
# spread their cosines alike (unrelated: 95 % below 0.35; related: 90 % above), so one scale serves every pair of scripts.
BLEND = Blend(dense=0.9, low=0.05, high=0.95, floor=0.38)
FROM_ARABIC = Blend(dense=0.85, low=0.05, high=0.95, floor=0.38)
# The static encoder tells long Arabic texts apart badly, and words do it well.
ARABIC = Blend(dense=0.85, low=0.05, high=0.95, floor=0.38, evidence=1.0)


@dataclass(frozen=True, slots=True)
class Fusion:
    """`blends`: {(the query's script, the document's): blend}; what is left out is `other`.

    The bonuses are added to a relevance of 0 to 1: `fresh` falls by half every `half_life` days, `open` is for what can
    be applied to, `near` for what is in the asker's own city, `rating` for an owner with five stars.
    """

    blends: Mapping[tuple[str, str], Blend] = field(
        default_factory=lambda: {
            ("arabic", "arabic"): ARABIC,
            ("arabic", "latin"): FROM_ARABIC,
            ("arabic", "mixed"): FROM_ARABIC,
        }
    )
    other: Blend = BLEND
    fresh: float = 0.02
    half_life: float = 21.0
    open: float = 0.02
    near: float = 0.02
    rating: float = 0.01

    def blend(self, query: str, document: str) -> Blend:
        return self.blends.get((query, document), self.other)

    def floor(self, query: str) -> float:
        """The lowest floor of any document's script."""
        return min(self.blend(query, document).floor for document in SCRIPTS)


FUSION = Fusion()


def fuse(
    *,
    query: str,
    document: str,
    lexical: float,
    cosine: float | None,
    days: float,
    is_open: bool,
    rating: float,
    rarity: float = 0.0,
    is_near: bool = False,
    fusion: Fusion = FUSION,
) -> float:
    """The score of a document: a convex combination of both halves (Bruch and others, TOIS 2023), and the bonuses.

    `query` and `document` are scripts, `lexical` 0 to 1, `rarity` the query's (`ml.search.Plan`), `cosine` None where
    either side has no vector: the words' score alone counts then. `days` is the age, `rating` 0 to 5.
    `multitask.recommendations.selectors.search` says the same in SQL.
    """
    relevance = lexical
    if cosine is not None:
        blend = fusion.blend(query, document)
        dense = min(1.0, max(0.0, (cosine - blend.low) / (blend.high - blend.low)))
        relevance = blend.dense * dense + (1.0 - blend.dense) * lexical
        relevance += blend.evidence * max(0.0, lexical * rarity - blend.evidence_from)
    bonus = fusion.fresh * 0.5 ** (max(0.0, days) / fusion.half_life)
    bonus += fusion.open if is_open else 0.0
    bonus += fusion.near if is_near else 0.0
    return relevance + bonus + fusion.rating * rating / 5.0


def is_found(
    *, query: str, document: str, gathered: bool, cosine: float | None, fusion: Fusion = FUSION
) -> bool:
    """Whether a document is among what is found: it has a word that was gathered by, or its cosine is enough."""
    return gathered or (cosine is not None and cosine >= fusion.blend(query, document).floor)
