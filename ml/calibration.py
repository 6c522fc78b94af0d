"""The match percentage: a score read through what people who labelled pairs said of such scores.

`KNOTS` are (score, grade) of a rising line, between whose points is a straight line. The grade is what a labeller gives:
1 suits, 0.5 suits in part, 0 does not. So 80 says: of such pairs a person would say, on average, four fifths of "suits".
It was fitted by `fit` on the members among the labelled pairs that ship (24 freelancers, 40 tasks; with their words and
without), which is few: `fit` holds on to the score itself as strongly as `PRIOR` labelled pairs in each tenth would. Each
freelancer kept aside in turn, what is shown is 0.054 off on average, the score itself 0.080.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

PRIOR = 8.0
TENTHS = 10

KNOTS: tuple[tuple[float, float], ...] = (
    (0.0, 0.0),
    (0.05, 0.05),
    (0.156, 0.1),
    (0.25, 0.273),
    (0.355, 0.44),
    (0.492, 0.536),
    (0.716, 0.614),
    (0.856, 0.858),
    (0.966, 0.988),
    (1.0, 1.0),
)


def calibrated(score: float, knots: Sequence[tuple[float, float]] = KNOTS) -> float:
    """The grade, 0 to 1, that pairs of this score are given; rises with the score."""
    place = bisect_right(knots, score, key=lambda knot: knot[0])
    if place == 0:
        return knots[0][1]
    if place == len(knots):
        return knots[-1][1]
    (left, low), (right, high) = knots[place - 1], knots[place]
    return low + (high - low) * (score - left) / (right - left)


def percentage(score: float) -> int:
    """`score` (0 to 1) as it is shown, 0 to 100."""
    return math.floor(100.0 * calibrated(score) + 0.5)


def fit(scores: Sequence[float], grades: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Knots by isotonic regression over tenths of the score (pool adjacent violators; Zadrozny and Elkan, 2002).

    Each tenth is shrunk towards its own middle by `PRIOR` pairs. 0 stays 0 and 1 stays 1; knots rise strictly.
    """
    blocks: list[list[float]] = []  # weight, mean grade, middle
    for tenth in range(TENTHS):
        low, high = tenth / TENTHS, (tenth + 1) / TENTHS
        mine = [
            (score, grade)
            for score, grade in zip(scores, grades, strict=True)
            if low <= score < high or (high == 1.0 and score == 1.0)
        ]
        middle = (low + high) / 2.0
        weight = PRIOR + len(mine)
        grade = (PRIOR * middle + math.fsum(grade for _, grade in mine)) / weight
        at = (PRIOR * middle + math.fsum(score for score, _ in mine)) / weight
        blocks.append([weight, grade, at])
        while len(blocks) > 1 and blocks[-2][1] >= blocks[-1][1]:
            last, before = blocks.pop(), blocks.pop()
            total = last[0] + before[0]
            blocks.append([total, *((last[0] * last[n] + before[0] * before[n]) / total for n in (1, 2))])
    return (
        (0.0, 0.0),
        *((round(at, 3), round(grade, 3)) for _, grade, at in blocks if 0.0 < at < 1.0 and 0.0 < grade < 1.0),
        (1.0, 1.0),
    )


def error(shown: Sequence[float], grades: Sequence[float]) -> float:
    """Expected calibration error over tenths: how far what is shown (0 to 1) is from what was said, on average."""
    if not shown:
        return 0.0
    total = 0.0
    for tenth in range(TENTHS):
        mine = [
            (value, grade)
            for value, grade in zip(shown, grades, strict=True)
            if min(int(value * TENTHS), TENTHS - 1) == tenth
        ]
        total += abs(math.fsum(value - grade for value, grade in mine))
    return total / len(shown)
