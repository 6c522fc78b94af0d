"""The figures of reading a message to the assistant as promises and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchlib.tables import Sheet, Target

MESSAGE_MS = 10.0
TIMES_MODEL = 100.0
KINDS = {"as typed": "as typed", "mistyped": "mistyped", "longest": "of 2,000 characters"}
WAYS = {"route": "intent", "with_slots": "intent and slots"}
COLUMNS = {**WAYS, "processor": "both, the processor's time"}
LANGUAGES = {"en": "English", "ar": "Arabic", "latin": "Arabic in Latin letters"}


def targets(section: dict[str, Any] | None) -> Iterator[Target]:
    """The slowest p95 of any language, as typed or mistyped, and how often a model's answer holds it."""
    if section is None:
        return
    for way, words in WAYS.items():
        kinds = (section["ms"][way][kind] for kind in ("as typed", "mistyped"))
        slowest = max(ms["p95"] for languages in kinds for ms in languages.values())
        yield Target(
            f"router, {words}: p95 of a message, ms, the most of any language", slowest, MESSAGE_MS, most=True
        )
    kinds = (section["ms"]["processor"][kind] for kind in ("as typed", "mistyped"))
    slowest = max(ms["p95"] for languages in kinds for ms in languages.values())
    yield Target("router: p95 of the processor's time of both, ms", slowest, MESSAGE_MS, most=True)
    yield Target("router: a model's answer / a message", section["times_faster_than_model"], TIMES_MODEL)
    yield Target("router: processes of it that hold torch", float(section["torch"]), 0.0, most=True)


def router_sheet(section: dict[str, Any]) -> Sheet:
    """A row a language, as typed and mistyped."""
    rows = []
    for language, words in LANGUAGES.items():
        for kind, told in KINDS.items():
            cells = (section["ms"][way][kind][language] for way in COLUMNS)
            rows.append((f"{words}, {told}", *(f"{ms['p50']} / {ms['p95']} / {ms['max']}" for ms in cells)))
    model, first = section["model_ms"], section["first_ms"]
    rows.append(
        (
            "a model that takes 1 s, by its own library",
            "",
            f"{model['p50']} / {model['p95']} / {model['max']}",
            "",
        )
    )
    note = (
        f"Milliseconds, p50 / p95 / max, of {sum(section['messages'].values())} messages that nothing was fitted to, once "
        f"as they are and once with a letter amiss, in random order with long ones made of them, each once a process, {section['rounds']} processes "
        f"{'with' if section['torch'] else 'without'} torch. The web process makes itself ready as it starts "
        f"({section['warming_ms']:g} ms); its first message then takes {first['warm']:g} ms at most, and one that nothing "
        f"was made ready for {first['cold']:g} ms."
    )
    return Sheet("Reading a message", ("message", *COLUMNS.values()), rows, note)
