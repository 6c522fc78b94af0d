"""Push: what a line has to tell goes to its reader's browsers as one push.

No transaction waits for the network: a batch is taken in one, sent in none, and settled in another. A worker that dies
between them sends again; on the screen the second push takes the place of the first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import (
    OPEN_STATES,
    Channel,
    DeliveryState,
    Notification,
    NotificationDelivery,
    PushSubscription,
)
from multitask.notifications.push.fan import fan_out, host_of
from multitask.notifications.push.keys import own_pair
from multitask.notifications.push.message import Message, message_for, test_message
from multitask.notifications.push.sending import Answer, Outcome, Target
from multitask.notifications.reasons import Reason
from multitask.notifications.services.deliveries import (
    TOLERANCE,
    Batch,
    batch_release,
    batch_settle,
    batch_take,
)
from multitask.notifications.services.planning import due_event
from multitask.notifications.services.push_hosts import hosts_known
from multitask.notifications.services.push_outcomes import (
    MAX_ATTEMPTS,
    hosts_note,
    retry_time,
    subscriptions_note,
)
from multitask.notifications.wishes import wishes_by_user
from multitask.outbox.emit import emit, emit_many


def deliver(notification_id: int) -> None:
    """Push what a line has open. What no service can take now is put off, and asked for again.

    Opens transactions of its own. Takes as long as the slowest service is allowed to.
    """
    while (batch := batch_take(notification_id=notification_id, channel=Channel.PUSH)) is not None:
        if not _send(batch):
            return


def deliver_again(notification_id: int, *, subscription_ids: Collection[int], tries: int) -> None:
    """The same push for browsers whose service could not take it when others' did, if it is wanted still."""
    line = Notification.objects.select_related("recipient").filter(pk=notification_id).first()
    if line is None or not _is_wanted_still(line):
        return
    rows = [row for row in _browsers_of(line.recipient_id) if row.pk in set(subscription_ids)]
    sent = _push(message_for(line, language=line.recipient.language), rows)
    _try_the_others_later(notification_id, sent, tries=tries + 1)


def deliver_test(user_id: int) -> None:
    """A push to each of a user's own browsers that says no more than that it works. It is tried once."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or own_pair() is None:
        return
    rows = _browsers_of(user_id)
    for row in rows:
        row.retry_at = None
    _push(test_message(user_id=user_id, language=user.language), rows)


@dataclass(frozen=True, slots=True)
class _Sent:
    """Each browser's answer; of those that were not tried now, why and how long."""

    answers: Mapping[int, Answer]

    def having(self, outcome: Outcome) -> list[int]:
        return [pk for pk, answer in self.answers.items() if answer.outcome is outcome]


def _send(batch: Batch) -> bool:
    """Whether the batch is settled."""
    if own_pair() is None:
        batch_settle(batch, state=DeliveryState.SUPPRESSED, reason=Reason.PUSH_OFF)
        return True
    rows = _browsers_of(batch.recipient.pk)
    if not rows:
        batch_settle(batch, state=DeliveryState.SUPPRESSED, reason=Reason.NO_SUBSCRIPTION)
        return True
    sent = _push(message_for(batch.line, language=batch.recipient.language), rows)
    if sent.having(Outcome.ACCEPTED):
        with transaction.atomic():
            batch_settle(batch, state=DeliveryState.SENT)
            _try_the_others_later(batch.line.pk, sent, tries=1)
    elif sent.having(Outcome.LATER):
        return _put_off(batch, sent)
    else:
        batch_settle(batch, state=DeliveryState.FAILED, reason=_failure(sent))
    return True


def _push(message: Message, rows: Sequence[PushSubscription]) -> _Sent:
    """Send to every browser that is to be tried now, and write down what its service said."""
    now = timezone.now()
    known = hosts_known({host_of(row.endpoint) for row in rows})
    waiting: dict[int, Answer] = {}
    targets: dict[int, Target] = {}
    for row in rows:
        pauses = [known.paused.get(host_of(row.endpoint)), row.retry_at]
        until = max((pause for pause in pauses if pause is not None), default=now)
        if until > now + TOLERANCE:
            waiting[row.pk] = Answer(Outcome.LATER, "paused", (until - now).total_seconds())
        else:
            targets[row.pk] = Target(row.endpoint, row.p256dh, row.auth)
    answers = fan_out(message, targets)
    hosts_note(rows, answers, known)
    with transaction.atomic():
        subscriptions_note(rows, answers)
    return _Sent(answers | waiting)


def _put_off(batch: Batch, sent: _Sent) -> bool:
    """Nobody took it and somebody may yet: later, but for the events that were tried often enough."""
    open_rows = NotificationDelivery.objects.filter(pk__in=batch.delivery_ids, state__in=OPEN_STATES)
    with transaction.atomic():
        now = timezone.now()
        open_rows.filter(attempts__gte=MAX_ATTEMPTS).update(
            state=DeliveryState.FAILED, reason=Reason.GAVE_UP, settled_at=now
        )
        attempts = max(open_rows.values_list("attempts", flat=True), default=0)
        if not attempts:
            return True
        until = retry_time(sent.answers.values(), attempts=attempts, now=now)
        batch_release(batch, reason=Reason.SERVER_AWAY)
        open_rows.update(due_at=until)
        emit_many([due_event(notification_id=batch.line.pk, channel=Channel.PUSH, due_at=until)])
    return False


def _try_the_others_later(notification_id: int, sent: _Sent, *, tries: int) -> None:
    left = sent.having(Outcome.LATER)
    if not left or tries >= MAX_ATTEMPTS:
        return
    until = retry_time(sent.answers.values(), attempts=tries, now=timezone.now())
    with transaction.atomic():
        emit(
            "notification.push_again",
            key=f"push:{notification_id}",
            not_before=until,
            notification=notification_id,
            subscriptions=left,
            tries=tries,
        )


def _failure(sent: _Sent) -> Reason:
    """Why no browser took it, where waiting does not help."""
    if len(sent.having(Outcome.GONE)) == len(sent.answers):
        return Reason.SUBSCRIPTION_GONE
    return Reason.TOO_LARGE if sent.having(Outcome.TOO_LARGE) else Reason.PUSH_REFUSED


def _is_wanted_still(line: Notification) -> bool:
    """As `batch_take` decides it: what has one end state already is not put off anew, but left."""
    is_critical = line.notification_type in CRITICAL
    wishes = wishes_by_user([line.recipient_id])[line.recipient_id]
    return (
        own_pair() is not None
        and line.recipient.is_active
        and wishes.wants(line.notification_type, Channel.PUSH)
        and (is_critical or not (line.is_read or wishes.quiet_until(timezone.now())))
    )


def _browsers_of(user_id: int) -> list[PushSubscription]:
    now: datetime = timezone.now()
    rows = PushSubscription.objects.filter(user_id=user_id).order_by("pk")
    return [row for row in rows if row.expires_at is None or row.expires_at > now]
