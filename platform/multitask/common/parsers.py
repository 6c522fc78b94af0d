"""JSON that nests without end, or holds what JSON does not know, is a 400 and never a 500."""

from __future__ import annotations

from json import JSONDecodeError
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from multitask.common.errors import Unreadable


class BoundedJSONParser(JSONParser):
    """DRF's parser, with the recursion of 100,000 nested arrays and lone surrogates answered as bad input."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any | None = None
    ) -> dict[str, Any]:
        try:
            data: dict[str, Any] = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise Unreadable("nested") from error
        except ParseError as error:
            raise _unreadable(error.__context__) from error
        if not storable(data):
            raise Unreadable("character")
        return data


def _unreadable(cause: BaseException | None) -> Unreadable:
    """What DRF's parser found, as a position: its own words are English alone, and quote what was sent."""
    if isinstance(cause, JSONDecodeError):
        return Unreadable("json", line=cause.lineno, column=cause.colno)
    if isinstance(cause, UnicodeDecodeError):
        return Unreadable("encoding", position=cause.start + 1)
    return Unreadable("number" if isinstance(cause, ValueError) else "other")


def storable(value: Any) -> bool:
    """Whether PostgreSQL can hold every text in `value`: no NUL, no lone surrogate."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, dict):
        return all(storable(key) and storable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(storable(item) for item in value)
    return True
