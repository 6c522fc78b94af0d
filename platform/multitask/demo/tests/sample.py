"""A demo made once for all tests of its content, and the files it is made from."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from multitask.demo.content import Demo, DemoTask, DemoUser, build

ROOT = Path(__file__).resolve().parents[2]
PHRASES = ROOT / "demo" / "phrases"
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ARABIC = re.compile(r"[\u0600-\u06ff]")

CATEGORY_NAMES = {
    "design": "Design & Creative",
    "programming": "Programming & Tech",
    "writing": "Writing & Translation",
    "marketing": "Marketing & Business",
    "consulting": "Consulting & Advice",
    "cleaning": "Cleaning & Home Services",
    "tutoring": "Tutoring & Education",
    "assistant": "Personal Assistant",
    "other": "Other Services",
}


@cache
def categories() -> list[dict[str, Any]]:
    return json.loads((ROOT / "tasks" / "data" / "categories.json").read_text(encoding="utf-8"))


@cache
def skills() -> dict[str, dict[str, Any]]:
    rows = json.loads((ROOT / "recommendations" / "data" / "skills.json").read_text(encoding="utf-8"))
    assert len({row["slug"] for row in rows}) == len(rows)
    return {row["slug"]: row for row in rows}


@cache
def demo(seed: int = 1, users: int = 100, tasks: int = 200) -> Demo:
    return build(seed, users=users, tasks=tasks, now=NOW)


def people(found: Demo) -> dict[str, DemoUser]:
    return {user.ref: user for user in found.users}


def listed(found: Demo) -> dict[str, DemoTask]:
    return {task.ref: task for task in found.tasks}


def is_arabic(text: str) -> bool:
    return bool(ARABIC.search(text))
