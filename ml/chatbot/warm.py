"""Loads what the assistant reads a message by, so that nobody's first message waits for files."""

from __future__ import annotations

from datetime import date

from ml.chatbot.intents import Intent, route
from ml.chatbot.slots import slots_of

# Words that no list knows: the spelling of both scripts is read for them, and no rule decides, which takes the examples.
_MESSAGES = ("a plumbr for Nasr Citty tomorow", "محتاج سبااك بكرهه في مدينه نصررر", "3ayez sabbakk bokra")


def warm() -> None:
    """A few tenths of a second, once a process; repeating it does no harm. Raises OSError where a file is missing."""
    for text in _MESSAGES:
        route(text)
        slots_of(text, today=date(2026, 1, 1), intent=Intent.CREATE_TASK)
    for text in ("compare this with that", "قارن بين هذا وذاك", "2aren da b da"):
        route(text)
