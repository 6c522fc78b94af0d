"""The one place that tells a user something."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import (
    GROUP_LIMIT,
    KEY_LIMIT,
    Channel,
    Notification,
    NotificationDelivery,
)
from multitask.notifications.selectors.notifications import unread_counts
from multitask.notifications.services.inboxes import inboxes_lock
from multitask.notifications.services.lines import Told, lines_write
from multitask.notifications.services.planning import deliveries_plan
from multitask.notifications.texts import WORDINGS
from multitask.notifications.wire import notification_wire
from multitask.notifications.wishes import Wishes, wishes_by_user
from multitask.realtime.events import NotificationNew, UnreadCount
from multitask.realtime.publish import Outgoing, publish

LINK_LIMIT = 500
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one user. `dedupe_key` names what happened: the same key is told once.

    `wording` is a key of `texts.WORDINGS` where the type's own sentence does not say it; `params` fill its places, a
    value of {"en", "ar"} in the reader's language. Notices of one `group_key` join an unread line, which counts them.
    Raises ValueError for a link that is not a path of this site, an unknown sentence, and keys that are too long.
    """

    recipient_id: int
    notification_type: str
    dedupe_key: str
    params: dict[str, Any] = field(default_factory=dict)
    task_id: int | None = None
    application_id: int | None = None
    sender_id: int | None = None
    link: str = ""
    wording: str = ""
    message_id: int | None = None
    conversation_id: int | None = None
    group_key: str = ""

    def __post_init__(self) -> None:
        if self.link and (len(self.link) > LINK_LIMIT or not _OWN_PATH.fullmatch(self.link)):
            raise ValueError(f"A notification leads to a path of this site, not to {self.link[:100]!r}.")
        if (self.wording or self.notification_type) not in WORDINGS:
            raise ValueError(f"Nothing is known to say about {self.wording or self.notification_type!r}.")
        if not self.dedupe_key or len(self.dedupe_key) > KEY_LIMIT or len(self.group_key) > GROUP_LIMIT:
            raise ValueError(f"The keys of {self.dedupe_key[:100]!r} are empty or too long.")


@transaction.atomic
def notify_many(notices: Sequence[Notice]) -> None:
    """Tell what was not told before: lines, one delivery a channel, live events, and events for mails and pushes.

    Safe to repeat, and from two jobs at once. Once in a transaction, and last in it: it ends with the live events. The
    number of queries does not depend on the number of notices. Who has left is told nothing.
    """
    inboxes_lock(notice.recipient_id for notice in notices)
    languages = dict(
        User.objects.filter(pk__in={notice.recipient_id for notice in notices}, is_active=True).values_list(
            "pk", "language"
        )
    )
    fresh = _fresh([notice for notice in notices if notice.recipient_id in languages])
    if not fresh:
        return
    # Taken under the lock: of two events for one user, the later one is the newer.
    now = timezone.now()
    wishes = wishes_by_user({notice.recipient_id for notice in fresh})
    told = lines_write(fresh, wishes=wishes, languages=languages, now=now)
    deliveries_plan(told, wishes=wishes, now=now)
    _publish(told, wishes, now)


def _fresh(notices: Sequence[Notice]) -> list[Notice]:
    """Those whose event was not told to their recipient, each once, in order."""
    rows = NotificationDelivery.objects.filter(
        channel=Channel.IN_APP,
        recipient_id__in={notice.recipient_id for notice in notices},
        dedupe_key__in={notice.dedupe_key for notice in notices},
    )
    known = set(rows.values_list("recipient_id", "dedupe_key")) if notices else set()
    first: dict[tuple[int, str], Notice] = {}
    for notice in notices:
        key = (notice.recipient_id, notice.dedupe_key)
        if key not in known:
            first.setdefault(key, notice)
    return list(first.values())


def _publish(told: Collection[Told], wishes: dict[int, Wishes], now: datetime) -> None:
    lines: dict[int, Notification] = {one.line.pk: one.line for one in told if one.line.shown}
    counts = unread_counts({line.recipient_id for line in lines.values()})
    outgoing = [
        Outgoing(
            line.recipient_id,
            NotificationNew(
                notification=notification_wire(line),
                unread_count=counts[line.recipient_id],
                quiet=line.notification_type not in CRITICAL
                and wishes[line.recipient_id].quiet_until(now) is not None,
            ),
        )
        for line in lines.values()
    ]
    publish(outgoing + [Outgoing(user_id, UnreadCount(count=number)) for user_id, number in counts.items()])
