"""The one place that tells a user something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from multitask.accounts.models import User
from multitask.notifications.models import Notification
from multitask.notifications.texts import WORDINGS


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one user. `dedupe_key` names what happened: the same key is told once.

    `wording` is a key of `texts.WORDINGS` where the type's own sentence does not say it.
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


def notify_many(notices: Sequence[Notice]) -> None:
    """Write the notifications that were not written before.

    Safe to repeat, and from two jobs at once: the unique key decides.
    """
    languages = dict(
        User.objects.filter(pk__in={notice.recipient_id for notice in notices}, is_active=True).values_list(
            "pk", "language"
        )
    )
    rows = []
    for notice in notices:
        language = languages.get(notice.recipient_id)
        if language is None:
            continue
        wording = WORDINGS[notice.wording or notice.notification_type]
        rows.append(
            Notification(
                recipient_id=notice.recipient_id,
                notification_type=notice.notification_type,
                wording=notice.wording,
                params=notice.params,
                title=wording.title.show(language, **notice.params)[:255],
                message=wording.message.show(language, **notice.params),
                task_id=notice.task_id,
                application_id=notice.application_id,
                sender_id=notice.sender_id,
                link=notice.link,
                dedupe_key=notice.dedupe_key,
            )
        )
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
