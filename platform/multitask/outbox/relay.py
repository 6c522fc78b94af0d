"""The relay's side of the outbox: fan out, claim, begin, finish, fail. Every time is the database's own clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from multitask.outbox.emit import CHANNEL
from multitask.outbox.models import DeliveryStatus
from multitask.outbox.tally import counting


@dataclass(frozen=True, slots=True)
class Route:
    """How one handler wants its deliveries."""

    handler: str
    queue: str
    coalesce: bool = False
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery taken by a relay, to be handed to the broker with its attempt number as the fence."""

    id: int
    handler: str
    queue: str
    attempt: int
    key: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A delivery that a worker has begun."""

    id: int
    attempt: int
    topic: str
    key: str
    payload: dict[str, Any]
    request_id: str


@contextmanager
def _repeatable() -> Iterator[None]:
    """A transaction whose commit does not wait for the disk.

    For claiming and beginning only: if the database loses its last moments, the fence refuses what was begun and the
    lease sends it again. What a job did, and that it is done, is committed in full.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        yield


class Superseded(Exception):
    """A newer attempt owns the delivery: what this one did must be rolled back."""


def fan_out(routes: Mapping[str, Sequence[Route]], *, limit: int = 500) -> int:
    """Turn waiting events into deliveries. Returns how many events were taken.

    An event that no route knows is kept as a dead letter rather than dropped. Coalescing deliveries of the same
    handler and key that nobody has begun become one, which points at the newest event.
    """
    with _repeatable(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, topic, key, not_before FROM outbox_outboxevent WHERE fanned_out_at IS NULL
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            """,
            [limit],
        )
        events = cursor.fetchall()
        if not events:
            return 0
        plain: list[tuple[Any, ...]] = []
        merged: dict[tuple[str, str], tuple[Any, ...]] = {}
        dead: list[tuple[Any, ...]] = []
        for event_id, topic, key, not_before in events:
            if topic not in routes:
                dead.append((event_id, topic, "default", key, f"No handler knows the topic {topic!r}."))
            for route in routes.get(topic, ()):
                row = (event_id, route.handler, route.queue, key, route.ordered, route.coalesce, not_before)
                if route.coalesce:
                    earlier = merged.get((route.handler, key))
                    merged[route.handler, key] = row if earlier is None else _sooner(earlier, row)
                else:
                    plain.append(row)
        _insert_deliveries(cursor, plain, conflict="")
        _insert_deliveries(
            cursor,
            list(merged.values()),
            conflict="""ON CONFLICT (handler, key) WHERE status = 'pending' AND coalesce AND attempts = 0
                        DO UPDATE SET event_id = EXCLUDED.event_id,
                            available_at = least(outbox_outboxdelivery.available_at, EXCLUDED.available_at)""",
        )
        if dead:
            _values(
                cursor,
                """INSERT INTO outbox_outboxdelivery
                   (event_id, handler, queue, key, last_error, status, attempts, ordered, coalesce) VALUES """,
                dead,
                suffix=", 'dead', 0, false, false",
                with_count="SELECT handler, queue, 'dead' AS outcome FROM changed",
            )
        cursor.execute(
            "UPDATE outbox_outboxevent SET fanned_out_at = now() WHERE id = ANY(%s)",
            [[event[0] for event in events]],
        )
    return len(events)


def _insert_deliveries(cursor: Any, rows: Sequence[tuple[Any, ...]], *, conflict: str) -> None:
    if rows:
        _values(
            cursor,
            """INSERT INTO outbox_outboxdelivery
               (event_id, handler, queue, key, ordered, coalesce, available_at, status, attempts, last_error) VALUES """,
            rows,
            suffix=", 'pending', 0, ''",
            places=("%s",) * 6 + ("coalesce(%s::timestamptz, now())",),
            tail=conflict,
        )


def _sooner(earlier: tuple[Any, ...], later: tuple[Any, ...]) -> tuple[Any, ...]:
    """Two events that coalesce: the later one's row, due when the sooner of both is (None: at once)."""
    dues = (earlier[-1], later[-1])
    return (*later[:-1], None if None in dues else min(dues))


def _values(
    cursor: Any,
    head: str,
    rows: Sequence[tuple[Any, ...]],
    *,
    suffix: str = "",
    tail: str = "",
    places: Sequence[str] = (),
    with_count: str = "",
) -> None:
    place = "(" + ", ".join(places or ["%s"] * len(rows[0])) + suffix + ")"
    statement = head + ", ".join([place] * len(rows)) + " " + tail
    if with_count:
        statement = counting(f"{statement} RETURNING handler, queue", with_count)
    cursor.execute(statement, [value for row in rows for value in row])


def claim(*, windows: Mapping[str, int], sent_lease: int) -> tuple[list[Claimed], bool]:
    """Take due deliveries, at most as many a queue as its window has room for: (taken, whether a window is full).

    `windows` is how many deliveries a queue may hold unfinished at the broker; the backlog stays in PostgreSQL, so
    that a broker that loses everything loses little and a long queue is not sent twice. A delivery that asks for
    order waits until every earlier one of its handler and key is finished.
    """
    claimed: list[Claimed] = []
    full = False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT queue FROM outbox_outboxdelivery WHERE status = 'pending' AND available_at <= now()"
        )
        due = sorted({row[0] for row in cursor.fetchall()} & set(windows))
    if not due:
        return [], False
    with _repeatable(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue, count(*) FROM outbox_outboxdelivery WHERE status IN ('sent', 'running') GROUP BY queue"
        )
        in_flight = dict(cursor.fetchall())
        for queue in due:
            room = windows[queue] - in_flight.get(queue, 0)
            if room <= 0:
                full = True
                continue
            # Materialised, or a plan that runs the subquery once a row locks and takes more than its limit.
            cursor.execute(
                """
                WITH due AS MATERIALIZED (
                    SELECT d.id FROM outbox_outboxdelivery d
                    WHERE d.status = 'pending' AND d.queue = %s AND d.available_at <= now()
                      AND NOT (d.ordered AND EXISTS (
                          SELECT 1 FROM outbox_outboxdelivery e
                          WHERE e.handler = d.handler AND e.key = d.key AND e.id < d.id
                            AND e.status NOT IN ('done', 'dead')))
                    ORDER BY d.available_at, d.id LIMIT %s FOR UPDATE SKIP LOCKED)
                UPDATE outbox_outboxdelivery taken SET
                    status = 'sent', attempts = taken.attempts + 1, lease_until = now() + %s * interval '1 second'
                FROM due WHERE taken.id = due.id
                RETURNING taken.id, taken.handler, taken.queue, taken.attempts, taken.key
                """,
                [queue, room, sent_lease],
            )
            claimed += [Claimed(*row) for row in cursor.fetchall()]
    return sorted(claimed, key=lambda one: one.id), full


