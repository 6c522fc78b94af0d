"""Measures of a ranking over graded labels, with bootstrap intervals. Rows are queries, columns documents."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
DEPTH = 10
ROUNDS = 1_000


def ranked_gains(scores: Table, gains: Table, depth: int = DEPTH) -> Table:
    """Gains in the order of the scores, shape (queries, min(depth, documents)); equals go by position."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    return np.asarray(np.take_along_axis(gains, order, axis=1))


def ndcg(scores: Table, gains: Table, depth: int = DEPTH) -> NDArray[np.float64]:
    """nDCG at `depth` of each query, of the order of its scores; NaN where nothing is relevant."""
    return ndcg_shown(ranked_gains(scores, gains, depth), gains, depth)


def ndcg_shown(shown: Table, there: Table, depth: int = DEPTH) -> NDArray[np.float64]:
    """nDCG at `depth` with linear gains (Järvelin and Kekäläinen, 2002) along the last axis; NaN for nothing relevant.

    `shown`: gains in the order of a list, which may be shorter than `depth`; `there`: those of all that it could hold,
    in any order.
    """
    shown = shown[..., :depth]
    best = there if there.shape[-1] <= depth else -np.partition(-there, depth - 1, axis=-1)[..., :depth]
    discount = 1.0 / np.log2(np.arange(depth) + 2.0)
    ideal = (-np.sort(-best, axis=-1) * discount[: best.shape[-1]]).sum(axis=-1)
    found = (shown * discount[: shown.shape[-1]]).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(ideal > 0, found / ideal, np.nan))


def reciprocal_rank(scores: Table, gains: Table) -> NDArray[np.float64]:
    """1 / rank of the first relevant document of each query; NaN where nothing is relevant."""
    found = ranked_gains(scores, gains, gains.shape[1]) > 0
    first = found.argmax(axis=1)
    return np.where(found.any(axis=1), 1.0 / (first + 1.0), np.nan)


def recall(scores: Table, gains: Table, depth: int = DEPTH) -> NDArray[np.float64]:
    """Share of the relevant documents (at most `depth` of them) among the first `depth`."""
    found = (ranked_gains(scores, gains, depth) > 0).sum(axis=1)
    there = np.minimum((gains > 0).sum(axis=1), depth)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(there > 0, found / there, np.nan))


def precision(scores: Table, gains: Table, depth: int = DEPTH) -> NDArray[np.float64]:
    """Share of the first `depth` documents that are relevant; NaN where none is."""
    found = (ranked_gains(scores, gains, depth) > 0).sum(axis=1) / depth
    return np.where((gains > 0).any(axis=1), found, np.nan)


def interval(
    values: NDArray[np.float64], *, seed: int = 7, rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """(mean, low, high): the 95 % percentile bootstrap over queries (Efron, 1979); NaN values are left out."""
    kept = values[~np.isnan(values)]
    if not len(kept):
        return float("nan"), float("nan"), float("nan")
    draws = np.random.default_rng(seed).integers(0, len(kept), size=(rounds, len(kept)))
    means = kept[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(kept.mean()), float(low), float(high)


def all_measures(scores: Table, gains: Table) -> dict[str, dict[str, float]]:
    """{measure: {"mean", "low", "high"}} over the queries that have something to find."""
    ordered = ranked_gains(scores, gains, gains.shape[1])  # once: a table may have millions of cells
    scores, gains = -np.broadcast_to(np.arange(float(gains.shape[1])), gains.shape), ordered
    found: Mapping[str, NDArray[np.float64]] = {
        "ndcg@10": ndcg(scores, gains),
        "recall@10": recall(scores, gains),
        "p@10": precision(scores, gains),
        "mrr": reciprocal_rank(scores, gains),
    }
    named = {name: interval(values) for name, values in found.items()}
    return {name: {"mean": mean, "low": low, "high": high} for name, (mean, low, high) in named.items()}
