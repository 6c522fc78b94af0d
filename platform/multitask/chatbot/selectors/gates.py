"""How it goes with the language model, for operators."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from multitask.chatbot.gate import NAME, OPEN_SECONDS
from multitask.chatbot.models import MessageState, Outcome, Sender
from multitask.chatbot.texts import WHY

RECENT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """Counted since the beginning: `calls`, `waits` (calls told to come back), `failures`, `rests` (openings).

    `recent`: calls in the last minute; `waiting`: callers who were told to come back and have not yet;
    `resting`: whether it is not asked now because it fails; `tried`: whether its rest is over, and it has not yet
    shown that it answers.
    """

    calls: int = 0
    waits: int = 0
    failures: int = 0
    rests: int = 0
    recent: int = 0
    waiting: int = 0
    resting: bool = False
    tried: bool = False

    @property
    def state(self) -> str:
        """Of the circuit breaker: "closed", "open" or "half_open"."""
        return "open" if self.resting else "half_open" if self.tried else "closed"


def model_figures(*, name: str = NAME) -> ModelFigures:
    """Zeros where it was never asked. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT calls_total, waits_total, failures_total, opened_total,
                (SELECT count(*) FROM unnest(times) AS at WHERE at > clock_timestamp() - interval '60 seconds'),
                (SELECT count(*) FROM unnest(promised) AS at WHERE at > clock_timestamp()),
                coalesce(opened_at > clock_timestamp() - %(open)s * interval '1 second', false),
                coalesce(opened_at <= clock_timestamp() - %(open)s * interval '1 second', false)
            FROM chatbot_modelgate WHERE name = %(name)s
            """,
            {"open": OPEN_SECONDS, "name": name},
        )
        row = cursor.fetchone()
    return ModelFigures() if row is None else ModelFigures(*row)


@dataclass(frozen=True, slots=True)
class RecentAnswers:
    """Answers begun in the last hour: `by_outcome` {who wrote it, "pending" or "failed": number}, `stood_in` {why the
    help base did, a key of `texts.WHY`: number}, and the tokens that the model took.
    """

    by_outcome: dict[str, int]
    stood_in: dict[str, int]
    tokens_in: int = 0
    tokens_out: int = 0


def answers_recent() -> RecentAnswers:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT CASE WHEN state = %s THEN outcome ELSE state END, reason, count(*),
                coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0)
            FROM chatbot_chatmessage
            WHERE sender = %s AND created_at > now() - %s * interval '1 second' GROUP BY 1, 2
            """,
            [MessageState.DONE, Sender.BOT, RECENT_SECONDS],
        )
        rows = cursor.fetchall()
    by_outcome = dict.fromkeys([*Outcome.values, MessageState.PENDING.value, MessageState.FAILED.value], 0)
    stood_in = dict.fromkeys(WHY, 0)
    for outcome, reason, number, _, _ in rows:
        by_outcome[outcome] = by_outcome.get(outcome, 0) + number
        if reason:
            stood_in[reason] = stood_in.get(reason, 0) + number
    return RecentAnswers(by_outcome, stood_in, sum(row[3] for row in rows), sum(row[4] for row in rows))
