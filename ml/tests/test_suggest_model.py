"""The category that the written tasks of `ml/data/evaluation` are given by their neighbours, with the real encoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml import suggest
from ml.encoder import Encoder
from ml.suggest import Neighbour

pytestmark = pytest.mark.model
DATA = Path(__file__).resolve().parents[1] / "data" / "evaluation" / "topics.json"
# The marketplace's category of each topic, as its skills and its description put it.
CATEGORIES = {
    "Programming & Tech": (1, 2, 3, 5, 6, 8, 9, 39, 40),
    "Design & Creative": (10, 11, 12, 13, 14, 15, 16, 17, 79),
    "Writing & Translation": (20, 21, 22, 23, 24, 25, 26),
    "Marketing & Business": (27, 28, 29),
    "Consulting & Advice": (32, 33, 34, 35, 37, 38),
    "Cleaning & Home Services": (
        *(41, 42, 43, 44, 45, 46, 61, 62, 63, 64, 68, 69),
        *(70, 71, 72, 73, 74, 75, 81, 82, 86, 87),
    ),
    "Tutoring & Education": (36, 48, 77, 78),
    "Personal Assistant": (4, 7, 30, 31, 80),
    "Other Services": (
        *(18, 19, 47, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58),
        *(59, 60, 65, 66, 67, 76, 83, 84, 85, 88),
    ),
}
NAMES = list(CATEGORIES)
CATEGORY_OF = {topic: NAMES.index(name) for name, topics in CATEGORIES.items() for topic in topics}


@pytest.fixture(scope="module")
def tasks() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["tasks"]
    return found


@pytest.fixture(scope="module")
def cosines(tasks: list[dict[str, Any]]) -> Any:
    """Of each task as a draft with each task as it is kept; without the skills that the texts name."""
    encoder = Encoder()
    kept = [f"{one['title']}. {one['description']}. {NAMES[CATEGORY_OF[one['topic']]]}" for one in tasks]
    drafts = [f"{one['title']}. {one['description']}" for one in tasks]
    found = encoder.encode(drafts) @ encoder.encode(kept).T
    np.fill_diagonal(found, -1.0)
    return found


def _suggested(row: Any, tasks: list[dict[str, Any]]) -> int | None:
    neighbours = [
        Neighbour(float(cosine), CATEGORY_OF[one["topic"]], frozenset(), 1.0, 1, True, False, 0.0)
        for cosine, one in zip(row, tasks, strict=True)
    ]
    found = suggest.category(neighbours, named=())
    return None if found is None else found.category


def test_three_in_four_get_a_category_and_three_in_four_of_those_the_right_one(
    tasks: list[dict[str, Any]], cosines: Any
) -> None:
    """By neighbours alone, of the topics with odd ids, by which nothing was chosen."""
    assert set(CATEGORY_OF) == {one["topic"] for one in tasks}
    given, right = 0, 0
    asked = [(one, row) for one, row in zip(tasks, cosines, strict=True) if one["topic"] % 2]
    for one, row in asked:
        category = _suggested(row, tasks)
        given += category is not None
        right += category == CATEGORY_OF[one["topic"]]
    print(f"{len(asked)} tasks, {given} given a category, {right} the right one")
    assert given >= 0.75 * len(asked)
    assert right >= 0.75 * given


def test_two_tasks_of_one_topic_are_not_taken_for_the_same(tasks: list[dict[str, Any]], cosines: Any) -> None:
    said = [suggest.Said(one["title"], one["description"]) for one in tasks]
    for place, one in enumerate(tasks):
        for other in range(place):
            if tasks[other]["topic"] == one["topic"]:
                assert suggest.alike(said[place], said[other], cosine=float(cosines[place, other])) is None
