"""What others were told about somebody no longer names them once their account has ended."""

from __future__ import annotations

from multitask.accounts.models import User
from multitask.common.text import Text
from multitask.notifications.models import Notification
from multitask.notifications.texts import WORDINGS

SOMEBODY = Text("Somebody who has left", "شخص غادر المنصة")


def name_forget(user: User) -> None:
    """Write the notifications that name `user` as their sender anew, without the name."""
    rows = Notification.objects.filter(sender_id=user.pk).select_related("recipient")
    changed = []
    for row in rows.iterator(chunk_size=500):
        if "sender" not in row.params:
            continue
        language = row.recipient.language
        wording = WORDINGS.get(row.wording or row.notification_type)
        row.params = row.params | {"sender": SOMEBODY.show(language)}
        if wording is not None:
            row.title = wording.title.show(language, **row.params)[:255]
            row.message = wording.message.show(language, **row.params)
        changed.append(row)
    Notification.objects.bulk_update(changed, ["params", "title", "message"], batch_size=500)
