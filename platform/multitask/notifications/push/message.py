"""What a push says and how it travels: small enough for every service, in its reader's language."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from multitask.common.text import Text
from multitask.notifications.models import Notification, NotificationType
from multitask.notifications.push.sending import Push
from multitask.notifications.sentences import message_in, title_in

# Services take 4,096 bytes of ciphertext; what a worker adds for its own purposes must still fit.
PAYLOAD_LIMIT = 3_000
# For a service that takes less than they all promise.
SHORT_LIMIT = 1_000
HOUR = 60 * 60
DAY = 24 * HOUR
_CUT = "…"
_SHORTEST_TITLE = 40


@dataclass(frozen=True, slots=True)
class Manner:
    """`ttl` seconds after which it is not worth delivering; `urgency` of RFC 8030 lets a device sleep on the rest."""

    ttl: int
    urgency: str


USUAL = Manner(3 * DAY, "normal")
MANNERS: dict[str, Manner] = {
    NotificationType.NEW_MESSAGE: Manner(DAY, "high"),
    NotificationType.APPLICATION_ACCEPTED: Manner(3 * DAY, "high"),
    NotificationType.TASK_REMINDER: Manner(6 * HOUR, "high"),
    NotificationType.RECOMMENDATION: Manner(12 * HOUR, "normal"),
    NotificationType.PAYMENT_RECEIVED: Manner(7 * DAY, "high"),
    NotificationType.SYSTEM: Manner(7 * DAY, "high"),
    NotificationType.REVIEW_RECEIVED: Manner(3 * DAY, "low"),
}
TEST_TYPE = "test"
TEST_TTL = 10 * 60
TEST_TITLE = Text("Push works", "التنبيهات تعمل")
TEST_BODY = Text("This browser will be told what happens.", "سيصل إلى هذا المتصفح ما يحدث.")


@dataclass(frozen=True, slots=True)
class Message:
    """One push in two lengths; the second for a service that finds the first too large."""

    full: Push
    short: Push


def manner_of(notification_type: str) -> Manner:
    return MANNERS.get(notification_type, USUAL)


def tag_of(line: Notification) -> str:
    """What pushes of one line have in common, so that on a screen the newest takes the place of the others."""
    return line.group_key or f"notification:{line.pk}"


def message_for(line: Notification, *, language: str) -> Message:
    """The push of a line of somebody's list as it stands now."""
    manner = manner_of(line.notification_type)
    return _message(
        {
            "title": title_in(line, language),
            "body": message_in(line, language),
            "link": line.link,
            "notification_id": line.pk,
            "type": line.notification_type,
            "count": line.count,
            **_manners_of(language),
            "tag": tag_of(line),
        },
        manner,
        recipient_id=line.recipient_id,
    )


def test_message(*, user_id: int, language: str) -> Message:
    return _message(
        {
            "title": TEST_TITLE.show(language),
            "body": TEST_BODY.show(language),
            "link": "/",
            "notification_id": None,
            "type": TEST_TYPE,
            "count": 1,
            **_manners_of(language),
            "tag": TEST_TYPE,
        },
        Manner(TEST_TTL, "high"),
        recipient_id=user_id,
    )


def _manners_of(language: str) -> dict[str, str]:
    return {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}


def _message(fields: dict[str, Any], manner: Manner, *, recipient_id: int) -> Message:
    topic = _topic(recipient_id, fields["tag"])
    full, short = (
        Push(payload_of(fields, limit=limit), manner.ttl, manner.urgency, topic)
        for limit in (PAYLOAD_LIMIT, SHORT_LIMIT)
    )
    return Message(full, short)


def payload_of(fields: dict[str, Any], *, limit: int) -> bytes:
    """`fields` as JSON of at most `limit` bytes: the body is cut, and if need be the title. Whole characters stay."""
    kept = dict(fields)
    for name, least in (("body", 0), ("title", _SHORTEST_TITLE), ("link", 0)):
        over = len(_encoded(kept)) - limit
        if over <= 0:
            break
        kept[name] = _cut(str(kept[name]), over, least=least) if name != "link" else "/"
    return _encoded(kept)


def _encoded(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _cut(text: str, over: int, *, least: int) -> str:
    """`text` shorter by `over` bytes of JSON or more, but `least` characters at least."""
    kept, over = len(text), over + len(_CUT.encode())
    while kept > least and over > 0:
        kept -= 1
        over -= len(_encoded({"": text[kept]})) - len(_encoded({"": ""}))
    return text[:kept].rstrip() + _CUT if kept < len(text) else text


def _topic(recipient_id: int, tag: str) -> str:
    """32 characters that say nothing to the push service: two users' topics never meet there."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"push:{recipient_id}:{tag}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest.digest()[:24]).decode("ascii")
