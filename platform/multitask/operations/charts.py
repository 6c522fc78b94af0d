"""Lines of the last day as the points of an SVG, which needs no script and no style of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from multitask.operations.selectors.history import DAY, Curve, History

WIDTH = 576
HEIGHT = 96
HOURS_BETWEEN_MARKS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its CSS class and name, and the points of each stretch without a gap."""

    style: str
    name: str
    stretches: list[str]
    last: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A full hour below the chart."""

    x: int
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    lines: list[Line]
    top: str
    marks: list[Mark]
    is_empty: bool


def chart(
    title: str, found: History, curves: Sequence[tuple[str, str, str]], *, unit: str = "", least: float = 1.0
) -> Chart:
    """`curves` are (name of the curve, CSS class, name to show), drawn to one scale of at least `least`."""
    shown = [found.curves[name] for name, _, _ in curves]
    top = max([least, *(curve.highest for curve in shown)])
    lines = [
        Line(style, said, stretches(curve, top), number(curve.last, unit))
        for curve, (_, style, said) in zip(shown, curves, strict=True)
    ]
    return Chart(
        title, lines, number(top, unit), marks(found.since), all(curve.last is None for curve in shown)
    )


def stretches(curve: Curve, top: float) -> list[str]:
    """The points of each run of values: "x,y x,y …", y downwards from `top` at 0."""
    width = WIDTH / len(curve.values)
    found: list[list[str]] = [[]]
    for position, value in enumerate(curve.values):
        if value is None:
            found.append([])
            continue
        y = HEIGHT - HEIGHT * min(value, top) / top
        # Each value is as wide as its step: one between two gaps can be seen.
        found[-1] += [f"{position * width:.1f},{y:.1f}", f"{(position + 1) * width:.1f},{y:.1f}"]
    return [" ".join(points) for points in found if points]


def marks(since: datetime) -> list[Mark]:
    """Every fourth full hour of the clock on the wall."""
    local = timezone.localtime(since)
    # Hours are counted from an instant: by the clock on the wall, the one that Cairo repeats would be marked once.
    full = since - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    found = []
    for ahead in range(26):
        at = full + timedelta(hours=ahead)
        x = int((at - since) / DAY * WIDTH)
        said = timezone.localtime(at)
        if said.hour % HOURS_BETWEEN_MARKS == 0 and 0 <= x < WIDTH:
            found.append(Mark(x, f"{said:%H:%M}"))
    return found


def number(value: float | None, unit: str = "") -> str:
    """A figure as short as it can be read: 0.4, 12, 1,234."""
    if value is None:
        return "–"
    text = f"{value:.1f}" if 0 < value < 10 and value != int(value) else f"{value:,.0f}"
    return f"{text} {unit}".strip()