def unclaim(ids: Iterable[int], *, delay: float) -> None:
    """The broker did not take them: back to waiting, without counting an attempt.

    What comes back no longer coalesces: another delivery of its handler and key may have begun to wait meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbox_outboxdelivery SET status = 'pending', attempts = attempts - 1, lease_until = NULL,
                coalesce = false, available_at = now() + %s * interval '1 second'
            WHERE id = ANY(%s) AND status = 'sent'
            """,
            [delay, list(ids)],
        )


def reclaim(*, max_attempts: int, longer: Mapping[str, int] | None = None) -> tuple[int, int]:
    """Deliveries whose lease has run out: (sent again, given up).

    One that was handed to the broker but never begun does not count as an attempt; one whose worker died does, and
    after `max_attempts` (or the handler's in `longer`) it is a dead letter: a poison job must not run for ever. As in `unclaim`, what comes back no
    longer coalesces.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            counting(
                """
                UPDATE outbox_outboxdelivery d SET status = 'pending', lease_until = NULL, available_at = now(),
                    coalesce = false, attempts = d.attempts - CASE WHEN late.was = 'sent' THEN 1 ELSE 0 END,
                    last_error = CASE WHEN late.was = 'running'
                        THEN 'The worker stopped before it finished (attempt ' || d.attempts || ').'
                        ELSE last_error END
                FROM (
                    SELECT id, status AS was FROM outbox_outboxdelivery
                    WHERE status IN ('sent', 'running') AND lease_until < now()
                      AND NOT (status = 'running' AND attempts >= coalesce((%s::jsonb ->> handler)::int, %s))
                    FOR UPDATE) late
                WHERE d.id = late.id RETURNING d.handler, d.queue, late.was
                """,
                "SELECT handler, queue, CASE was WHEN 'sent' THEN 'unbegun' ELSE 'lost' END AS outcome FROM changed",
            ),
            [json.dumps(dict(longer or {})), max_attempts],
        )
        again = int(cursor.fetchone()[0])
        cursor.execute(
            counting(
                """
                UPDATE outbox_outboxdelivery SET status = 'dead', lease_until = NULL,
                    last_error = 'The worker died ' || attempts || ' times while it ran this.'
                WHERE status = 'running' AND lease_until < now()
                  AND attempts >= coalesce((%s::jsonb ->> handler)::int, %s) RETURNING handler, queue
                """,
                "SELECT handler, queue, 'dead' AS outcome FROM changed",
            ),
            [json.dumps(dict(longer or {})), max_attempts],
        )
        return again, int(cursor.fetchone()[0])


def begin(fences: Sequence[tuple[int, int]], *, lease: int) -> list[Begun]:
    """A worker begins these (delivery id, attempt) pairs; those that are no longer its own are left out."""
    if not fences:
        return []
    places = ", ".join(["(%s::bigint, %s::int)"] * len(fences))
    with _repeatable(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE outbox_outboxdelivery d SET status = 'running', started_at = now(),
                lease_until = now() + %s * interval '1 second'
            FROM (VALUES {places}) AS mine (id, attempt), outbox_outboxevent e
            WHERE d.id = mine.id AND d.attempts = mine.attempt AND d.status = 'sent' AND e.id = d.event_id
            RETURNING d.id, d.attempts, e.topic, d.key, e.payload, e.request_id
            """,
            [lease, *(value for fence in fences for value in fence)],
        )
        rows = cursor.fetchall()
    return [Begun(row[0], row[1], row[2], row[3], _json(row[4]), row[5]) for row in sorted(rows)]


