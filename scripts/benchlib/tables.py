"""What a report is made of: promises with their figures, and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """`figure` is wanted to be at least `wanted` (or at most, where `most`)."""

    name: str
    figure: float
    wanted: float
    most: bool = False

    @property
    def met(self) -> bool:
        return self.figure <= self.wanted if self.most else self.figure >= self.wanted

    def as_json(self) -> dict[str, Any]:
        sign = "at most" if self.most else "at least"
        return {
            "name": self.name,
            "figure": self.figure,
            "target": f"{sign} {self.wanted:g}",
            "met": self.met,
        }


@dataclass(frozen=True)
class Sheet:
    """One table: `rows` of text under `columns`, and a note below."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
