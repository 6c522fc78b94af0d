"""The figures of the assistant as promises and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchlib.tables import Sheet, Target

COMMAND_MS = 100.0
MORE_CONNECTIONS = 8
MORE_THREADS = 40


def targets(section: dict[str, Any] | None) -> Iterator[Target]:
    """Commands beside those who wait, and what the web process holds for them."""
    if section is None:
        return
    name = f"chat, {section['chats']} wait for the model"
    yield Target(f"{name}: a command's p95, ms", section["ms"]["beside"]["p95"], COMMAND_MS, most=True)
    for what, most in (("connections", MORE_CONNECTIONS), ("threads", MORE_THREADS)):
        more = section["meanwhile"][what] - section["before"][what]
        yield Target(f"{name}: more {what} than before", more, most, most=True)


def chat_sheet(section: dict[str, Any]) -> Sheet:
    """Commands alone and beside those who wait."""
    rows = [
        (
            words,
            f"{ms['p50']} / {ms['p95']} / {ms['max']}",
            str(held["threads"]),
            str(held["connections"]),
        )
        for words, ms, held in (
            ("commands alone", section["ms"]["alone"], section["before"]),
            (f"commands beside {section['chats']} who wait", section["ms"]["beside"], section["meanwhile"]),
        )
    ]
    over = section["chat_over_model"]
    rows.append(
        ("a general chat above the model's time", f"{over['p50']} / {over['p95']} / {over['max']}", "", "")
    )
    note = (
        f"The model takes {section['model_seconds']:g} s; {section['waiting']} were waiting when threads and connections "
        "were counted (connections: of all programs, the bench's own too). Clients on the same cores."
    )
    return Sheet("The assistant", ("what", "ms p50 / p95 / max", "threads", "connections"), rows, note)
