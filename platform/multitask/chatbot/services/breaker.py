"""Whether the model is asked at all: after failures it is given a rest, and then tried with one call.

The state is a row that all workers share. Closed: calls pass. FAILURES within WINDOW_SECONDS open it: nothing passes
for OPEN_SECONDS. Then one call passes as a probe: its success closes, its failure opens anew, and a probe of which
nothing is heard is given up after PROBE_SECONDS.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from multitask.chatbot.gate import NAME, OPEN_SECONDS, ModelGate, database_now
from multitask.chatbot.services.gates import gate_locked
from multitask.settings.logs import get_logger

log = get_logger(__name__)

FAILURES = 5
WINDOW_SECONDS = 60
# Longer than a call may take.
PROBE_SECONDS = 30

State = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class Pass:
    """The model may be asked. `probe`: by this one call, to see whether it answers again."""

    probe: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """It may not; another try is worth it in `wait` seconds."""

    wait: int


def breaker_pass(*, name: str = NAME, open_seconds: int = OPEN_SECONDS) -> Pass | Open:
    """Whether a call may be made now, asked right before it and outside of any transaction.

    Whoever gets a Pass says how the call ended: `breaker_succeeded` or `breaker_failed`; one that was not made after
    all says neither.
    """
    row = ModelGate.objects.filter(name=name).only("opened_at").first()
    if row is None or row.opened_at is None:
        return Pass()
    with gate_locked(name) as (row, now):
        if row.opened_at is None:
            return Pass()
        left = _left(row.opened_at, open_seconds, now)
        if left > 0:
            return Open(left)
        if row.probe_at is not None and (left := _left(row.probe_at, PROBE_SECONDS, now)) > 0:
            return Open(left)
        row.probe_at = now
        return Pass(probe=True)


def breaker_succeeded(*, name: str = NAME) -> None:
    """A call has ended well: with an answer, or with one that was withheld (the model is there)."""
    row = ModelGate.objects.filter(name=name).only("opened_at", "failures").first()
    if row is None or (row.opened_at is None and not row.failures):
        return
    with gate_locked(name) as (row, _):
        # A call that began before it opened, and ends late, proves nothing; a probe does.
        if row.opened_at is not None and row.probe_at is None:
            return
        if row.opened_at is not None:
            log.info("model_answers_again", model=name)
        row.opened_at = row.probe_at = None
        row.failures = []


def breaker_failed(
    *, name: str = NAME, failures: int = FAILURES, window_seconds: int = WINDOW_SECONDS
) -> bool:
    """A call has failed because of the model: no answer, a broken one, a refusal. True where this opens the breaker."""
    with gate_locked(name) as (row, now):
        row.failures_total += 1
        if row.opened_at is not None:
            if row.probe_at is None:
                return False
            row.opened_at, row.probe_at = now, None
            return True
        since = now - timedelta(seconds=window_seconds)
        row.failures = [*(at for at in row.failures if at > since), now]
        if len(row.failures) < failures:
            return False
        row.opened_at, row.probe_at, row.failures = now, None, []
        row.opened_total += 1
        log.warning("model_given_a_rest", model=name, failures=failures)
        return True


def breaker_state(*, name: str = NAME, open_seconds: int = OPEN_SECONDS) -> State:
    """For operators: reads, takes nothing."""
    row = ModelGate.objects.filter(name=name).only("opened_at").first()
    if row is None or row.opened_at is None:
        return "closed"
    return "open" if _left(row.opened_at, open_seconds, database_now()) > 0 else "half_open"


def _left(since: datetime, seconds: int, now: datetime) -> int:
    return ceil((since + timedelta(seconds=seconds) - now).total_seconds())
