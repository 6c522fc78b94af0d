"""All figures of the pipeline at once: for `/metrics`, the page of operators and the samples of its charts.

Reading them must never hurt what they are about: each part is one query with a time limit of its own, all together
end after BUDGET_SECONDS, and a process reads a part again only when what it has is too old.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db import DatabaseError, InterfaceError, connection, transaction

from multitask.chatbot.selectors import gates
from multitask.operations.selectors import outcomes, pipeline
from multitask.recommendations.selectors import freshness
from multitask.settings.logs import get_logger

log = get_logger(__name__)
T = TypeVar("T")

STATEMENT_MS = 1_500
BUDGET_SECONDS = 4.0
OFTEN = 5.0
# What looks at every task or list.
SELDOM = 30.0


@dataclass(frozen=True, slots=True)
class Part:
    """One figure: how it is read, and for how many seconds it is good."""

    read: Callable[[], Any]
    seconds: float = OFTEN


PARTS: dict[str, Part] = {
    "queues": Part(pipeline.queue_states),
    "events": Part(pipeline.events_waiting),
    "dead": Part(pipeline.dead_letters),
    "tallies": Part(pipeline.tallies),
    "heartbeats": Part(pipeline.heartbeat_ages),
    "mails": Part(outcomes.mails),
    "deliveries": Part(outcomes.deliveries),
    "model": Part(gates.model_figures),
    "answers": Part(gates.answers_recent),
    "lists": Part(freshness.lists_freshness, SELDOM),
    "vectors": Part(freshness.vectors_missing, SELDOM),
    "words": Part(freshness.words_missing, SELDOM),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What was read, by the names of PARTS; a part that could not be read is not in `values`."""

    values: dict[str, Any]
    database: bool

    def get(self, name: str, otherwise: T) -> T:
        return cast("T", self.values.get(name, otherwise))

    def ok(self, name: str) -> bool:
        return name in self.values


_lock = threading.Lock()
_kept: dict[str, tuple[float, Any]] = {}
_away_until = [0.0]


def figures(*, fresh: bool = False) -> Figures:
    """The figures, none older than its part allows; all of them read now where `fresh`. At most one query a part.

    Raises nothing: while the database is away there are no values, and it is asked again after OFTEN seconds.
    """
    with _lock:
        now = time.monotonic()
        if fresh:
            forget()
        if now < _away_until[0]:
            return Figures({}, database=False)
        due = [
            name for name, part in PARTS.items() if name not in _kept or now - _kept[name][0] >= part.seconds
        ]
        for name in due:
            _kept.pop(name, None)
        database = _read(due) if due else True
        if not database:
            _away_until[0] = time.monotonic() + OFTEN
        return Figures({name: value for name, (_, value) in _kept.items()}, database=database)


def forget() -> None:
    """Let everything be read again."""
    _kept.clear()
    _away_until[0] = 0.0


def _read(names: list[str]) -> bool:
    """Whether the database answers."""
    end = time.monotonic() + BUDGET_SECONDS
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(STATEMENT_MS)])
            for name in names:
                if time.monotonic() > end:
                    log.warning("figures_skipped", part=name)
                    continue
                _read_part(name)
    except (DatabaseError, InterfaceError) as error:
        log.warning("figures_database_away", error=str(error).strip())
        return False
    return True


def _read_part(name: str) -> None:
    try:
        with transaction.atomic():
            value = PARTS[name].read()
    except DatabaseError as error:
        if not connection.is_usable():
            raise
        log.warning("figure_failed", part=name, error=str(error).strip())
        return
    _kept[name] = (time.monotonic(), value)
