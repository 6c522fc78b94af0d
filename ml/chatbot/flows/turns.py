"""What one step of a conversation gives back: words, buttons, a place to go, something to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from ml.chatbot.flows.sentences import SENTENCES, Counted, Sentence

State = dict[str, Any]


class Category(NamedTuple):
    """A category that a task may have; `en` and `ar` are its names."""

    slug: str
    en: str
    ar: str


@dataclass(frozen=True, slots=True)
class Say:
    """One paragraph: a code of `SENTENCES` and what fills its places.

    A value may itself be a `Sentence` or a `Say`, or a tuple of `Say`, which are shown one a line.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def show(self, language: str) -> str:
        """The paragraph in English for "en", in Arabic for anything else ("ar", "latin")."""
        found = SENTENCES[self.code]
        if isinstance(found, Counted):
            found = found.of(int(str(self.params["count"])))
        values = {name: _shown(value, language) for name, value in self.params.items()}
        return found.of(language).format(**values) if values else found.of(language)


def _shown(value: object, language: str) -> str:
    if isinstance(value, Say):
        return value.show(language)
    if isinstance(value, Sentence):
        return value.of(language)
    if isinstance(value, tuple):
        return "\n".join(_shown(one, language) for one in value)
    return str(value)


@dataclass(frozen=True, slots=True)
class Button:
    """`value` is the message that is sent when it is pressed; `step` understands it like anything typed."""

    label: Say
    value: str


def button(code: str, language: str, **params: object) -> Button:
    """A button that sends what stands on it."""
    label = Say(code, params)
    return Button(label, label.show(language))


@dataclass(frozen=True, slots=True)
class Go:
    """The action NAVIGATE: a page of the application, and what stands on the link."""

    path: str
    label: Say


@dataclass(frozen=True, slots=True)
class CreateTask:
    """Create this task, once for each `draft_id`.

    `fields`: title, description, category (a slug), budget (Decimal), is_remote, city, location, task_type, and
    deadline, a date of Cairo or None: the task is due at the end of that day.
    """

    draft_id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Show:
    """Look something up. `kind`: tasks, recommendations, my_tasks or my_applications.

    `filters` has the names of the list of tasks: category, search, min_budget, max_budget, city, is_remote.
    """

    kind: str
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """`state` goes into the session (None: no conversation is open any more).

    `aside` is the intent of a message that does not belong to the conversation: answer it as if it had been sent
    alone, then add `say` and `buttons` of this turn. `replay` is the message to answer in its place, where it is an
    earlier one.
    """

    state: State | None
    say: tuple[Say, ...] = ()
    buttons: tuple[Button, ...] = ()
    action: Go | None = None
    effect: CreateTask | Show | None = None
    aside: str | None = None
    replay: str | None = None

    def text(self, language: str) -> str:
        """What is said, its paragraphs with an empty line between them."""
        return "\n\n".join(one.show(language) for one in self.say)


def money(amount: Decimal) -> str:
    """1500 as "1,500", 99.5 as "99.50"."""
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def day(value: date) -> str:
    return value.strftime("%d/%m/%Y")


def category_of(categories: Sequence[Category], slug: str) -> Category | None:
    return next((one for one in categories if one.slug == slug), None)
