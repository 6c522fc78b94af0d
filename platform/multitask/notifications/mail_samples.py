"""Letters of notifications as they might be, for previews: one for every sentence, and one where it counts; and digests."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from multitask.mail.letters import Letter
from multitask.mail.samples import sample
from multitask.notifications.channels.email.letters import letter_of
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.digest_letter import digest_letter
from multitask.notifications.models import Digest, DigestRhythm, Notification, NotificationType
from multitask.notifications.texts import WORDINGS

PLACES = {
    "task": "تصميم شعار لمقهى في المعادي (Café Logo)",
    "sender": "منى السيد",
    "percent": 87,
    "reason": "نحتاج الألوان كما في الدليل المرفق.",
    "text": "مساء الخير، متى يمكنك البدء؟\nThe files are attached.",
    "days": 3,
    "waiting": 3,
}
TYPES = {
    "review_removed": NotificationType.SYSTEM,
    "review_waiting": NotificationType.REVIEW_RECEIVED,
} | dict.fromkeys(
    (
        "deadline_choose",
        "deadline_deliver",
        "deadline_deliver_soon",
        "applications_waiting",
        "review_write",
        "delivery_waiting",
        "task_no_applications",
        "message_unread",
    ),
    NotificationType.TASK_REMINDER,
)
APPLICATIONS, MESSAGES = "/tasks/1/applications", "/messages/1"
# {wording: where it leads}, the task itself where it is not named; several matches lead to the list.
LINKS = {
    "task_application": APPLICATIONS,
    "application_withdrawn": APPLICATIONS,
    "applications_waiting": APPLICATIONS,
    "new_message": MESSAGES,
    "message_unread": MESSAGES,
    "review_received": "/users/1/reviews",
}


def _letter(wording: str, count: int) -> Letter:
    kind = wording if wording in NotificationType.values else TYPES.get(wording, NotificationType.TASK_UPDATE)
    line = Notification(
        notification_type=kind,
        wording="" if kind == wording else wording,
        params=PLACES | ({"days": 14} if wording == "review_waiting" else {}),
        count=count,
        link="/recommendations"
        if wording == "recommendation" and count > 1
        else LINKS.get(wording, "/tasks/1"),
    )
    return letter_of(line, count=count)


for _name, _wording in WORDINGS.items():
    _can = TYPES.get(_name, _name) not in CRITICAL
    sample(f"notification-{_name}", can_unsubscribe=_can)(partial(_letter, _name, 1))
    if _wording.many is not None:
        sample(f"notification-{_name}-several", can_unsubscribe=_can)(partial(_letter, _name, 12))


def _digest(rhythm: DigestRhythm) -> Letter:
    task, person = PLACES["task"], PLACES["sender"]
    at = datetime(2026, 10, 29, 16, 30, tzinfo=UTC).isoformat()
    found: dict[str, list[dict[str, Any]]] = {
        "matches": [
            {"task": 1, "title": task, "percent": 87},
            {"task": 2, "title": "Translate", "percent": 64},
        ],
        "messages": [{"conversation": 1, "name": person, "unread": 12}],
        "applications": [{"task": 3, "title": "Logo for a café", "name": person}],
        "deadlines": [
            {"task": 4, "title": task, "deadline": at, "own": False},
            {"task": 5, "title": "Logo", "deadline": at, "own": True},
        ],
    }
    content = {
        name: {"number": 7 if name == "matches" else len(rows), "rows": rows} for name, rows in found.items()
    }
    return digest_letter(Digest(rhythm=rhythm, content=content))


for _rhythm in (DigestRhythm.DAILY, DigestRhythm.WEEKLY):
    sample(f"digest-{_rhythm}", can_unsubscribe=True)(partial(_digest, _rhythm))
