"""What a notification says, in either language, however many events it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multitask.common.text import LANGUAGES, Text, upright
from multitask.notifications.models import Notification
from multitask.notifications.texts import WORDINGS


def templates_of(row: Notification, *, count: int | None = None) -> tuple[Text, Text] | None:
    """Title and message with their places; None where the type has no sentence of its own (it says what is stored).

    `count` is how many events it is to tell of: all of them by default.
    """
    wording = WORDINGS.get(row.wording or row.notification_type)
    if wording is None:
        return None
    number = row.count if count is None else count
    if number > 1 and wording.many is not None:
        return wording.many.title.of(number), wording.many.message.of(number)
    return wording.title, wording.message


def places_of(row: Notification, language: str) -> dict[str, Any]:
    """What fills the places; a value may be {"en", "ar"}, a text of both languages."""
    return {name: _in(value, language) for name, value in row.params.items()} | {"count": row.count}


def _in(value: Any, language: str) -> Any:
    if isinstance(value, Mapping) and set(value) == set(LANGUAGES):
        value = value[language]
    return upright(value) if isinstance(value, str) else value


def title_in(row: Notification, language: str) -> str:
    templates = templates_of(row)
    return templates[0].show(language, **places_of(row, language)) if templates else row.title


def message_in(row: Notification, language: str) -> str:
    templates = templates_of(row)
    return templates[1].show(language, **places_of(row, language)) if templates else row.message
