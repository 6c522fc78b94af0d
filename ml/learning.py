"""Learn from the log how much each part of the score is worth, holding on to what the description says.

The model
---------
Whether somebody acts on a row they were shown is a logistic function of the row's parts and of its place:
`logit P = a + c * log(1 + place) + s * sum(f_k * part_k) + s * rest`. The place is there because what stands first is
looked at more, whatever it is (position as a feature; Ling and others, WWW 2017): its weight is fitted beside the parts
and left out of the score. `f_k` is a factor of the part, 1 by the description. It is fitted as the mode of its posterior
under a Gaussian prior around 1 (standard deviation `SPREAD`), and never leaves `BOUNDS`, within which one more skill or
closer wording cannot lower a score.

A click, an application and an acceptance are actions, of rising weight; a dismissal is a strong refusal. What was shown
and left alone is a weak one.

When it counts
--------------
Not below `LEAST_ACTIONS` actions of `LEAST_PEOPLE` people. The newest fifth of the showings is held out: the factors are
used only where they explain it better than factors of 1 do, by more than `CERTAIN` standard errors. Otherwise `factors`
is empty, and the description's weights stand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ml.evaluation.measures import ndcg

Floats = NDArray[np.float64]

LEARNED = ("skills", "related", "mentions", "semantic", "tfidf", "budget", "place", "type", "category")
LEAST_ACTIONS = 300
LEAST_PEOPLE = 30
HELD_OUT = 0.2
CERTAIN = 1.64
SPREAD = 0.3
_WIDE = 4.0
BOUNDS: dict[str, tuple[float, float]] = dict.fromkeys(LEARNED, (0.8, 1.25)) | dict.fromkeys(
    ("budget", "place", "type", "category"), (0.5, 2.0)
)
WEIGHTS: dict[str, float] = {"dismissed": 2.0, "": 1.0, "clicked": 1.0, "applied": 3.0, "accepted": 5.0}
ACTIONS = frozenset({"clicked", "applied", "accepted"})


@dataclass(frozen=True, slots=True)
class Row:
    """One shown row: its parts before any factor, and what came of it (a key of WEIGHTS, "" for nothing)."""

    parts: Mapping[str, float]
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Showing:
    """One reading of a list by `user`, rows in the order they were shown."""

    user: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Learned:
    """`factors` to multiply parts by, empty where nothing is to be changed; what was measured on what was held out.

    `gain` is in nats of log-likelihood a row, `error` its standard error over showings; `ndcg_before` and `ndcg_after`
    are of actions, weighted by how little their place is looked at.
    """

    actions: int
    people: int
    adopted: bool = False
    gain: float = 0.0
    error: float = 0.0
    ndcg_before: float = 0.0
    ndcg_after: float = 0.0
    factors: Mapping[str, float] = field(default_factory=dict)
    fitted: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, float | int | bool | dict[str, float]]:
        return {
            "actions": self.actions,
            "people": self.people,
            "adopted": self.adopted,
            "gain": round(self.gain, 6),
            "error": round(self.error, 6),
            "ndcg_before": round(self.ndcg_before, 4),
            "ndcg_after": round(self.ndcg_after, 4),
            "fitted": dict(self.fitted),
        }


@dataclass(frozen=True, slots=True)
class _Data:
    """`parts` (n, 9), `rest` and `place` (n,), `acted` 0 or 1, `weight`, and of which showing each row is."""

    parts: Floats
    rest: Floats
    place: Floats
    acted: Floats
    weight: Floats
    showing: NDArray[np.int64]


def learn(showings: Sequence[Showing]) -> Learned:
    """Factors from showings in the order of their time. The same showings give the same factors."""
    acted = [one for one in showings if any(row.outcome in ACTIONS for row in one.rows)]
    actions = sum(row.outcome in ACTIONS for one in showings for row in one.rows)
    people = len({one.user for one in acted})
    if actions < LEAST_ACTIONS or people < LEAST_PEOPLE:
        return Learned(actions=actions, people=people)
    split = len(showings) - max(1, int(HELD_OUT * len(showings)))
    old, new = _data(showings[:split]), _data(showings[split:])
    plain = _fit_plain(old)
    if plain[2] <= 0.0:  # the score itself says nothing of what people do: there is nothing to scale
        return Learned(actions=actions, people=people)
    factors, lines = _fit_factors(old, plain)
    ones = np.ones(len(LEARNED))
    each = _likelihood(new, factors, lines) - _likelihood(new, ones, plain)
    sums = np.bincount(new.showing, weights=each)
    gain = float(each.mean())
    error = (
        float(sums.std(ddof=1) / math.sqrt(len(sums)) * len(sums) / len(each)) if len(sums) > 1 else math.inf
    )
    adopted = gain > CERTAIN * error
    whole = _data(showings)
    found, _ = _fit_factors(whole, _fit_plain(whole))
    fitted = {name: round(float(value), 3) for name, value in zip(LEARNED, found, strict=True)}
    return Learned(
        actions=actions,
        people=people,
        adopted=adopted,
        gain=gain,
        error=error,
        ndcg_before=_ndcg(new, ones, plain[1]),
        ndcg_after=_ndcg(new, factors, plain[1]),
        factors=fitted if adopted else {},
        fitted=fitted,
    )


def _data(showings: Sequence[Showing]) -> _Data:
    rows = [(number, place, row) for number, one in enumerate(showings) for place, row in enumerate(one.rows)]
    return _Data(
        parts=np.array([[row.parts.get(name, 0.0) for name in LEARNED] for _, _, row in rows]),
        rest=np.array(
            [
                math.fsum(value for name, value in row.parts.items() if name not in BOUNDS)
                for _, _, row in rows
            ]
        ),
        place=np.log1p(np.array([float(place) for _, place, _ in rows])),
        acted=np.array([float(row.outcome in ACTIONS) for _, _, row in rows]),
        weight=np.array([WEIGHTS[row.outcome] for _, _, row in rows]),
        showing=np.array([number for number, _, _ in rows], dtype=np.int64),
    )


def _fit_plain(data: _Data) -> Floats:
    """(a, c, s) with factors of 1."""
    return _fit_lines(data, np.ones(len(LEARNED)))


def _fit_lines(data: _Data, factors: Floats) -> Floats:
    columns = np.column_stack([np.ones(len(data.place)), data.place, data.parts @ factors + data.rest])
    return _newton(columns, np.zeros(len(data.place)), data, np.zeros(3), np.full(3, 1.0 / _WIDE**2))


def _fit_factors(data: _Data, plain: Floats) -> tuple[Floats, Floats]:
    """The factors, within their bounds, and (a, c, s) beside them."""
    scale = plain[2]
    columns = np.column_stack([np.ones(len(data.place)), data.place, scale * data.parts])
    middle = np.concatenate([plain[:2], np.ones(len(LEARNED))])
    tightness = np.concatenate([np.full(2, 1.0 / _WIDE**2), np.full(len(LEARNED), 1.0 / SPREAD**2)])
    found = _newton(columns, scale * data.rest, data, middle, tightness)
    low, high = np.array([BOUNDS[name] for name in LEARNED]).T
    # What is common to all parts is the line's slope, not a factor.
    share = data.parts.mean(axis=0)
    common = float(share @ found[2:] / share.sum()) if share.sum() > 0.0 else 1.0
    factors = np.clip(found[2:] / common, low, high) if common > 0.0 else np.ones(len(LEARNED))
    # What lies beyond the bounds is cut off: the lines are those of the factors that are used.
    return factors, _fit_lines(data, factors)


def _newton(columns: Floats, offset: Floats, data: _Data, middle: Floats, tightness: Floats) -> Floats:
    """The mode of a logistic regression's posterior under Gaussian priors (`middle`, 1 / variance `tightness`)."""
    found = middle.copy()
    for _ in range(50):
        chance = _sigmoid(columns @ found + offset)
        slope = columns.T @ (data.weight * (data.acted - chance)) - tightness * (found - middle)
        bend = (columns * (data.weight * chance * (1.0 - chance))[:, None]).T @ columns + np.diag(tightness)
        step = np.linalg.solve(bend, slope)
        # A long step may overshoot where the curve is flat.
        found = found + step * min(1.0, 5.0 / (float(np.abs(step).max()) + 1e-12))
        if float(np.abs(step).max()) < 1e-9:
            break
    return found


def _sigmoid(values: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.clip(values, -35.0, 35.0)))


def _likelihood(data: _Data, factors: Floats, lines: Floats) -> Floats:
    """Weighted log-likelihood of each row."""
    value = lines[0] + lines[1] * data.place + lines[2] * (data.parts @ factors + data.rest)
    chance = np.clip(_sigmoid(value), 1e-12, 1.0 - 1e-12)
    return data.weight * (data.acted * np.log(chance) + (1.0 - data.acted) * np.log(1.0 - chance))


def _ndcg(data: _Data, factors: Floats, place_weight: float) -> float:
    """nDCG@10 of actions in the order of the score, each weighted by 1 / how much its place was looked at.

    Inverse propensity weighting (Joachims and others, WSDM 2017), weights of 10 at most.
    """
    score = data.parts @ factors + data.rest
    gain = data.acted * data.weight * np.minimum(10.0, np.exp(-place_weight * data.place))
    found = []
    for showing in np.unique(data.showing[gain > 0.0]):
        mine = data.showing == showing
        found.append(ndcg(score[None, mine], gain[None, mine])[0])
    return float(np.mean(found)) if found else 0.0
