"""The words of the demo, read from ``phrases/*.json``, and the small choices every part shares."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_SKILLS_FILE = _HERE.parent / "recommendations" / "data" / "skills.json"

# How often each category is met, for people and for tasks alike.
_CATEGORY_WEIGHTS = {
    "programming": 5,
    "design": 4,
    "writing": 3,
    "marketing": 3,
    "cleaning": 3,
    "tutoring": 3,
    "consulting": 2,
    "assistant": 2,
    "other": 2,
}
_DURATIONS = (
    (1, "1 day", "يوم واحد"),
    (2, "2 days", "يومين"),
    (3, "3 days", "3 أيام"),
    (5, "5 days", "5 أيام"),
    (7, "1 week", "أسبوع"),
    (10, "10 days", "10 أيام"),
    (14, "2 weeks", "أسبوعين"),
    (21, "3 weeks", "3 أسابيع"),
    (30, "1 month", "شهر"),
    (45, "6 weeks", "6 أسابيع"),
    (60, "2 months", "شهرين"),
    (90, "3 months", "3 شهور"),
)


@dataclass(frozen=True)
class Template:
    skills: tuple[str, ...]
    low: int
    high: int
    days: tuple[int, int]
    place: str
    recurring: bool
    title: dict[str, str]
    text: dict[str, str]
    slots: dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Book:
    requests: tuple[Template, ...]
    offers: tuple[Template, ...]
    details: dict[str, list[str]]

    @property
    def templates(self) -> tuple[Template, ...]:
        return self.requests + self.offers


@dataclass(frozen=True)
class City:
    name: dict[str, str]
    weight: int
    areas: tuple[tuple[str, str], ...]


def _read(name: str) -> Any:
    return json.loads((_HERE / "phrases" / f"{name}.json").read_text(encoding="utf-8"))


@cache
def talk() -> dict[str, Any]:
    return dict(_read("talk"))


@cache
def chats() -> dict[str, Any]:
    return dict(_read("chats"))


@cache
def profiles() -> dict[str, Any]:
    return dict(_read("profiles"))


@cache
def families() -> tuple[dict[str, Any], ...]:
    return tuple(_read("people"))


@cache
def cities() -> tuple[City, ...]:
    return tuple(
        City(
            name={"en": row["en"], "ar": row["ar"]},
            weight=row["weight"],
            areas=tuple((english, arabic) for english, arabic in row["areas"]),
        )
        for row in _read("places")
    )


@cache
def skill_names() -> dict[str, dict[str, str]]:
    rows = json.loads(_SKILLS_FILE.read_text(encoding="utf-8"))
    return {
        row["slug"]: {"en": row["name_en"], "ar": row["name_ar"], "category": row["category"]} for row in rows
    }


@cache
def skills_of(category: str) -> tuple[str, ...]:
    return tuple(slug for slug, names in skill_names().items() if names["category"] == category)


@cache
def book_of(category: str) -> Book:
    raw = _read(category)

    def template(row: dict[str, Any]) -> Template:
        own = row.get("slots", {})
        return Template(
            skills=tuple(row["skills"]),
            low=row["budget"][0],
            high=row["budget"][1],
            days=(row["days"][0], row["days"][1]),
            place=row["place"],
            recurring=row.get("recurring", False),
            title={language: row[language]["title"] for language in ("en", "ar")},
            text={language: row[language]["text"] for language in ("en", "ar")},
            slots={
                language: {**raw["slots"][language], **own.get(language, {})} for language in ("en", "ar")
            },
        )

    return Book(
        requests=tuple(template(row) for row in raw["requests"]),
        offers=tuple(template(row) for row in raw["offers"]),
        details=raw["details"],
    )


# "a" before a vowel, but "a unit", "a used car", "a European", "a one-page".
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou])(?!uni|use|eu|one)", re.IGNORECASE)


def polish(text: str) -> str:
    """Mend what filling a slot breaks: the English article, and the Arabic prefix before a word."""
    text = _ARTICLE.sub(r"\1n ", text)
    text = text.replace("لـال", "لل")
    return re.sub("([لب])ـ(?=[\u0621-\u064a])", r"\1", text)


def duration_text(days: float, language: str) -> str:
    for limit, english, arabic in _DURATIONS:
        if days <= limit:
            return arabic if language == "ar" else english
    _, english, arabic = _DURATIONS[-1]
    return arabic if language == "ar" else english


def nearby_duration(text: str, steps: int) -> str:
    """The duration `steps` longer or shorter than one `duration_text` gave, in its language."""
    for index, row in enumerate(_DURATIONS):
        if text in row[1:]:
            moved = _DURATIONS[min(max(index + steps, 0), len(_DURATIONS) - 1)]
            return moved[1] if text == row[1] else moved[2]
    raise ValueError(f"not a duration of the phrase book: {text!r}")


def years_text(years: int, language: str) -> str:
    if language == "en":
        return "1 year" if years == 1 else f"{years} years"
    if years <= 2:
        return "سنة" if years == 1 else "سنتين"
    return f"{years} سنوات" if years <= 10 else f"{years} سنة"


def language_of(text: str) -> str:
    return "ar" if any("\u0600" <= letter <= "\u06ff" for letter in text) else "en"


def shares(total: int, *weights: float) -> list[int]:
    """Split `total` by weights that sum to 1; the last share takes what rounding leaves."""
    parts: list[int] = []
    for weight in weights[:-1]:
        parts.append(min(round(total * weight), total - sum(parts)))
    return [*parts, total - sum(parts)]


def spread(rng: random.Random, total: int) -> list[str]:
    """`total` categories in the common proportions, in random order."""
    cycle = [category for category, weight in _CATEGORY_WEIGHTS.items() for _ in range(weight)]
    rng.shuffle(cycle)
    found = [cycle[index % len(cycle)] for index in range(total)]
    rng.shuffle(found)
    return found


def city_named(city: str) -> City:
    return next(place for place in cities() if place.name["en"] == city)


def round_price(amount: float) -> Decimal:
    step = 10 if amount < 500 else 50 if amount < 3000 else 100 if amount < 10_000 else 500
    return Decimal(max(10, round(amount / step) * step)).quantize(Decimal("0.01"))
