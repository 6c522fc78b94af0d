"""What others were told about somebody no longer names them once their account has ended."""

from __future__ import annotations

from multitask.accounts.models import User
from multitask.common.text import Text
from multitask.notifications.models import Notification
from multitask.notifications.selectors.notifications import unread_counts
from multitask.notifications.sentences import message_in, title_in
from multitask.notifications.services.inboxes import inboxes_lock
from multitask.notifications.services.lines import TITLE_LIMIT
from multitask.notifications.wire import notification_wire
from multitask.realtime.events import NotificationNew
from multitask.realtime.publish import Outgoing, publish

SOMEBODY = Text("Somebody who has left", "شخص غادر المنصة")
NAMELESS = {"en": SOMEBODY.en, "ar": SOMEBODY.ar}


def name_forget(user: User) -> None:
    """Write the notifications that name `user` as their sender anew, without the name; twice is once.

    Those who have them open see it at once, and are not disturbed by it.
    """
    naming = Notification.objects.filter(sender_id=user.pk, params__has_key="sender").exclude(
        params__sender=NAMELESS
    )
    recipients = set(naming.order_by().values_list("recipient_id", flat=True).distinct())
    # The leaver's own too: whoever tells several people at once waits as a whole.
    inboxes_lock(recipients | {user.pk})
    changed = []
    for row in naming.select_related("recipient").order_by("pk").iterator(chunk_size=500):
        row.params = row.params | {"sender": NAMELESS}
        row.title = title_in(row, row.recipient.language)[:TITLE_LIMIT]
        row.message = message_in(row, row.recipient.language)
        changed.append(row)
    Notification.objects.bulk_update(changed, ["params", "title", "message"], batch_size=500)
    counts = unread_counts(recipients)
    publish(
        [
            Outgoing(
                row.recipient_id,
                NotificationNew(
                    notification=notification_wire(row), unread_count=counts[row.recipient_id], quiet=True
                ),
            )
            for row in changed
            if row.shown and row.recipient_id != user.pk
        ]
    )