def _json(value: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return loaded


def mark_done(begun: Sequence[Begun]) -> None:
    """Finish, inside the caller's transaction. Raises Superseded where any is no longer the caller's own."""
    if not connection.in_atomic_block:
        raise RuntimeError("A delivery is done in the transaction of what it did.")
    places = ", ".join(["(%s::bigint, %s::int)"] * len(begun))
    with connection.cursor() as cursor:
        cursor.execute(
            counting(
                f"""
                UPDATE outbox_outboxdelivery d SET status = 'done', done_at = now(), lease_until = NULL
                FROM (VALUES {places}) AS mine (id, attempt)
                WHERE d.id = mine.id AND d.attempts = mine.attempt AND d.status = 'running'
                RETURNING d.handler, d.queue
                """,
                "SELECT handler, queue, 'done' AS outcome FROM changed",
            ),
            [value for one in begun for value in (one.id, one.attempt)],
        )
        marked = int(cursor.fetchone()[0])
        if marked != len(begun):
            raise Superseded(f"{len(begun) - marked} of {len(begun)} deliveries have a newer owner")


def mark_failed(
    begun: Sequence[Begun],
    *,
    error: str,
    delay: float,
    max_attempts: int,
    permanent: bool = False,
    counted: bool = True,
) -> None:
    """Wait `delay` seconds and try again, or give up after `max_attempts` (at once where `permanent`).

    What is not `counted` was no attempt: it waits without end, and as in `unclaim` no longer coalesces.
    """
    with connection.cursor() as cursor:
        for one in begun:
            dead = permanent or (counted and one.attempt >= max_attempts)
            cursor.execute(
                counting(
                    """
                    UPDATE outbox_outboxdelivery SET status = %s, last_error = %s, lease_until = NULL,
                        available_at = now() + %s * interval '1 second',
                        attempts = attempts - %s, coalesce = coalesce AND %s
                    WHERE id = %s AND attempts = %s AND status = 'running' RETURNING handler, queue, status
                    """,
                    "SELECT handler, queue, CASE status WHEN 'dead' THEN 'dead' ELSE 'failed' END AS outcome FROM changed",
                ),
                [
                    DeliveryStatus.DEAD if dead else DeliveryStatus.PENDING,
                    error[:2000],
                    delay,
                    0 if counted else 1,
                    counted,
                    one.id,
                    one.attempt,
                ],
            )


def retry_dead(ids: Iterable[int]) -> int:
    """Give dead letters a fresh set of attempts. Returns how many there were.

    An event that no handler knew is fanned out afresh: its handler may have been deployed since.
    """
    chosen = list(ids)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM outbox_outboxdelivery WHERE id = ANY(%s) AND status = 'dead' AND attempts = 0
            RETURNING event_id
            """,
            [chosen],
        )
        unknown = [row[0] for row in cursor.fetchall()]
        cursor.execute("UPDATE outbox_outboxevent SET fanned_out_at = NULL WHERE id = ANY(%s)", [unknown])
        cursor.execute(
            counting(
                """
                UPDATE outbox_outboxdelivery SET status = 'pending', attempts = 0, available_at = now(), coalesce = false
                WHERE id = ANY(%s) AND status = 'dead' RETURNING handler, queue
                """,
                "SELECT handler, queue, 'revived' AS outcome FROM changed",
            ),
            [chosen],
        )
        revived = len(unknown) + int(cursor.fetchone()[0])
        cursor.execute(f"NOTIFY {CHANNEL}")
    return revived


def mark_unknown(ids: Sequence[int], *, error: str) -> None:
    """A worker does not know the job it was sent: dead letters, where an operator sees them, rather than dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            counting(
                """
                UPDATE outbox_outboxdelivery SET status = 'dead', last_error = %s, lease_until = NULL
                WHERE id = ANY(%s) AND status IN ('sent', 'running') RETURNING handler, queue
                """,
                "SELECT handler, queue, 'dead' AS outcome FROM changed",
            ),
            [error[:2000], list(ids)],
        )


def beat_heart(name: str, *, detail: str = "") -> None:
    """Say that this part of the pipeline works, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO outbox_heartbeat (name, seen_at, detail) VALUES (%s, now(), %s)
            ON CONFLICT (name) DO UPDATE SET seen_at = now(), detail = EXCLUDED.detail
            """,
            [name, detail[:200]],
        )
