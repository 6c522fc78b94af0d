"""What a mail says: an account's letter in both languages, rendered to a subject, text and HTML of one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.template import Context, Engine, Template
from django.utils.functional import SimpleLazyObject
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from multitask.common.text import Text

BUILT = Path(__file__).parent / "built"
# What a reader's program shows of a subject is shorter still; a title is 200 characters at most.
SUBJECT_LIMIT = 250
# Marks that turn the direction of what follows: nobody's title may do that to a subject.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")

BRAND = "Multitask"
SIGNATURE = Text("The Multitask team", "فريق Multitask")
REASON = Text(
    "You get this mail because you have an account at Multitask.",
    "تصلك هذه الرسالة لأن لك حسابًا في Multitask.",
)
UNSUBSCRIBE = Text("Stop mails of this kind", "إيقاف رسائل من هذا النوع")
ADDRESS_BELOW = Text(
    "If the button does nothing, copy this address into the browser:",
    "إن لم يعمل الزر فانسخ هذا العنوان إلى المتصفح:",
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph that is not plain: `quote` is set apart (somebody's own words), `small` is a remark.

    A `str` is somebody's own words: shown as it is, in either language, without places.
    """

    text: Text | str
    kind: Literal["plain", "quote", "small"] = "plain"


@dataclass(frozen=True, slots=True)
class Button:
    """`url` is absolute (FRONTEND_URL and a path of ours)."""

    label: Text
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a section: `title` links to `url` where there is one, `detail` stands below it."""

    title: Text | str
    detail: Text | str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list in a digest; `more` says how many were left out."""

    title: Text
    rows: tuple[Row, ...]
    more: Text | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail in both languages. `params` fills the {places} of every Text; a Text among them in its language.

    `preheader` is what a list of mails shows after the subject (the first paragraph by default); `reason` says in the
    footer why one gets it.
    """

    subject: Text
    heading: Text
    paragraphs: tuple[Text | Paragraph, ...] = ()
    button: Button | None = None
    items: tuple[Section, ...] = ()
    closing: Text | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    greeting: Text | None = None
    preheader: Text | None = None
    reason: Text = REASON


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter in one language: `subject` is one line, `text` ends with a newline, `html` is a whole page."""

    subject: str
    text: str
    html: str


def letter_render(letter: Letter, *, language: str, unsubscribe_url: str = "") -> Rendered:
    """The letter in "ar" or "en". Everything that is not ours is escaped; the subject cannot end a header.

    Raises KeyError for a place that `params` does not fill.
    """
    return Rendered(
        subject=one_line(_say(letter.subject, letter, language)),
        text=_sendable(_text(letter, language, unsubscribe_url)),
        html=_sendable(_html(letter, language, unsubscribe_url)),
    )


def one_line(value: str) -> str:
    """`value` for a header: one line, no control characters, nothing that turns the direction, of bounded length."""
    kept = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in value
        if char not in TURNING and unicodedata.category(char) != "Cs"
    )
    return " ".join(kept.split())[:SUBJECT_LIMIT]


def _sendable(value: str) -> str:
    """`value` without half characters, which no mail can carry."""
    return value.encode("utf-8", "replace").decode("utf-8")


def _say(words: Text | str, letter: Letter, language: str) -> str:
    if isinstance(words, str):
        return words
    params = {
        name: value.show(language) if isinstance(value, Text) else value
        for name, value in letter.params.items()
    }
    return words.show(language, **params)


def _mark_up(words: Text | str, letter: Letter, language: str) -> SafeString:
    """As `_say`, escaped; what fills a place keeps its own direction among the words around it."""
    if isinstance(words, str):
        return _set_apart(words)
    params = {
        name: _Filled(value.show(language) if isinstance(value, Text) else value)
        for name, value in letter.params.items()
    }
    # The sentence is ours and escaped here, every value where it is filled in: nothing else gets in.
    sentence = Text(str(conditional_escape(words.en)), str(conditional_escape(words.ar)))
    return mark_safe(sentence.show(language, **params))  # noqa: S308


