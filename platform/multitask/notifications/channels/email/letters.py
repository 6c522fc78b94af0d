"""A notification as a letter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from multitask.common.text import LANGUAGES, Text
from multitask.mail.letters import Button, Letter, Paragraph
from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import Notification, NotificationType
from multitask.notifications.sentences import templates_of

# What the button says is what its link opens: one type of notification leads to several places.
BUTTONS: tuple[tuple[str, Text], ...] = (
    (r"/tasks/\d+/applications", Text("See the applications", "عرض الطلبات")),
    (r"/tasks/\d+", Text("Open the task", "فتح المهمة")),
    (r"/messages/\d+", Text("Read and answer", "القراءة والرد")),
    (r"/users/\d+/reviews", Text("See the review", "عرض التقييم")),
    (r"/recommendations", Text("See what suits you", "عرض ما يناسبك")),
)
OPEN = Text("Open Multitask", "فتح Multitask")
REASON = Text(
    "You get this mail because mails of the kind “{kind}” are switched on in your notification settings.",
    "تصلك هذه الرسالة لأن رسائل «{kind}» مفعّلة في إعدادات إشعاراتك.",
)
REASON_CRITICAL = Text(
    "You get this mail because it is about your account; everybody gets such mails.",
    "تصلك هذه الرسالة لأنها تخص حسابك، وتصل إلى الجميع.",
)
WROTE = Text("{sender} wrote:", "كتب {sender}:")
WROTE_LAST = Text("{sender} wrote, most recently:", "آخر ما كتبه {sender}:")


def letter_of(line: Notification, *, count: int) -> Letter:
    """The letter about `count` events of a line, of which it knows the newest."""
    templates = templates_of(line, count=count)
    title, message = templates or (_stored(line.title), _stored(line.message))
    kind = NotificationType(line.notification_type)
    is_critical = kind in CRITICAL
    return Letter(
        subject=title,
        heading=title,
        paragraphs=_paragraphs(line, message, count),
        button=Button(_button(line.link), f"{settings.FRONTEND_URL}{line.link or '/notifications'}"),
        params={name: _place(value) for name, value in line.params.items()}
        | {"count": count, "kind": Text(*(_label(kind, language) for language in ("en", "ar")))},
        reason=REASON_CRITICAL if is_critical else REASON,
    )


def _button(link: str) -> Text:
    return next((text for place, text in BUTTONS if re.fullmatch(place, link)), OPEN)


def _paragraphs(line: Notification, message: Text, count: int) -> tuple[Text | Paragraph, ...]:
    text = line.params.get("text")
    if line.notification_type != NotificationType.NEW_MESSAGE or not isinstance(text, str):
        return (message,)
    return (WROTE if count == 1 else WROTE_LAST, Paragraph(text, "quote"))


def _label(kind: NotificationType, language: str) -> str:
    from django.utils.translation import override

    with override(language):
        return str(kind.label)


def _place(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == set(LANGUAGES):
        return Text(value["en"], value["ar"])
    return value


def _stored(text: str) -> Text:
    """A text that is nobody's sentence: its braces are no places."""
    plain = text.replace("{", "{{").replace("}", "}}")
    return Text(plain, plain)
