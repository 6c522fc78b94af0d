"""Import lines: each in a transaction of its own, each once, whatever it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, OperationalError

from multitask.common.errors import DomainError
from multitask.common.retry import again, in_transaction
from multitask.exchange.errors import LineError
from multitask.exchange.fields import Fields, check_text
from multitask.exchange.selectors.refs import ref_find, refs_in_order
from multitask.exchange.services.context import Context
from multitask.exchange.services.people import skill_import, user_import
from multitask.exchange.services.refs import ref_note, refs_note
from multitask.exchange.services.work import (
    KIND_ENDING,
    application_import,
    ending_line,
    review_import,
    task_import,
    task_settle,
)

KINDS = ("user", "skill", "task", "application", "review")
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
REF_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """A line, or what was to follow from it, that could not be imported."""

    line: int
    kind: str
    ref: str
    error: LineError | DomainError


def line_import(*, record: dict[str, Any], line: int, context: Context) -> tuple[str, str]:
    """Import one object. Returns its kind and CREATED, UPDATED or UNCHANGED.

    All of it is written, or nothing. Raises LineError or DomainError.
    """
    kind, ref = identify(record)
    rest = {name: value for name, value in record.items() if name not in {"type", "ref"}}
    mark = _digest(rest)
    known = again(lambda: ref_find(kind=kind, ref=ref))
    if known is not None and known.digest == mark:
        return kind, UNCHANGED

    def write() -> None:
        at = None if known is None else known.object_id
        fields = Fields(rest)
        if kind == "user":
            object_id = user_import(fields=fields, known=at, context=context)
        elif kind == "skill":
            object_id = skill_import(fields=fields, known=at, context=context)
        else:
            handler = {"task": task_import, "application": application_import, "review": review_import}[kind]
            object_id = handler(fields=fields, known=at, context=context, ref=ref, line=line)
        # Of two imports that write one ref at once, one must fail: it would have made its row a second time.
        if known is None:
            refs_note(kind=kind, pairs=[(ref, object_id)], digest=mark)
        else:
            ref_note(kind=kind, ref=ref, object_id=object_id, digest=mark)

    _guarded(write)
    return kind, CREATED if known is None else UPDATED


def endings_settle() -> Iterator[Failure | None]:
    """Move every task whose line wants it elsewhere than open; a Failure for each that could not be moved."""
    for note in refs_in_order(kind=KIND_ENDING):
        try:
            _guarded(lambda note=note: task_settle(note=note))
        except (LineError, DomainError) as error:
            yield Failure(ending_line(note), "task", note.ref, error)
        else:
            yield None


def _guarded(write: Any) -> None:
    try:
        in_transaction(write, durable=False)
    except IntegrityError as error:
        raise LineError("conflict" if "import_ref_once" in str(error) else "refused") from error
    except (DataError, ObjectDoesNotExist) as error:
        raise LineError("refused") from error
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) is None:
            raise  # the database is gone: every further line would fail the same
        raise LineError("busy") from error


def identify(record: dict[str, Any]) -> tuple[str, str]:
    """The type and ref of an object. Raises LineError unknown_type or bad_ref."""
    kind, ref = record.get("type"), record.get("ref")
    if kind not in KINDS:
        raise LineError(
            "unknown_type", field="type", found=json.dumps(kind, default=str)[:50], choices=", ".join(KINDS)
        )
    if isinstance(ref, int) and not isinstance(ref, bool):
        ref = str(ref) if abs(ref) < 10**18 else ""
    if not isinstance(ref, str) or not 1 <= len(ref.strip()) <= REF_LIMIT:
        raise LineError("bad_ref", field="ref")
    return str(kind), check_text(ref.strip(), field="ref")


def _digest(values: dict[str, Any]) -> str:
    """SHA-256 over the fields in one order. Without the password: a digest could be used to try passwords."""
    kept = {name: value for name, value in values.items() if name != "password"}
    try:
        text = json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)
    except RecursionError as error:
        raise LineError("bad_json", reason="nested too deeply") from error
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
