"""The rows that migrations load, put back after a test that emptied the tables."""

from __future__ import annotations

import json
from pathlib import Path

from multitask.recommendations.models import Skill
from multitask.tasks.models import Category

ROOM = Path(__file__).resolve().parents[1]


def reference_data_restore() -> None:
    """Categories and skills as after `migrate`, where they are gone. Four queries at most."""
    if not Category.objects.exists():
        rows = json.loads((ROOM / "tasks" / "data" / "categories.json").read_text(encoding="utf-8"))
        Category.objects.bulk_create([Category(**row) for row in rows])
    if not Skill.objects.exists():
        categories = dict(Category.objects.values_list("slug", "id"))
        rows = json.loads((ROOM / "recommendations" / "data" / "skills.json").read_text(encoding="utf-8"))
        for row in rows:
            row["category_id"] = categories[row.pop("category")]
        Skill.objects.bulk_create(
            [Skill(**{name: value for name, value in row.items() if value is not None}) for row in rows]
        )
