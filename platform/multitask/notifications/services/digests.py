"""Digests: when one is due, what it holds, and that nothing is in two of them.

A chunk of due users is locked, read for and settled in one short transaction: the digest's row, the mark up to which
they have been told, and when the next is due are written together. The mail is a job of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.common.clock import last_at, local_date, next_at
from multitask.mail.models import MailClass
from multitask.mail.services.sending import mail_send
from multitask.notifications.digest_letter import digest_letter
from multitask.notifications.digests import SECTIONS, SETTLED, Parts, Span
from multitask.notifications.models import (
    Digest,
    DigestRhythm,
    DigestState,
    NotificationPreference,
)
from multitask.notifications.unsubscribe import unsubscribe_url
from multitask.outbox.emit import Event, emit, emit_many

CHUNK = 200
# How long a mail server that is away is waited for: a digest of the morning is nothing for the next one.
WAIT = timedelta(hours=12)
AGAIN = timedelta(minutes=30)
KEPT_DAYS = 30


def digest_plan(preference: NotificationPreference, *, now: datetime) -> None:
    """Set when the next digest is due, from the rhythm, hour and weekday as they are now; the caller saves it.

    Who had none begins at this moment: what came before is not told. Who only moves the hour misses nothing.
    """
    if preference.digest == DigestRhythm.OFF:
        preference.digest_next_at = preference.digest_mark = None
        return
    preference.digest_next_at = _next(
        now, preference.digest, preference.digest_hour, preference.digest_weekday
    )
    if preference.digest_mark is None:
        preference.digest_mark = now


def _next(after: datetime, rhythm: str, hour: int, weekday: int) -> datetime:
    return next_at(after, at=time(hour), weekday=weekday if rhythm == DigestRhythm.WEEKLY else None)


@transaction.atomic
def digests_find(*, now: datetime | None = None) -> int:
    """Ask for the digests that are due, one event for 200 users. Returns how many users there are.

    Nothing is taken yet: a chunk that is asked for twice finds its users served.
    """
    now = now or timezone.now()
    due = NotificationPreference.objects.filter(digest_next_at__lte=now)
    ids = list(due.order_by("user_id").values_list("user_id", flat=True))
    events = []
    for start in range(0, len(ids), CHUNK):
        first, last = ids[start], ids[min(start + CHUNK, len(ids)) - 1]
        events.append(Event("digest.chunk", f"digests:{first}-{last}", {"first": first, "last": last}))
    emit_many(events)
    return len(ids)


@dataclass(frozen=True, slots=True)
class Due:
    """One user whose digest is due, locked. `span` is None where they get none this time."""

    user_id: int
    rhythm: str
    period: date
    next_at: datetime
    mark: datetime
    span: Span | None


def digests_claim(*, first: int, last: int, now: datetime | None = None) -> list[Due]:
    """Lock up to 200 due users with an id of `first` to `last`, in the caller's transaction.

    Users another worker holds are left to it. A run that was missed, or several, are made up by one digest: its period
    is the day of the latest hour that has passed.
    """
    now = now or timezone.now()
    with connection.cursor() as cursor:
        # The preference's row: a change of it waits, and plans anew from what stands here then.
        cursor.execute(
            """
            SELECT p.user_id, p.digest, p.digest_hour, p.digest_weekday, p.digest_mark, u.is_active
            FROM notifications_notificationpreference p JOIN accounts_user u ON u.id = p.user_id
            WHERE p.digest_next_at <= %s AND p.user_id BETWEEN %s AND %s
            ORDER BY p.user_id LIMIT %s FOR UPDATE OF p SKIP LOCKED
            """,
            [now, first, last, CHUNK],
        )
        rows = cursor.fetchall()
    times = lru_cache(maxsize=None)(_times)
    planned = [(row, *times(now, *row[1:4])) for row in rows]
    had = set(
        Digest.objects.filter(
            user__in=[row[0] for row in rows], period__in={period for _, period, _ in planned}
        ).values_list("user_id", "period")
    )
    until = now - SETTLED
    return [
        Due(
            user_id=user_id,
            rhythm=rhythm,
            period=period,
            next_at=following,
            mark=mark or until,
            span=Span(user_id, mark or until, max(until, mark or until))
            if is_active and (user_id, period) not in had
            else None,
        )
        for (user_id, rhythm, _, _, mark, is_active), period, following in planned
    ]


def _times(now: datetime, rhythm: str, hour: int, weekday: int) -> tuple[date, datetime]:
    """(the day this digest is for, when the next is due)."""
    day = weekday if rhythm == DigestRhythm.WEEKLY else None
    return local_date(last_at(now, at=time(hour), weekday=day)), _next(now, rhythm, hour, weekday)


def digests_settle(due: Sequence[Due], parts: Mapping[str, Parts]) -> tuple[int, int]:
    """Write the digests of a claimed chunk, in the same transaction: (with news, without).

    `parts` is {section: {user: part}}. Each user's mark and next time move on in any case; whom a span was not made for
    keeps the mark, so what they were not told comes with the next.
    """
    digests = []
    for one in due:
        if one.span is None:
            continue
        content = {
            name: {"number": part.number, "rows": list(part.rows)}
            for name in SECTIONS
            if (part := parts.get(name, {}).get(one.user_id)) is not None
        }
        digests.append(
            Digest(
                user_id=one.user_id,
                period=one.period,
                rhythm=one.rhythm,
                since=one.span.since,
                until=one.span.until,
                content=content,
                state=DigestState.PREPARED if content else DigestState.EMPTY,
                settled_at=None if content else timezone.now(),
            )
        )
    Digest.objects.bulk_create(digests)
    _move_on(due)
    prepared = [one for one in digests if one.state == DigestState.PREPARED]
    emit_many([_event(one.pk) for one in prepared])
    return len(prepared), len(digests) - len(prepared)


def _event(digest_id: int, *, not_before: datetime | None = None) -> Event:
    return Event("digest.prepared", f"digest:{digest_id}", {"digest": digest_id}, not_before=not_before)


def _move_on(due: Sequence[Due]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_notificationpreference p
            SET digest_next_at = moved.next_at, digest_mark = moved.mark
            FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS moved (user_id, next_at, mark)
            WHERE p.user_id = moved.user_id
            """,
            [
                [one.user_id for one in due],
                [one.next_at for one in due],
                [one.mark if one.span is None else one.span.until for one in due],
            ],
        )


