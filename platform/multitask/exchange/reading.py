"""Read a file line by line, however large or broken: a line that cannot be read is an error of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from multitask.exchange.errors import LineError

LINE_LIMIT = 1_000_000
_HEAD = 65_536


class UnreadableFile(Exception):
    """The file as a whole cannot be imported; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, what it says or what is wrong with it, and how many bytes have been read."""

    number: int
    record: dict[str, Any] | None
    error: LineError | None
    position: int


def file_open(path: Path) -> tuple[BinaryIO, int]:
    """The file, at its first byte after a byte order mark, and its size. Raises UnreadableFile."""
    try:
        handle = path.open("rb")
        size = os.fstat(handle.fileno()).st_size
        head = handle.read(_HEAD)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(f"{path} is UTF-16: save it as UTF-8 and try again.")
    if b"\0" in head:
        raise UnreadableFile(f"{path} is not a text file: unpack or convert it to UTF-8 text first.")
    if not head.strip():
        raise UnreadableFile(f"{path} is empty.")
    handle.seek(3 if head.startswith(b"\xef\xbb\xbf") else 0)
    return handle, size


def raw_lines(handle: BinaryIO) -> Iterator[tuple[bytes | None, int]]:
    """(line without its break, or None where it is longer than LINE_LIMIT; bytes read so far)."""
    while line := handle.readline(LINE_LIMIT + 2):
        whole = line.endswith(b"\n") or len(line) <= LINE_LIMIT
        while not line.endswith(b"\n") and (rest := handle.readline(LINE_LIMIT)):
            whole = False
            line = rest
        yield (line.rstrip(b"\r\n") if whole else None), handle.tell()


def json_lines(handle: BinaryIO) -> Iterator[Line]:
    """Every line that is not blank, as an object or an error."""
    for number, (raw, position) in enumerate(raw_lines(handle), 1):
        if raw is None:
            yield Line(number, None, LineError("line_too_long", limit=f"{LINE_LIMIT:,}"), position)
        elif raw.strip():
            try:
                yield Line(number, _object(raw), None, position)
            except LineError as error:
                yield Line(number, None, error, position)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise LineError("bad_utf8") from error
    except RecursionError as error:
        raise LineError("bad_json", reason="nested too deeply") from error
    except ValueError as error:
        raise LineError("bad_json", reason=str(error)) from error
    if not isinstance(found, dict):
        raise LineError("not_object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")
