"""E-mail: what a line has to tell that was not read meanwhile, as one mail."""

from __future__ import annotations

from multitask.mail.services.sending import MailAway, MailClass, mail_send
from multitask.notifications.channels.email.letters import letter_of
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import Channel, DeliveryState
from multitask.notifications.reasons import Reason
from multitask.notifications.services.deliveries import Batch, batch_release, batch_settle, batch_take
from multitask.notifications.unsubscribe import unsubscribe_url

# What becomes of a delivery by what became of its mail.
STATES = {
    "sent": DeliveryState.SENT,
    "already": DeliveryState.SENT,
    "uncertain": DeliveryState.UNCERTAIN,
    "refused": DeliveryState.FAILED,
    "suppressed": DeliveryState.SUPPRESSED,
}


def deliver(notification_id: int, *, is_last: bool = False) -> None:
    """Mail what a line has open. Raises MailAway where the server is away, but at the last attempt: then it failed.

    Opens transactions of its own.
    """
    while (batch := batch_take(notification_id=notification_id, channel=Channel.EMAIL)) is not None:
        try:
            _send(batch)
        except MailAway:
            if not is_last:
                batch_release(batch, reason=Reason.SERVER_AWAY)
                raise
            batch_settle(batch, state=DeliveryState.FAILED, reason=Reason.SERVER_AWAY)
            return


def _send(batch: Batch) -> None:
    person, line = batch.recipient, batch.line
    reason = Reason.NO_ADDRESS if not person.email else ""
    if not reason and not person.is_verified:
        reason = Reason.ADDRESS_UNVERIFIED
    if reason:
        batch_settle(batch, state=DeliveryState.SUPPRESSED, reason=reason)
        return
    is_critical = line.notification_type in CRITICAL
    outcome = mail_send(
        key=f"notification:{batch.number}",
        to=person.email,
        user_id=person.pk,
        mail_class=MailClass.TRANSACTIONAL if is_critical else MailClass.NOTIFICATION,
        letter=letter_of(line, count=batch.count),
        language=person.language,
        unsubscribe_url="" if is_critical else unsubscribe_url(person.pk, line.notification_type),
    )
    batch_settle(batch, state=STATES[outcome.state], reason=outcome.reason)
