"""What is open on a channel, taken as one to be sent, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils import timezone

from multitask.accounts.models import User
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import (
    END_STATES,
    OPEN_STATES,
    Channel,
    DeliveryState,
    Notification,
    NotificationDelivery,
    NotificationPreference,
)
from multitask.notifications.reasons import Reason
from multitask.notifications.services.planning import due_event
from multitask.notifications.wishes import Wishes, wishes_of
from multitask.outbox.emit import emit_many

# Two machines' clocks are never the same.
TOLERANCE = timedelta(seconds=1)
PAUSE_SECONDS = 5
STUCK_AFTER = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=2)
SWEPT_AT_ONCE = 1_000
PURGED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries of one line on one channel that are sent as one.

    `number` names it, the same at every attempt; `count` is how many events it tells of.
    """

    number: int
    line: Notification
    recipient: User
    delivery_ids: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.delivery_ids)


@transaction.atomic
def batch_take(*, notification_id: int, channel: str) -> Batch | None:
    """What is to be sent now of a line on a channel; None where there is nothing, or not yet.

    Preferences, reading, quiet hours and the account are looked at as they are now: what is no longer wanted ends
    here, what is to come later gets an event for then. What an attempt took and never settled is the same batch again.
    """
    line = Notification.objects.select_related("recipient").filter(pk=notification_id).first()
    if line is None:
        return None
    # The deliveries, so that the sweep and another attempt leave them alone meanwhile.
    rows = list(
        NotificationDelivery.objects.select_for_update()
        .filter(notification=line, channel=channel, state__in=OPEN_STATES)
        .order_by("pk")
    )
    if not rows:
        return None
    begun = [row for row in rows if row.batch is not None]
    if begun:
        # It may have left already: whoever sends finds that out by its name.
        number = min(row.batch for row in begun if row.batch is not None)
        return _taken([row for row in begun if row.batch == number], line, number)
    # Read under the lock: what was read before this is not sent.
    line.refresh_from_db(fields=["is_read"])
    if not _is_wanted_now(rows, line, channel, timezone.now()):
        return None
    return _taken(rows, line, rows[0].pk)


def batch_settle(batch: Batch, *, state: str, reason: str = "") -> None:
    """The end of a batch: of what is sent the newest event is `sent`, the others are `merged` into it."""
    rows = NotificationDelivery.objects.filter(pk__in=batch.delivery_ids, state__in=OPEN_STATES)
    now = timezone.now()
    with transaction.atomic():
        if state == DeliveryState.SENT:
            rows.exclude(pk=max(batch.delivery_ids)).update(
                state=DeliveryState.MERGED, reason="", settled_at=now
            )
        rows.update(state=state, reason=reason[:40], settled_at=now)


def batch_release(batch: Batch, *, reason: str) -> None:
    """Certainly not sent, and to be tried again: by then it may have become more, or unwanted."""
    NotificationDelivery.objects.filter(pk__in=batch.delivery_ids, state__in=OPEN_STATES).update(
        state=DeliveryState.PENDING, reason=reason[:40], batch=None
    )


@transaction.atomic
def deliveries_sweep() -> dict[str, int]:
    """No delivery stays open for ever: one whose time is long past gets another event, and is given up in the end.

    Returns {"asked": lines that got an event, "given_up": deliveries that failed}.
    """
    now = timezone.now()
    # Whoever holds a row is sending it.
    late = NotificationDelivery.objects.select_for_update(skip_locked=True).filter(
        # One whose sending was begun may have left: its sender has another day to find out.
        Q(batch__isnull=True, due_at__lt=now - GIVEN_UP_AFTER)
        | Q(due_at__lt=now - GIVEN_UP_AFTER - timedelta(days=1)),
        state__in=OPEN_STATES,
    )
    ids = list(late.order_by("pk").values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    given_up = NotificationDelivery.objects.filter(pk__in=ids).update(
        state=DeliveryState.FAILED, reason=Reason.GAVE_UP, settled_at=now
    )
    stuck = (
        NotificationDelivery.objects.filter(state__in=OPEN_STATES, due_at__lt=now - STUCK_AFTER)
        .order_by()
        .values_list("notification_id", "channel")
        .annotate(due=Min("due_at"))
        .order_by("due")[:SWEPT_AT_ONCE]
    )
    events = [due_event(notification_id=line, channel=channel, due_at=None) for line, channel, _ in stuck]
    emit_many(events)
    return {"asked": len(events), "given_up": given_up}


@transaction.atomic
def deliveries_purge(*, limit: int = PURGED_AT_ONCE) -> int:
    """Delete mails' and pushes' deliveries that ended long ago. Returns how many: `limit` where there may be more.

    Those of the list stay with their lines: they keep an event from being told again.
    """
    before = timezone.now() - timedelta(days=settings.DELIVERY_KEEP_DAYS)
    old = NotificationDelivery.objects.filter(
        channel__in=(Channel.EMAIL, Channel.PUSH), state__in=END_STATES, settled_at__lt=before
    )
    number, _ = NotificationDelivery.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:limit])
    ).delete()
    return number


def _is_wanted_now(rows: list[NotificationDelivery], line: Notification, channel: str, now: datetime) -> bool:
    due_at = min(row.due_at for row in rows)
    wishes = wishes_of(NotificationPreference.objects.filter(user_id=line.recipient_id).first())
    reason = _reason_against(line, channel, wishes)
    ids = [row.pk for row in rows]
    mine = NotificationDelivery.objects.filter(pk__in=ids)
    if reason is not None:
        mine.update(state=DeliveryState.SUPPRESSED, reason=reason, settled_at=now)
        return False
    if due_at > now + TOLERANCE:
        emit_many([due_event(notification_id=line.pk, channel=channel, due_at=_not_at_once(due_at))])
        return False
    quiet_until = None if line.notification_type in CRITICAL else wishes.quiet_until(now)
    if quiet_until is not None:
        mine.update(state=DeliveryState.DEFERRED, reason=Reason.QUIET_HOURS, due_at=quiet_until)
        emit_many([due_event(notification_id=line.pk, channel=channel, due_at=quiet_until)])
        return False
    return True


def _not_at_once(due_at: datetime) -> datetime:
    """`due_at`, or a little later than the database's now: on a machine whose clock is behind that, an event for a time
    that is past there and to come here would go in a circle as fast as workers run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(%s, clock_timestamp() + %s * interval '1 second')", [due_at, PAUSE_SECONDS]
        )
        found: datetime = cursor.fetchone()[0]
    return found


def _reason_against(line: Notification, channel: str, wishes: Wishes) -> Reason | None:
    if not line.recipient.is_active:
        return Reason.ACCOUNT_CLOSED
    if not wishes.wants(line.notification_type, channel):
        return Reason.PREFERENCE
    if line.is_read and line.notification_type not in CRITICAL:
        return Reason.READ
    return None


def _taken(rows: list[NotificationDelivery], line: Notification, number: int) -> Batch:
    for row in rows:
        row.batch, row.attempts = number, row.attempts + 1
    NotificationDelivery.objects.bulk_update(rows, ["batch", "attempts"])
    return Batch(number, line, line.recipient, tuple(row.pk for row in rows))