def digest_send(*, digest_id: int) -> str:
    """Mail one digest, once. Returns the state it is in then. Raises MailAway while the server is away.

    Not inside a transaction: the mail is sent between two. Preferences and the account are looked at again.
    """
    digest = Digest.objects.filter(pk=digest_id).first()
    if digest is None or digest.state != DigestState.PREPARED:
        return "" if digest is None else digest.state
    user = User.objects.get(pk=digest.user_id)
    reason = _kept_back(user)
    if reason:
        return digest_settle(digest_id=digest_id, state=DigestState.SUPPRESSED, reason=reason)
    outcome = mail_send(
        key=f"digest:{digest.user_id}:{digest.period.isoformat()}",
        to=user.email,
        user_id=user.pk,
        mail_class=MailClass.BULK,
        letter=digest_letter(digest),
        language=user.language,
        unsubscribe_url=unsubscribe_url(user.pk, "digest"),
    )
    return digest_settle(digest_id=digest_id, state=OUTCOMES[outcome.state], reason=outcome.reason)


OUTCOMES = {
    "sent": DigestState.SENT,
    "already": DigestState.SENT,
    "uncertain": DigestState.UNCERTAIN,
    "suppressed": DigestState.SUPPRESSED,
    "refused": DigestState.FAILED,
}


def _kept_back(user: User) -> str:
    """Why no digest may go to this user now, "" where it may."""
    if not user.is_active:
        return "account_inactive"
    rhythm = NotificationPreference.objects.filter(user=user).values_list("digest", flat=True).first()
    if rhythm is None or rhythm == DigestRhythm.OFF:
        return "preference"
    return "" if user.email and user.is_verified else "address_unverified"


@transaction.atomic
def digest_settle(*, digest_id: int, state: str, reason: str = "") -> str:
    """Give a prepared digest its end state, once; what it held is forgotten, all but the numbers. Returns its state."""
    digest = Digest.objects.select_for_update().get(pk=digest_id)
    if digest.state == DigestState.PREPARED:
        digest.state, digest.reason, digest.settled_at = state, reason, timezone.now()
        digest.content = _numbers(digest.content)
        digest.save(update_fields=["state", "reason", "settled_at", "content"])
    return digest.state


def _numbers(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"number": part["number"]} for name, part in content.items()}


@transaction.atomic
def digest_postpone(*, digest_id: int) -> str:
    """The mail server is still away: try once more in half an hour, for half a day, then give up. Returns the state."""
    digest = Digest.objects.select_for_update().get(pk=digest_id)
    now = timezone.now()
    if digest.state != DigestState.PREPARED:
        return digest.state
    if now - digest.prepared_at >= WAIT:
        return digest_settle(digest_id=digest_id, state=DigestState.FAILED, reason="mail_away")
    event = _event(digest.pk, not_before=now + AGAIN)
    emit(event.topic, key=event.key, not_before=event.not_before, **event.payload)
    return digest.state


@transaction.atomic
def digests_sweep(*, limit: int = 1_000) -> int:
    """End what no job will end: prepared digests of more than a day. Returns how many there were."""
    old = Digest.objects.filter(
        state=DigestState.PREPARED, prepared_at__lt=timezone.now() - timedelta(days=1)
    ).order_by("pk")
    ids = list(old.values_list("pk", flat=True)[:limit])
    for digest_id in ids:
        digest_settle(digest_id=digest_id, state=DigestState.FAILED, reason="given_up")
    return len(ids)


@transaction.atomic
def digests_purge() -> int:
    """Delete digests older than a month, 50,000 at most. Returns how many."""
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    old = Digest.objects.filter(prepared_at__lt=before).exclude(state=DigestState.PREPARED)
    ids = list(old.order_by("prepared_at").values_list("pk", flat=True)[:50_000])
    return Digest.objects.filter(pk__in=ids).delete()[0]
