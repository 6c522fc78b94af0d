"""The last day of the pipeline, from its samples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from multitask.operations.models import PipelineSample
from multitask.outbox.models import OutboxDelivery

DAY = timedelta(days=1)
STEP = timedelta(minutes=5)
STEPS = int(DAY / STEP)


@dataclass(frozen=True, slots=True)
class Curve:
    """One value every STEP, None where there is no sample; the first is of `since`."""

    name: str
    values: list[float | None]

    @property
    def highest(self) -> float:
        return max((value for value in self.values if value is not None), default=0.0)

    @property
    def last(self) -> float | None:
        """The newest value there is."""
        return next((value for value in reversed(self.values) if value is not None), None)


@dataclass(frozen=True, slots=True)
class History:
    since: datetime
    curves: dict[str, Curve]


def history(*, now: datetime | None = None) -> History:
    """The last day: highest values of each step, and for what only grows the mean growth a minute. One query."""
    end = now or timezone.now()
    since = end - DAY
    columns = ("taken_at", "waiting", "oldest_seconds", "dead", "lists", "lists_stale", "done", "failed")
    rows = list(
        PipelineSample.objects.filter(taken_at__gt=since - 2 * STEP, taken_at__lte=end)
        .order_by("taken_at")
        .values_list(*columns)
    )
    curves = {
        name: Curve(name, [None] * STEPS) for name in ("waiting", "oldest", "dead", "stale", "done", "failed")
    }
    for taken_at, waiting, oldest, dead, lists, stale, _, _ in rows:
        share = 100.0 * stale / lists if lists else 0.0
        for name, value in (("waiting", waiting), ("oldest", oldest), ("dead", dead), ("stale", share)):
            _highest(curves[name], taken_at, since, float(value))
    _rates(rows, since, curves)
    return History(since, curves)


def _step(taken_at: datetime, since: datetime) -> int:
    return int((taken_at - since) / STEP) if taken_at >= since else -1


def _highest(curve: Curve, taken_at: datetime, since: datetime, value: float) -> None:
    step = _step(taken_at, since)
    if 0 <= step < STEPS:
        curve.values[step] = max(value, curve.values[step] or 0.0)


def _rates(rows: list[tuple[Any, ...]], since: datetime, curves: dict[str, Curve]) -> None:
    """Growth between two samples belongs to the step of the later; across a gap there is none."""
    grown: dict[tuple[str, int], tuple[float, float]] = {}
    for earlier, later in pairwise(rows):
        minutes = (later[0] - earlier[0]) / timedelta(minutes=1)
        step = _step(later[0], since)
        if minutes > STEP / timedelta(minutes=1) or not 0 <= step < STEPS:
            continue
        for name, column in (("done", 6), ("failed", 7)):
            amount, length = grown.get((name, step), (0.0, 0.0))
            grown[name, step] = (amount + max(0, later[column] - earlier[column]), length + minutes)
    for (name, step), (amount, length) in grown.items():
        curves[name].values[step] = amount / length


def hour_ago() -> PipelineSample | None:
    """The first sample of the last hour."""
    since = timezone.now() - timedelta(hours=1)
    return PipelineSample.objects.filter(taken_at__gte=since).order_by("taken_at").first()


def dead_deliveries(*, limit: int) -> QuerySet[OutboxDelivery]:
    """The newest dead letters."""
    return OutboxDelivery.objects.filter(status="dead").order_by("-pk")[:limit]
