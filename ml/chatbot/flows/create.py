"""Creating a task: title, description, category, budget and location in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ml.chatbot.flows import answers
from ml.chatbot.flows.answers import Read
from ml.chatbot.flows.commands import Command, command_of, edit_of, field_of
from ml.chatbot.flows.sentences import FIELD_NAMES
from ml.chatbot.flows.turns import (
    Button,
    Category,
    CreateTask,
    Go,
    Say,
    State,
    Turn,
    button,
    category_of,
    day,
    money,
)
from ml.chatbot.intents import Intent, Routed
from ml.chatbot.slots import Slots
from ml.text import content_hash, normalise

FLOW = "CREATE_TASK"
ASKED = ("title", "description", "category", "budget", "location")
FIELDS = (*ASKED, "deadline")
OPTIONAL = frozenset({"location", "deadline"})
_TALK = ("title", "description")  # what may be answered by any words at all
_ELSEWHERE = frozenset({Intent.NAVIGATION, Intent.HELP, Intent.RECOMMEND_TASKS})
_SURE, _VERY_SURE = 0.6, 0.8
_ASKING_WORDS = frozenset(
    normalise(
        "what how why when where who which can is are do does كيف ما ماذا لماذا متى أين من هل كم ازاي إزاي ايه ليه امتى "
        "فين مين كام ezay ezzay izay eh leh emta fen feen meen kam"
    ).split()
)


@dataclass(slots=True)
class Draft:
    """The state of one draft; `load` and `dump` are its JSON. Whatever JSON comes in, every field it holds is valid."""

    draft_id: str
    turn: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    asking: str = "title"
    drafted: bool = False  # something was taken from free text: shown, and confirmed by a yes
    answered: str = ""
    done: bool = False
    notes: list[Say] = field(default_factory=list)

    @classmethod
    def load(cls, state: Mapping[str, Any], *, categories: Sequence[Category], today: date) -> Draft:
        """Leaves out what is not valid, or not any more: a category that is gone, a deadline that has passed."""
        raw = state.get("data")
        data = _valid(raw if isinstance(raw, Mapping) else {}, categories=categories)
        turn, asking = state.get("turn"), state.get("asking")
        draft = cls(
            draft_id=str(state.get("draft_id") or ""),
            turn=turn if isinstance(turn, int) and turn >= 0 else 0,
            data=data,
            asking=asking
            if isinstance(asking, str) and asking in {*FIELDS, "confirm", "change"}
            else "title",
            drafted=bool(state.get("drafted")),
            answered=str(state.get("answered") or ""),
            done=bool(state.get("done")),
        )
        if not draft.done and "deadline" in data and date.fromisoformat(data["deadline"]) < today:
            del data["deadline"]
            draft.notes.append(Say("create.deadline_gone"))
        if draft.pending and (draft.asking in {"confirm", "change"} or draft.done):
            draft.asking, draft.done = draft.pending[0], False
        return draft

    def dump(self) -> State:
        return {
            "flow": FLOW,
            "draft_id": self.draft_id,
            "turn": self.turn,
            "data": self.data,
            "pending_fields": self.pending,
            "asking": self.asking,
            "drafted": self.drafted,
            "answered": self.answered,
            "done": self.done,
        }

    @property
    def pending(self) -> list[str]:
        return [name for name in ASKED if name not in self.data]


def _valid(raw: Mapping[str, Any], *, categories: Sequence[Category]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, check in (("title", answers.title), ("description", answers.description)):
        read = check(raw[name]) if isinstance(raw.get(name), str) else Read()
        if read.value is not None:
            data[name] = read.value
    if isinstance(raw.get("category"), str) and category_of(categories, raw["category"]):
        data["category"] = raw["category"]
    try:
        amount = answers.checked(Decimal(str(raw["budget"])), plain=True).value
    except (KeyError, ArithmeticError):
        amount = None
    if amount is not None:
        data["budget"] = amount
    place = raw.get("location")
    if isinstance(place, Mapping):
        remote = bool(place.get("is_remote"))
        data["location"] = {"is_remote": remote} | {
            name: "" if remote else answers.clean(str(place.get(name) or ""), lines=False)[:limit]
            for name, limit in (("city", 100), ("location", answers.LOCATION_LIMIT))
        }
    with suppress(ValueError):
        data["deadline"] = date.fromisoformat(str(raw.get("deadline"))).isoformat()
    return data


# Beginning ----------------------------------------------------------------------------------------------------------


def begin(*, slots: Slots, language: str, draft_id: str) -> Turn:
    """The first question; what `slots` hold is taken into the draft, and shown for a yes at the end."""
    draft = Draft(draft_id)
    draft.data = answers.from_slots(slots, language=language)
    draft.drafted = bool(draft.data)
    say = [Say("create.begin")]
    if draft.drafted:
        lines = tuple(_line(draft, name, ()) for name in FIELDS if name in draft.data and name != "category")
        if lines:
            say.append(Say("create.took", {"lines": lines}))
    draft.asking = (draft.pending or ["confirm"])[0]
    if draft.asking == "confirm":  # not before `description` is known, which no slot gives
        draft.asking = "description"
    return Turn(draft.dump(), (*say, *_question(draft)), _buttons(draft, (), language))


# One step -----------------------------------------------------------------------------------------------------------


def step(
    state: Mapping[str, Any],
    text: str,
    *,
    routed: Routed,
    language: str,
    today: date,
    categories: Sequence[Category],
) -> Turn:
    """Answer `text` in the draft of `state`. Never raises."""
    draft = Draft.load(state, categories=categories, today=today)
    mark = mark_of(text)
    if draft.done:
        # The last answer once more (pressed twice, sent again): the same turn, and the same task by its draft_id.
        return _created(draft) if mark == draft.answered else Turn(None, aside=routed.intent)
    draft.turn += 1
    draft.answered = mark
    machine = _Step(draft, routed=routed, language=language, today=today, categories=categories)
    return machine.command(text) or machine.answer(text)


def mark_of(text: str) -> str:
    """What `answered` of a state is after this message."""
    return content_hash(" ".join(text.split()))[:16]


@dataclass(frozen=True, slots=True)
class _Step:
    draft: Draft
    routed: Routed
    language: str
    today: date
    categories: Sequence[Category]

    # Commands

    def command(self, text: str) -> Turn | None:
        """The turn for a message that steers, None for an answer."""
        asking = self.draft.asking
        edit = edit_of(text)
        if edit is not None and (not edit[1] or asking not in _TALK):
            return self.edit(*edit)
        if asking == "change" and (name := field_of(text)) is not None:
            return self.edit(name, "")
        found = command_of(text)
        if found in {Command.YES, Command.NO}:
            return self.decide(yes=found is Command.YES) if asking == "confirm" else None
        return None if found is None else self.steer(found)

    def steer(self, command: Command) -> Turn:
        draft = self.draft
        if command is Command.CANCEL:
            return Turn(None, (Say("create.cancelled"),))
        if command is Command.RESTART:
            draft.data, draft.drafted, draft.asking = {}, False, ASKED[0]
            return self.ask(Say("create.restarted"))
        if command is Command.BACK:
            return self.back()
        if command in {Command.SKIP, Command.KEEP}:
            return self.skip(command)
        if command is Command.SHOW:
            return self.ask(*([self.shown()] if draft.data and draft.asking != "confirm" else []))
        return self.ask(Say("create.resumed"))

    def edit(self, name: str, rest: str) -> Turn:
        self.draft.asking = name
        return self.answer(rest) if rest else self.ask()

    def back(self) -> Turn:
        draft = self.draft
        order = [*ASKED, "confirm"]
        if draft.asking == ASKED[0]:
            return self.ask(Say("create.first"))
        before = {"change": "confirm", "deadline": "location"}.get(draft.asking)
        draft.asking = before or order[order.index(draft.asking) - 1]
        if draft.asking == "confirm" and draft.pending:
            draft.asking = draft.pending[0]
        return self.ask()

    def skip(self, command: Command) -> Turn:
        draft = self.draft
        name = draft.asking
        if name not in FIELDS:
            return self.decide(yes=False) if name == "confirm" and command is Command.SKIP else self.ask()
        if name == "deadline" and command is Command.SKIP:
            draft.data.pop(name, None)
            return self.onward()
        if name in draft.data:
            return self.onward()
        if name in OPTIONAL:
            if name == "location":
                draft.data[name] = dict(answers.NOWHERE)
            return self.onward()
        return self.ask(Say("create.needed"))

    def decide(self, *, yes: bool) -> Turn:
        if yes:
            return self.finish()
        self.draft.asking = "change"
        return self.ask()

    # Answers

    def answer(self, text: str) -> Turn:
        draft = self.draft
        if draft.asking in {"confirm", "change"}:
            return self.elsewhere(text) or self.ask(
                Say("create.yes_or_no" if draft.asking == "confirm" else "change.unknown")
            )
        read = self.read(text)
        if not read.plain:
            aside = self.elsewhere(text, readable=read.value is not None)
            if aside is not None:
                return aside
        if read.value is None:
            wrong = read.wrong or Say("words.none")
            turn = self.ask(wrong)
            if wrong is answers.ASK_PLACE:
                turn = Turn(turn.state, (wrong,), turn.buttons)
            if read.among:
                choices = tuple(Button(answers.named(one), self.name_of(one)) for one in read.among)
                turn = Turn(turn.state, (wrong,), choices)
            return turn
        draft.data[draft.asking] = read.value
        return self.onward()

    def read(self, text: str) -> Read:
        match self.draft.asking:
            case "title":
                return answers.title(text)
            case "description":
                return answers.description(text)
            case "category":
                return answers.category(text, categories=self.categories, today=self.today)
            case "budget":
                return answers.budget(text, today=self.today)
            case "deadline":
                return answers.deadline(text, today=self.today)
            case _:
                return answers.location(text, today=self.today, language=self.language)

    def elsewhere(self, text: str, *, readable: bool = False) -> Turn | None:
        """The turn for a message about something else, None where it is an answer."""
        routed, asking = self.routed, self.draft.asking
        if routed.unsure or routed.confidence < _SURE:
            return None
        words = normalise(text).split()
        asks = text.rstrip().endswith(("?", "؟")) or bool(words and words[0] in _ASKING_WORDS)
        if routed.intent in _ELSEWHERE:
            # What is asked for in free words may be any words: only a short and certain command is none of it.
            is_command = routed.confidence >= _VERY_SURE and len(words) <= (
                12 if asking == "title" or asks else 6
            )
            return self.aside() if asking not in _TALK or is_command else None
        if routed.intent == Intent.CREATE_TASK:
            if readable or asking == "description":
                return None
            return self.ask(
                Say("create.busy"),
                buttons=tuple(button(f"button.{code}", self.language) for code in ("continue", "restart")),
            )
        is_question = asks and asking != "description" and (not readable or asking in {"title", "location"})
        return self.aside() if is_question else None

    def aside(self) -> Turn:
        again = self.ask(Say("create.back_to"))
        return Turn(again.state, again.say, again.buttons, aside=self.routed.intent)

    # What comes next

    def onward(self) -> Turn:
        draft = self.draft
        if draft.pending:
            draft.asking = draft.pending[0]
            return self.ask()
        if draft.drafted:
            draft.asking = "confirm"
            return self.ask()
        return self.finish()

    def ask(self, *before: Say, buttons: tuple[Button, ...] | None = None) -> Turn:
        draft = self.draft
        notes, draft.notes = tuple(draft.notes), []
        if draft.asking == "confirm":
            before = (*before, self.shown())
        return Turn(
            draft.dump(),
            (*notes, *before, *(_question(draft) if buttons is None else ())),
            _buttons(draft, self.categories, self.language) if buttons is None else buttons,
        )

    def shown(self) -> Say:
        lines = tuple(_line(self.draft, name, self.categories) for name in FIELDS if name in self.draft.data)
        return Say("create.draft", {"lines": lines})

    def finish(self) -> Turn:
        draft = self.draft
        if draft.pending:  # cannot be left by any way above; a task without its fields must not be made
            draft.asking = draft.pending[0]
            return self.ask()
        draft.done = True
        return _created(draft)

    def name_of(self, one: Category) -> str:
        return one.en if self.language == "en" else one.ar


def _created(draft: Draft) -> Turn:
    data, place = draft.data, draft.data["location"]
    due = data.get("deadline")
    fields = {
        "title": data["title"],
        "description": data["description"],
        "category": data["category"],
        "budget": Decimal(data["budget"]),
        **place,
        "task_type": "DIGITAL"
        if place["is_remote"]
        else "PHYSICAL"
        if place["city"] or place["location"]
        else "BOTH",
        "deadline": date.fromisoformat(due) if due else None,
    }
    return Turn(
        draft.dump(),
        (*draft.notes, Say("create.done", {"title": data["title"]})),
        action=Go("/my-tasks", Say("create.view")),
        effect=CreateTask(draft.draft_id, fields),
    )


def resume(
    state: Mapping[str, Any], *, language: str, today: date, categories: Sequence[Category]
) -> Turn | None:
    """The draft and its open question, for somebody who comes back; None where the draft is finished."""
    draft = Draft.load(state, categories=categories, today=today)
    if draft.done:
        return None
    notes, draft.notes = tuple(draft.notes), []
    lines = tuple(_line(draft, name, categories) for name in FIELDS if name in draft.data)
    shown = (Say("create.draft", {"lines": lines}),) if lines else ()
    return Turn(
        draft.dump(),
        (Say("create.resumed"), *notes, *shown, *_question(draft)),
        _buttons(draft, categories, language),
    )


# How it is said -----------------------------------------------------------------------------------------------------


def _question(draft: Draft) -> tuple[Say, ...]:
    question = Say(f"ask.{draft.asking}")
    if draft.asking in FIELDS and draft.asking in draft.data:
        return question, Say("create.present", {"value": _value(draft, draft.asking, ())})
    return (question,)


def _line(draft: Draft, name: str, categories: Sequence[Category]) -> Say:
    return Say("create.line", {"name": FIELD_NAMES[name], "value": _value(draft, name, categories)})


def _value(draft: Draft, name: str, categories: Sequence[Category]) -> object:
    value = draft.data[name]
    if name == "category":
        found = category_of(categories, value)
        return answers.named(found) if found else value
    if name == "budget":
        return Say("value.budget", {"amount": money(Decimal(value))})
    if name == "deadline":
        return day(date.fromisoformat(value))
    if name == "location":
        if value["is_remote"]:
            return Say("value.remote")
        given = ", ".join(one for one in (value["location"], value["city"]) if one)
        return given or Say("value.anywhere")
    return value


def _buttons(draft: Draft, categories: Sequence[Category], language: str) -> tuple[Button, ...]:
    name = draft.asking
    found: list[Button] = []
    if name == "confirm":
        found = [button(f"button.{code}", language) for code in ("yes", "edit", "cancel")]
    elif name == "change":
        found = [
            Button(Say("as_is", {"en": one.en, "ar": one.ar}), one.of(language))
            for one in FIELD_NAMES.values()
        ]
    elif name == "category":
        found = [Button(answers.named(one), one.en if language == "en" else one.ar) for one in categories]
    elif name == "location":
        found = [button("button.remote", language), button("button.place", language)]
    if name in FIELDS and name in draft.data:
        found.append(button("button.keep", language))
    elif name in OPTIONAL:
        found.append(button("button.skip", language))
    return tuple(found)
