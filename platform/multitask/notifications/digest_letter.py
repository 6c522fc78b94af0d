"""The words of a digest's mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import override

from multitask.common.clock import CAIRO
from multitask.common.text import Text
from multitask.mail.letters import Button, Letter, Row, Section
from multitask.notifications.digests import SECTIONS
from multitask.notifications.models import Digest, DigestRhythm

# Places are filled here, with numbers and times alone: a letter without `params` shows its texts as they stand, so a
# brace in somebody's title is a brace.
TITLES = {
    "matches": Text("New tasks that suit you: {number}", "مهام جديدة تناسبك: {number}"),
    "messages": Text(
        "Conversations with unread messages: {number}", "محادثات فيها رسائل غير مقروءة: {number}"
    ),
    "applications": Text("New applications to your tasks: {number}", "طلبات جديدة على مهامك: {number}"),
    "deadlines": Text("Deadlines of the next days: {number}", "مواعيد نهائية في الأيام المقبلة: {number}"),
}
MORE = Text("And {number} more.", "وغيرها: {number}.")
MATCH = Text("{percent}% match", "تطابق {percent}%")
UNREAD = Text("Unread messages: {number}", "رسائل غير مقروءة: {number}")
DELIVER = Text("To be delivered by {when}", "يُسلَّم قبل {when}")
CHOOSE = Text("Choose somebody by {when}", "اختر مستقلًا قبل {when}")


def digest_letter(digest: Digest) -> Letter:
    """The letter of a prepared digest."""
    daily = digest.rhythm == DigestRhythm.DAILY
    return Letter(
        subject=Text("Your day at Multitask", "يومك على Multitask")
        if daily
        else Text("Your week at Multitask", "أسبوعك على Multitask"),
        heading=Text("What is new for you", "الجديد من أجلك"),
        paragraphs=(
            Text("This is new since your last digest.", "هذا ما استجدّ منذ موجزك السابق.")
            if daily
            else Text(
                "This is new since your last weekly digest.", "هذا ما استجدّ منذ موجزك الأسبوعي السابق."
            ),
        ),
        items=tuple(_section(name, digest.content[name]) for name in SECTIONS if name in digest.content),
        button=Button(Text("Open Multitask", "افتح Multitask"), f"{settings.FRONTEND_URL}/"),
        closing=Text(
            "Hour, rhythm, and whether you get it at all: in the settings of your notifications.",
            "الساعة والوتيرة، وهل يصلك أصلًا: في إعدادات الإشعارات.",
        ),
        reason=Text(
            "You get this mail because you chose a digest in the settings of your notifications.",
            "تصلك هذه الرسالة لأنك اخترت الموجز في إعدادات الإشعارات.",
        ),
    )


def _section(name: str, part: Mapping[str, Any]) -> Section:
    left = part["number"] - len(part["rows"])
    return Section(
        title=_filled(TITLES[name], number=part["number"]),
        rows=tuple(ROWS_OF[name](row) for row in part["rows"]),
        more=_filled(MORE, number=left) if left > 0 else None,
    )


def _filled(text: Text, **params: object) -> Text:
    return Text(text.show("en", **params), text.show("ar", **params))


def _url(path: str) -> str:
    return f"{settings.FRONTEND_URL}{path}"


def _match(row: Mapping[str, Any]) -> Row:
    return Row(row["title"], _filled(MATCH, percent=row["percent"]), _url(f"/tasks/{row['task']}"))


def _conversation(row: Mapping[str, Any]) -> Row:
    return Row(row["name"], _filled(UNREAD, number=row["unread"]), _url(f"/messages/{row['conversation']}"))


def _application(row: Mapping[str, Any]) -> Row:
    return Row(row["title"], row["name"], _url(f"/tasks/{row['task']}/applications"))


def _deadline(row: Mapping[str, Any]) -> Row:
    when = datetime.fromisoformat(row["deadline"]).astimezone(CAIRO)
    said = CHOOSE if row["own"] else DELIVER
    spoken = Text(
        said.show("en", when=f"{_day(when, 'en')}, {when:%H:%M}"),
        said.show("ar", when=f"{_day(when, 'ar')}، {when:%H:%M}"),
    )
    return Row(row["title"], spoken, _url(f"/tasks/{row['task']}"))


def _day(when: datetime, language: str) -> str:
    """The day in words: a date of numbers alone is turned around among Arabic words."""
    with override(language):
        return str(date_format(when, "l j F"))


ROWS_OF: Mapping[str, Callable[[Mapping[str, Any]], Row]] = {
    "matches": _match,
    "messages": _conversation,
    "applications": _application,
    "deadlines": _deadline,
}
