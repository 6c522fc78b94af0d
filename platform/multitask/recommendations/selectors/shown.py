"""A list as it is shown: rows with their tasks, percentages and reasons in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ml import explain, ranking
from multitask.common.text import current_language
from multitask.recommendations.models import RecommendationList, Skill
from multitask.tasks.models import Category, Task
from multitask.tasks.selectors.tasks import tasks_visible


@dataclass(frozen=True, slots=True)
class Why:
    """A term of the score: its share of the percentage in whole points, which sum to the percentage."""

    part: str
    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Recommended:
    """One row of a list as it is shown; `parts` are the scorer's own terms and sum to `score` (0 to 1).

    `explored`: the row stands where it does because few have seen it, not for its score.
    """

    task: Task
    score: float
    match_percentage: int
    match_reasons: list[str]
    reasons: list[dict[str, Any]]
    parts: dict[str, float]
    explored: bool = False

    @property
    def why(self) -> list[Why]:
        return why(self.parts, self.match_percentage)


@dataclass(frozen=True, slots=True)
class Shown:
    rows: list[Recommended]
    total: int
    algorithm: str
    computed_at: datetime | None
    stale: bool
    statistics: int = 0


def why(parts: Mapping[str, float], percentage: int) -> list[Why]:
    """The percentage taken apart, the greatest first, names in the reader's language."""
    return [
        Why(part, explain.part_name(part, _language()), points)
        for part, points in explain.points(parts, percentage).items()
    ]


def _language() -> explain.Language:
    return "en" if current_language() == "en" else "ar"


@dataclass(frozen=True, slots=True)
class Names:
    """Names, in the reader's language, of the skills and categories that reasons speak of."""

    skills: Mapping[int, str]
    categories: Mapping[int, str]

    @classmethod
    def of(cls, reasons: Iterable[Iterable[Mapping[str, Any]]]) -> Names:
        """Two queries at most, whatever the number of reasons."""
        skills: set[int] = set()
        categories: set[int] = set()
        for row in reasons:
            for reason in row:
                skills.update(reason["params"].get("skill_ids", ()))
                if "category_id" in reason["params"]:
                    categories.add(reason["params"]["category_id"])
        return cls(
            {skill.pk: skill.name for skill in Skill.objects.filter(pk__in=skills)} if skills else {},
            {row.pk: row.name for row in Category.objects.filter(pk__in=categories)} if categories else {},
        )

    def sentences(self, reasons: Iterable[Mapping[str, Any]], *, voice: explain.Voice = "you") -> list[str]:
        return [
            explain.sentence(
                ranking.Reason(reason["code"], reason["params"]),
                _language(),
                skill_names=self.skills,
                category_names=self.categories,
                voice=voice,
            )
            for reason in reasons
        ]


def tasks_shown(ids: list[int]) -> dict[int, Task]:
    return {task.pk: task for task in tasks_visible().filter(pk__in=ids)}


def is_stale(head: RecommendationList | None) -> bool:
    return head is not None and (head.computed_at is None or head.computed_at < head.inputs_changed_at)