class _Filled:
    """A value that is escaped, and set apart from the words around it, when a place takes it."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __format__(self, how: str) -> str:
        return _set_apart(format(self.value, how))


def _set_apart(value: str) -> SafeString:
    """Somebody's own words: each line escaped, and in the direction of its own first letter."""
    return format_html_join(mark_safe("<br>"), "<bdi>{}</bdi>", ((line,) for line in value.splitlines()))


def _paragraphs(letter: Letter) -> list[Paragraph]:
    return [one if isinstance(one, Paragraph) else Paragraph(one) for one in letter.paragraphs]


def _text(letter: Letter, language: str, unsubscribe_url: str) -> str:
    parts = [_say(letter.greeting, letter, language)] if letter.greeting else []
    for paragraph in _paragraphs(letter):
        said = _say(paragraph.text, letter, language)
        quoted = "\n".join(f"> {line}" for line in said.splitlines())
        parts.append(quoted if paragraph.kind == "quote" else said)
    for section in letter.items:
        parts.append(_say(section.title, letter, language))
        parts += [_text_row(row, letter, language) for row in section.rows]
        if section.more is not None:
            parts.append(_say(section.more, letter, language))
    if letter.button is not None:
        parts.append(f"{_say(letter.button.label, letter, language)}:\n{letter.button.url}")
    if letter.closing is not None:
        parts.append(_say(letter.closing, letter, language))
    parts.append(SIGNATURE.show(language))
    footer = [_say(letter.reason, letter, language)]
    if unsubscribe_url:
        footer.append(f"{UNSUBSCRIBE.show(language)}:\n{unsubscribe_url}")
    return "\n\n".join([*parts, "-- \n" + "\n".join(footer)]) + "\n"


def _text_row(row: Row, letter: Letter, language: str) -> str:
    lines = [f"- {_say(row.title, letter, language)}"]
    if row.detail:
        lines.append(f"  {_say(row.detail, letter, language)}")
    if row.url:
        lines.append(f"  {row.url}")
    return "\n".join(lines)


def _html(letter: Letter, language: str, unsubscribe_url: str) -> str:
    def mark(words: Text | str | None) -> SafeString | str:
        return "" if words is None else _mark_up(words, letter, language)

    paragraphs = _paragraphs(letter)
    first = letter.preheader or (paragraphs[0].text if paragraphs else letter.heading)
    context = {
        "subject": one_line(_say(letter.subject, letter, language)),
        "preheader": one_line(_say(first, letter, language)),
        "brand": BRAND,
        "heading": mark(letter.heading),
        "greeting": mark(letter.greeting),
        "paragraphs": [{"kind": one.kind, "text": mark(one.text)} for one in paragraphs],
        "button": {"label": _say(letter.button.label, letter, language), "url": letter.button.url}
        if letter.button
        else None,
        "address_below": ADDRESS_BELOW.show(language),
        "sections": [
            {
                "title": mark(section.title),
                "rows": [
                    {
                        "title": mark(row.title),
                        "detail": mark(row.detail) if row.detail else "",
                        "url": row.url,
                    }
                    for row in section.rows
                ],
                "more": mark(section.more),
            }
            for section in letter.items
        ],
        "closing": mark(letter.closing),
        "signature": SIGNATURE.show(language),
        "reason": mark(letter.reason),
        "unsubscribe": UNSUBSCRIBE.show(language) if unsubscribe_url else "",
        "unsubscribe_url": unsubscribe_url,
        "site": settings.FRONTEND_URL,
        "language": language,
    }
    return _template(language).render(Context(context))


_engine = SimpleLazyObject(lambda: Engine(autoescape=True, debug=False))
_templates: dict[str, Template] = {}


def _template(language: str) -> Template:
    name = f"letter.{'ar' if language == 'ar' else 'en'}.html"
    if name not in _templates:
        source = (BUILT / name).read_text(encoding="utf-8")
        _templates[name] = _engine.from_string(re.sub(r"\{#.*?#\}", "", source))
    return _templates[name]
