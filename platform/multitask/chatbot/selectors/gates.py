"""How it goes with the language model, for operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from multitask.chatbot.gate import NAME, OPEN_SECONDS, ModelGate, database_now


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """Counted since the beginning: `calls`, `waits` (calls told to come back), `failures`, `rests` (openings).

    `recent`: calls in the window of the limit; `waiting`: callers who were told to come back and have not yet;
    `resting`: whether it is not asked now because it fails.
    """

    calls: int = 0
    waits: int = 0
    failures: int = 0
    rests: int = 0
    recent: int = 0
    waiting: int = 0
    resting: bool = False


def model_figures(*, name: str = NAME) -> ModelFigures:
    """Zeros where it was never asked."""
    row = ModelGate.objects.filter(name=name).first()
    if row is None:
        return ModelFigures()
    now = database_now()
    return ModelFigures(
        calls=row.calls_total,
        waits=row.waits_total,
        failures=row.failures_total,
        rests=row.opened_total,
        recent=sum(at > now - timedelta(seconds=60) for at in row.times),
        waiting=sum(at > now for at in row.promised),
        resting=row.opened_at is not None and row.opened_at > now - timedelta(seconds=OPEN_SECONDS),
    )
