"""Take typed values out of a line, each checked, none overlooked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from multitask.exchange.errors import LineError

_CENT = Decimal("0.01")


def check_text(value: str, *, field: str) -> str:
    """`value`; raises LineError bad_character for what PostgreSQL cannot store."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LineError("bad_character", field=field) from error
    if "\0" in value:
        raise LineError("bad_character", field=field)
    return value


class Fields:
    """The fields of one line. Every `take` removes one; `done` refuses what nobody took. All raise LineError."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._left = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def done(self) -> None:
        for name in self._left:
            raise LineError("unknown_field", field=name[:100])

    def take(self, name: str, *, kind: type | tuple[type, ...], expected: str) -> Any:
        value = self._left.pop(name, None)
        if value is not None and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        ):
            raise LineError("wrong_kind", field=name, expected=expected)
        return value

    def text(self, name: str, *, limit: int, default: str = "", required: bool = False) -> str:
        value = self.take(name, kind=str, expected="a text")
        if value is None:
            if required:
                raise LineError("missing", field=name)
            return default
        value = check_text(value, field=name).strip()
        if len(value) > limit:
            raise LineError("too_long", field=name, limit=limit, length=len(value))
        if required and not value:
            raise LineError("missing", field=name)
        return str(value)

    def ref(self, name: str, *, required: bool = True) -> str:
        """A reference: a text, or a whole number, which is taken as its digits."""
        value = self._left.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            self._left[name] = str(value)
        return self.text(name, limit=200, required=required)

    def raw_text(self, name: str) -> str:
        """A needed text whose length and words a service checks."""
        value = self.take(name, kind=str, expected="a text")
        if value is None:
            raise LineError("missing", field=name)
        return check_text(value, field=name)

    def choice(self, name: str, choices: Iterable[str], *, default: str) -> str:
        value = self.text(name, limit=100, default=default)
        allowed = list(choices)
        if value not in allowed:
            raise LineError("not_a_choice", field=name, found=value, choices=", ".join(allowed))
        return value

    def boolean(self, name: str, *, default: bool = False) -> bool:
        value = self.take(name, kind=bool, expected="true or false")
        return default if value is None else bool(value)

    def whole(self, name: str, *, low: int, high: int, required: bool = False) -> int | None:
        value = self.take(name, kind=int, expected=f"a whole number from {low} to {high}")
        if value is None:
            if required:
                raise LineError("missing", field=name)
            return None
        if not low <= value <= high:
            raise LineError("wrong_kind", field=name, expected=f"a whole number from {low} to {high}")
        return int(value)

    def amount(self, name: str, *, required: bool = False) -> Decimal | None:
        """A number, or a text with one; to the cent."""
        value = self.take(name, kind=(int, Decimal, str), expected="a number")
        if value is None:
            if required:
                raise LineError("missing", field=name)
            return None
        return to_amount(value, field=name)

    def moment(self, name: str) -> datetime | None:
        """A time in ISO 8601; without a zone it is Cairo's, a date alone is the end of that day."""
        value = self.take(name, kind=str, expected="a time such as 2030-01-31T18:00:00+02:00")
        if value is None:
            return None
        try:
            found = parse_datetime(value)
            day = parse_date(value) if found is None else None
        except ValueError:
            found = day = None
        if day is not None:
            found = datetime(day.year, day.month, day.day, 23, 59)  # noqa: DTZ001 - made aware below
        if found is None:
            raise LineError("wrong_kind", field=name, expected="a time such as 2030-01-31T18:00:00+02:00")
        return found if found.tzinfo else timezone.make_aware(found)

    def texts(self, name: str) -> list[str] | None:
        value = self.take(name, kind=list, expected="a list of texts")
        if value is None:
            return None
        if not all(isinstance(one, str) for one in value):
            raise LineError("wrong_kind", field=name, expected="a list of texts")
        return [check_text(one, field=name).strip() for one in value]


def to_amount(value: int | Decimal | str, *, field: str) -> Decimal:
    """`value` as EGP to the cent. Raises LineError wrong_kind."""
    try:
        found = Decimal(str(value).strip())
        if found.is_finite() and abs(found) < Decimal(10) ** 15:
            found = found.quantize(_CENT, ROUND_HALF_UP)
    except (InvalidOperation, ValueError) as error:
        raise LineError("wrong_kind", field=field, expected="a number") from error
    return found
