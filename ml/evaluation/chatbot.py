"""How well the assistant understands: intents of the split that nothing was fitted to, slots, and the help base.

Rows are read by `measure`; what they are judged by is in `intents`, `slots` and `helping`, each a pure function of
what was wanted and what was found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.chatbot import help as base
from ml.chatbot.intents import DATA, LANGUAGES, Intent, Routed, route
from ml.chatbot.slots import Slots, slots_of

# The day on which what slots.tsv calls tomorrow is the next.
SLOTS_DAY = date(2026, 11, 22)
SLOT_NAMES = ("budget", "least", "most", "city", "deadline", "remote", "page")
BINS = 10
INTENTS = [intent.value for intent in Intent]
# Questions of the help set that nothing in the base answers.
NOTHING = "-"

Encode = Callable[[str], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a message is, and what it was taken for."""

    wanted: str
    found: Routed

    @property
    def is_right(self) -> bool:
        return self.found.intent == self.wanted


def measure(*, encode: Encode | None) -> dict[str, Any]:
    """{"intents": {language: …}, "slots": …, "help": {language: …}}; help by words alone where there is no `encode`."""
    return {
        "intents": {
            language: intents([Judged(wanted, route(text)) for wanted, text in split(language)])
            for language in LANGUAGES
        },
        "slots": slots([(wanted, found_slots(text, wanted)) for text, wanted in _slot_rows()]),
        "help": helping(encode=encode),
    }


def split(language: str) -> list[tuple[str, str]]:
    """(intent, message) of the rows of a language that the router was not built from."""
    lines = (DATA / f"split_{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [(line.split("\t")[0], line.split("\t")[1]) for line in lines]


def intents(rows: Sequence[Judged]) -> dict[str, Any]:
    """Shares of `rows`, which must not be empty.

    `confusion` is {wanted: {found: number}}; `created` counts GENERAL_CHAT taken for CREATE_TASK, `created_unasked`
    those of them whose user is not asked first; `asks` the share of which two buttons ask, `accuracy_unasked` the
    accuracy of the others; `calibration_error` is `ece`.
    """
    confusion = {
        one: {
            other: sum(row.wanted == one and row.found.intent == other for row in rows) for other in INTENTS
        }
        for one in INTENTS
    }
    talk = [
        row for row in rows if row.wanted == Intent.GENERAL_CHAT and row.found.intent == Intent.CREATE_TASK
    ]
    unasked = [row for row in rows if not row.found.unsure]
    return {
        "messages": len(rows),
        "accuracy": _share([row.is_right for row in rows]),
        "confusion": confusion,
        "created": len(talk),
        "created_unasked": sum(not row.found.unsure for row in talk),
        "asks": _share([row.found.unsure for row in rows]),
        "accuracy_unasked": _share([row.is_right for row in unasked]),
        "calibration_error": ece(
            [row.found.confidence for row in rows], [row.is_right for row in rows], bins=BINS
        ),
    }


def ece(confidences: Sequence[float], right: Sequence[bool], *, bins: int) -> float:
    """Expected calibration error: the mean gap of confidence and accuracy, in bins of equal width.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    values, hits = np.asarray(confidences, dtype=float), np.asarray(right, dtype=float)
    place = np.minimum((values * bins).astype(int), bins - 1)
    weight = np.bincount(place, minlength=bins)
    gap = np.abs(np.bincount(place, hits, bins) - np.bincount(place, values, bins))
    return float(gap.sum() / weight.sum()) if len(values) else 0.0


def slots(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> dict[str, Any]:
    """`right` is the share of fields, wanted or found, that are found as wanted; `whole` that of messages; by field too."""
    fields = [
        (name, wanted.get(name) == found.get(name))
        for wanted, found in rows
        for name in wanted.keys() | found.keys()
    ]
    return {
        "messages": len(rows),
        "fields": len(fields),
        "right": _share([right for _, right in fields]),
        "whole": _share([dict(wanted) == dict(found) for wanted, found in rows]),
        "by_field": {
            name: _share([right for other, right in fields if other == name])
            for name in SLOT_NAMES
            if any(other == name for other, _ in fields)
        },
    }


def found_slots(text: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What is found in `text`, as slots.tsv writes it; of a message that wants a page, as the assistant reads one."""
    intent = Intent.NAVIGATION if "page" in wanted else route(text).intent
    found: Slots = slots_of(text, today=SLOTS_DAY, intent=intent)
    return {name: _plain(value) for name in SLOT_NAMES if (value := getattr(found, name)) is not None}


def helping(*, encode: Encode | None) -> dict[str, dict[str, float]]:
    """{language: {"questions", "recall@1", "recall@3"}}: whether the entry that answers is first, or among three."""
    asked = base.base()
    places: dict[str, list[int]] = {}
    numbers = {one.id: number for number, one in enumerate(base.entries())}
    for line in base.FILE.with_name("help_questions.tsv").read_text(encoding="utf-8").splitlines():
        language, entry, text = line.split("\t")
        if entry != NOTHING:
            order = np.argsort(-asked.scores(text, encode), kind="stable")
            places.setdefault(language, []).append(int(np.flatnonzero(order == numbers[entry])[0]))
    return {
        language: {
            "questions": len(found),
            "recall@1": _share([place < 1 for place in found]),
            "recall@3": _share([place < 3 for place in found]),
        }
        for language, found in places.items()
    }


def show(results: Mapping[str, Any], console: Any) -> None:
    """Print what `measure` gave."""
    from rich.table import Table

    table = Table(
        "language",
        "messages",
        "accuracy",
        "asks",
        "accuracy unasked",
        "talk that creates",
        "ECE",
        title="assistant: intents",
    )
    for language, one in results["intents"].items():
        created = f"{one['created']} ({one['created_unasked']} unasked)"
        shares = (f"{one[name]:.3f}" for name in ("accuracy", "asks", "accuracy_unasked"))
        table.add_row(language, str(one["messages"]), *shares, created, f"{one['calibration_error']:.3f}")
    console.print(table)
    for language, one in results["intents"].items():
        table = Table("wanted \\ found", *INTENTS, title=f"assistant: {language}")
        for wanted, found in one["confusion"].items():
            table.add_row(wanted, *(str(found[intent]) for intent in INTENTS))
        console.print(table)
    found = results["slots"]
    table = Table(
        "slots", "share right", title=f"assistant: {found['fields']} fields of {found['messages']} messages"
    )
    for name, value in {"all": found["right"], "whole messages": found["whole"], **found["by_field"]}.items():
        table.add_row(name, f"{value:.3f}")
    console.print(table)
    table = Table("language", "questions", "recall@1", "recall@3", title="assistant: help")
    for language, one in results["help"].items():
        table.add_row(language, str(one["questions"]), f"{one['recall@1']:.3f}", f"{one['recall@3']:.3f}")
    console.print(table)


def _slot_rows() -> list[tuple[str, dict[str, Any]]]:
    lines = (DATA / "slots.tsv").read_text(encoding="utf-8").splitlines()
    return [(text, json.loads(wanted)) for text, wanted in (line.split("\t") for line in lines)]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else 0.0
