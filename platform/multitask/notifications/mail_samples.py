"""Letters of notifications as they might be, for previews: one for every sentence, and one where it counts."""

from __future__ import annotations

from functools import partial

from multitask.mail.letters import Letter
from multitask.mail.samples import sample
from multitask.notifications.channels.email.letters import letter_of
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import Notification, NotificationType
from multitask.notifications.texts import WORDINGS

PLACES = {
    "task": "تصميم شعار لمقهى في المعادي (Café Logo)",
    "sender": "منى السيد",
    "percent": 87,
    "reason": "نحتاج الألوان كما في الدليل المرفق.",
    "text": "مساء الخير، متى يمكنك البدء؟\nThe files are attached.",
    "days": 14,
    "waiting": 3,
}
TYPES = {"review_removed": NotificationType.SYSTEM}


def _letter(wording: str, count: int) -> Letter:
    kind = wording if wording in NotificationType.values else TYPES.get(wording, NotificationType.TASK_UPDATE)
    line = Notification(
        notification_type=kind,
        wording="" if kind == wording else wording,
        params=PLACES,
        count=count,
        link="/tasks/1",
    )
    return letter_of(line, count=count)


for _name, _wording in WORDINGS.items():
    _can = TYPES.get(_name, _name) not in CRITICAL
    sample(f"notification-{_name}", can_unsubscribe=_can)(partial(_letter, _name, 1))
    if _wording.many is not None:
        sample(f"notification-{_name}-several", can_unsubscribe=_can)(partial(_letter, _name, 12))
