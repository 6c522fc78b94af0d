"""Summaries of what was measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def seconds_summary(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and max in milliseconds, and how many there were, of `values` in seconds."""
    found = np.asarray(values, dtype=np.float64) * 1000.0
    return {
        "p50": round(float(np.percentile(found, 50)), 2),
        "p95": round(float(np.percentile(found, 95)), 2),
        "max": round(float(found.max()), 2),
        "count": len(values),
    }


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p75, p95 and max of `values`, in their own unit, and how many there were."""
    found = np.asarray(values, dtype=np.float64)
    return {
        **{f"p{part}": round(float(np.percentile(found, part)), 1) for part in (50, 75, 95)},
        "max": round(float(found.max()), 1),
        "count": len(values),
    }


def ratio(figure: float, baseline: float) -> float:
    """How many times `baseline` goes into `figure`; 0 where there is no baseline."""
    return round(figure / baseline, 2) if baseline else 0.0
