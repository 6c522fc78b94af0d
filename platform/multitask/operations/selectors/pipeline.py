"""What waits, what ran, what failed, and which parts live: each one query, by the database's clock."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, F, Min, Sum
from django.db.models.functions import Extract, Now

from multitask.outbox.models import Heartbeat, JobTally, OutboxEvent

# A delivery's time begins when it may first run: at its event, or when the event says. A later attempt, or a broker
# that does not take it, does not begin it anew. What may not run yet is `scheduled` and has no age.
_QUEUES = """
    SELECT queue,
        CASE WHEN status = 'pending' AND since > now() THEN 'scheduled'
             WHEN status = 'pending' AND attempts > 0 THEN 'retrying' ELSE status END AS state,
        count(*), greatest(extract(epoch FROM now() - min(since)), 0)::float
    FROM (
        SELECT d.queue, d.status, d.attempts,
            least(d.available_at, greatest(d.created_at, e.not_before)) AS since
        FROM outbox_outboxdelivery d
        LEFT JOIN outbox_outboxevent e ON e.id = d.event_id AND e.not_before IS NOT NULL
        WHERE d.status NOT IN ('done', 'dead')) open
    GROUP BY 1, 2
"""
STATES = ("scheduled", "pending", "retrying", "sent", "running")
# All of these are due, `scheduled` is not.
DUE = STATES[1:]


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many deliveries of a queue are in a state, and for how many seconds the oldest has been due."""

    queue: str
    state: str
    number: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead letters of one handler, and the age of the oldest in seconds."""

    handler: str
    queue: str
    number: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How many attempts of a handler ended with `outcome` since ever."""

    handler: str
    queue: str
    outcome: str
    number: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events that the relay has not read, and the age of the oldest in seconds."""

    number: int
    oldest_seconds: float


def queue_states() -> list[QueueState]:
    with connection.cursor() as cursor:
        cursor.execute(_QUEUES)
        return [
            QueueState(queue, state, number, 0.0 if state == "scheduled" else oldest)
            for queue, state, number, oldest in cursor.fetchall()
        ]


def dead_letters() -> list[DeadLetters]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT handler, queue, count(*), extract(epoch FROM now() - min(created_at))::float
            FROM outbox_outboxdelivery WHERE status = 'dead' GROUP BY 1, 2 ORDER BY 3 DESC, 1
            """
        )
        return [DeadLetters(*row) for row in cursor.fetchall()]


def tallies() -> list[Tally]:
    rows = (
        JobTally.objects.values("handler", "queue", "outcome")
        .annotate(total=Sum("number"))
        .order_by("handler", "queue", "outcome")
    )
    return [Tally(row["handler"], row["queue"], row["outcome"], int(row["total"])) for row in rows]


def events_waiting() -> Waiting:
    row = OutboxEvent.objects.filter(fanned_out_at__isnull=True).aggregate(
        number=Count("pk"), oldest=Extract(Now() - Min("created_at"), "epoch")
    )
    return Waiting(row["number"], float(row["oldest"] or 0.0))


def heartbeat_ages() -> dict[str, float]:
    """{part: seconds since it last showed itself} of "relay", "beat" and "queue:NAME"; no entry: never."""
    rows = Heartbeat.objects.annotate(age=Extract(Now() - F("seen_at"), "epoch")).values_list("name", "age")
    return {name: max(0.0, float(age)) for name, age in rows}
