"""By which ways an event reaches its user, and when: one delivery a channel, each with a fate from the beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, Q

from multitask.notifications.defaults import CRITICAL, gap_of, wait_of
from multitask.notifications.models import (
    OPEN_STATES,
    Channel,
    DeliveryState,
    NotificationDelivery,
)
from multitask.notifications.reach import subscribed
from multitask.notifications.reasons import Reason
from multitask.notifications.services.lines import Told
from multitask.notifications.wishes import Wishes
from multitask.outbox.emit import Event, emit_many

# What may have told its user already.
WENT = (DeliveryState.SENT, DeliveryState.UNCERTAIN)
TOPICS = {Channel.EMAIL: "notification.email_due", Channel.PUSH: "notification.push_due"}


@dataclass(frozen=True, slots=True)
class _Before:
    """Of a line and channel: when what waits is due, and when the last one was sent."""

    due_at: datetime | None
    sent_at: datetime | None


def due_event(*, notification_id: int, channel: str, due_at: datetime | None) -> Event:
    """The event that asks for sending what a line has open on a channel; several that wait are one."""
    return Event(
        TOPICS[Channel(channel)],
        f"{channel}:{notification_id}",
        {"notification": notification_id},
        not_before=due_at,
    )


def deliveries_plan(told: Sequence[Told], *, wishes: Mapping[int, Wishes], now: datetime) -> None:
    """Write the deliveries of events that are in their lists, and the events for those that are to be sent.

    The number of queries does not depend on how many there are.
    """
    reached = subscribed({one.notice.recipient_id for one in told})
    before = _before([one.line.pk for one in told if one.joined])
    rows: list[NotificationDelivery] = []
    dues: dict[tuple[int, Channel], datetime] = {}
    for one in told:
        rows.append(_in_app(one, now))
        for channel in (Channel.EMAIL, Channel.PUSH):
            row = _outside(one, channel, wishes[one.notice.recipient_id], before, now)
            if channel == Channel.PUSH and row.state in OPEN_STATES and row.recipient_id not in reached:
                _suppress(row, Reason.NO_SUBSCRIPTION, now)
            if row.state in OPEN_STATES:
                key = (one.line.pk, channel)
                dues[key] = min(row.due_at, dues.get(key, row.due_at))
            rows.append(row)
    NotificationDelivery.objects.bulk_create(rows, batch_size=2000)
    emit_many(
        [
            due_event(notification_id=line, channel=channel, due_at=due_at if due_at > now else None)
            for (line, channel), due_at in dues.items()
        ]
    )


def _before(line_ids: Sequence[int]) -> dict[tuple[int, str], _Before]:
    if not line_ids:
        return {}
    rows = (
        NotificationDelivery.objects.filter(
            Q(state__in=(*OPEN_STATES, *WENT)),
            notification_id__in=set(line_ids),
            channel=Channel.EMAIL,
        )
        .order_by()
        .values_list("notification_id", "channel")
        .annotate(
            due=Min("due_at", filter=Q(state__in=OPEN_STATES)),
            sent=Max("settled_at", filter=Q(state__in=WENT)),
        )
    )
    return {(line, channel): _Before(due, sent) for line, channel, due, sent in rows}


def _row(one: Told, channel: Channel, due_at: datetime) -> NotificationDelivery:
    return NotificationDelivery(
        recipient_id=one.notice.recipient_id,
        notification=one.line,
        dedupe_key=one.notice.dedupe_key,
        channel=channel,
        due_at=due_at,
    )


def _in_app(one: Told, now: datetime) -> NotificationDelivery:
    row = _row(one, Channel.IN_APP, now)
    if not one.line.shown:
        _suppress(row, Reason.PREFERENCE, now)
    else:
        row.state = DeliveryState.MERGED if one.joined else DeliveryState.SENT
        row.settled_at = now
    return row


def _outside(
    one: Told, channel: Channel, wishes: Wishes, before: Mapping[tuple[int, str], _Before], now: datetime
) -> NotificationDelivery:
    """E-mail or push: refused, at once, gathered with others, or after the quiet hours."""
    kind = one.notice.notification_type
    row = _row(one, channel, now)
    if not wishes.wants(kind, channel):
        _suppress(row, Reason.PREFERENCE, now)
        return row
    if kind in CRITICAL:
        return row
    past = before.get((one.line.pk, channel))
    row.due_at = now + wait_of(kind, channel)
    if past is not None and past.due_at is not None:
        # What waits already takes this one along.
        row.due_at = max(now, past.due_at)
    elif past is not None and past.sent_at is not None:
        row.due_at = max(row.due_at, past.sent_at + gap_of(kind, channel))
    quiet_now, quiet_then = wishes.quiet_until(now), wishes.quiet_until(row.due_at)
    row.due_at = quiet_then or row.due_at
    if quiet_then or (quiet_now and row.due_at >= quiet_now):
        row.state, row.reason = DeliveryState.DEFERRED, Reason.QUIET_HOURS
    elif row.due_at > now:
        row.reason = Reason.GATHERING
    return row


def _suppress(row: NotificationDelivery, reason: Reason, now: datetime) -> None:
    row.state, row.reason, row.settled_at = DeliveryState.SUPPRESSED, reason, now
