"""Typed reading of the environment: every variable is declared once, here or in a settings module, and documented.

A value that cannot be read raises `ImproperlyConfigured` naming the variable, what was found and what is expected,
so a process with a typing error in its environment does not start at all. `DECLARED` feeds `docs/environment.md`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


@dataclass(frozen=True)
class Variable:
    """One declared variable: `default` as text for the documentation, "" where there is none."""

    name: str
    kind: str
    default: str
    meaning: str
    required_in_production: bool = False


DECLARED: dict[str, Variable] = {}

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def _read(
    name: str, kind: str, parse: Callable[[str], T], default: T, meaning: str, shown: str, required: bool
) -> T:
    DECLARED[name] = Variable(name, kind, shown, meaning, required)
    raw = os.environ.get(name)
    if raw is None or raw.strip() == "":
        return default
    try:
        return parse(raw.strip())
    except (ValueError, TypeError) as error:
        message = f"The environment variable {name} is {raw!r}, which is not {kind}. {meaning}"
        raise ImproperlyConfigured(message) from error


def text(name: str, default: str, meaning: str, *, required_in_production: bool = False) -> str:
    return _read(name, "text", str, default, meaning, default, required_in_production)


def matching(
    name: str,
    default: str,
    pattern: str,
    kind: str,
    meaning: str,
    *,
    accept: Callable[[str], bool] = bool,
) -> str:
    """A text of which all matches `pattern`, and that `accept` takes; `kind` says in words what that is."""

    def parse(raw: str) -> str:
        if not re.fullmatch(pattern, raw) or not accept(raw):
            raise ValueError(raw)
        return raw

    return _read(name, kind, parse, default, meaning, default, False)


def integer(name: str, default: int, meaning: str, *, minimum: int = 0) -> int:
    def parse(raw: str) -> int:
        value = int(raw)
        if value < minimum:
            raise ValueError(raw)
        return value

    kind = f"a whole number of at least {minimum}"
    return _read(name, kind, parse, default, meaning, str(default), False)


def boolean(name: str, default: bool, meaning: str) -> bool:
    def parse(raw: str) -> bool:
        if raw.lower() in TRUE:
            return True
        if raw.lower() in FALSE:
            return False
        raise ValueError(raw)

    return _read(
        name,
        "one of true, false, yes, no, on, off, 1, 0",
        parse,
        default,
        meaning,
        str(default).lower(),
        False,
    )


def words(name: str, default: list[str], meaning: str, *, required_in_production: bool = False) -> list[str]:
    def parse(raw: str) -> list[str]:
        return [part.strip() for part in raw.split(",") if part.strip()]

    return _read(
        name, "words with commas between", parse, default, meaning, ",".join(default), required_in_production
    )


def choice(name: str, default: str, allowed: tuple[str, ...], meaning: str) -> str:
    def parse(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(raw)
        return raw

    return _read(name, f"one of {', '.join(allowed)}", parse, default, meaning, default, False)


def url(
    name: str, default: str, schemes: tuple[str, ...], meaning: str, *, required_in_production: bool = False
) -> str:
    def parse(raw: str) -> str:
        if not raw.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(raw)
        return raw

    kind = "an address that begins with " + " or ".join(f"{scheme}://" for scheme in schemes)
    return _read(name, kind, parse, default, meaning, default, required_in_production)
