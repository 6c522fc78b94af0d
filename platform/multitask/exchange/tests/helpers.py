"""Run the commands on small files of our own."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

CLIENT = {"type": "user", "ref": "amal", "username": "amal", "email": "amal@example.com"}
FREELANCER = {
    "type": "user",
    "ref": "badr",
    "username": "badr",
    "email": "badr@example.com",
    "user_type": "freelancer",
    "skills": ["python", {"skill": "Django", "level": "EXPERT", "years": 4.5}, "تصميم شعارات"],
    "preferences": {"interests": ["programming"], "min_budget": 100, "prefer_remote": True},
}
TASK = {
    "type": "task",
    "ref": "shop",
    "client": "amal",
    "title": "متجر إلكتروني صغير",
    "description": "نحتاج متجرًا بسيطًا لبيع الشموع مع الدفع عند الاستلام.",
    "category": "programming",
    "budget": "7500.50",
    "skills": ["python"],
}
APPLICATION = {
    "type": "application",
    "ref": "offer",
    "task": "shop",
    "freelancer": "badr",
    "proposal": "I have built three shops like this one.",
    "offered_price": 7000,
    "estimated_time": "two weeks",
}
REVIEW = {
    "type": "review",
    "ref": "praise",
    "task": "shop",
    "reviewer": "amal",
    "rating": 4,
    "comment": "جيد",
}


@dataclass
class Result:
    """What a run of the import said: its exit status, its output and its bad lines."""

    status: int
    output: str
    errors: list[dict[str, Any]]

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(error["line"], error["code"]) for error in self.errors]


def write(path: Path, records: Sequence[dict[str, Any] | str | bytes]) -> Path:
    """A file with one line a record; texts and bytes are written as they are."""
    with path.open("wb") as stream:
        for record in records:
            raw = json.dumps(record, ensure_ascii=False) if isinstance(record, dict) else record
            stream.write((raw.encode() if isinstance(raw, str) else raw) + b"\n")
    return path


def run_import(path: Path, *options: str) -> Result:
    output, status = io.StringIO(), 0
    errors = path.with_name(path.name + ".errors.jsonl")
    try:
        call_command("import_marketplace", str(path), *options, stdout=output)
    except SystemExit as end:
        status = int(str(end.code))
    except CommandError as error:
        return Result(error.returncode, str(error), [])
    found = errors.read_text(encoding="utf-8").splitlines() if errors.exists() else []
    return Result(status, output.getvalue(), [json.loads(line) for line in found])


def import_records(path: Path, *records: dict[str, Any] | str | bytes) -> Result:
    return run_import(write(path / "in.jsonl", records))
