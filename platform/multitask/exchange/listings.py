"""Turn the rows of a plain CSV file of listings into the lines of tasks."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, BinaryIO

from ml.text import Mentions, normalise
from multitask.exchange.errors import LineError
from multitask.exchange.reading import LINE_LIMIT, Line, UnreadableFile, raw_lines
from multitask.tasks.models import MAX_BUDGET, MIN_BUDGET

# EGP for one unit. Plain assumptions for tries by hand, not today's rates: give --rate for your own.
ASSUMED_RATES: Mapping[str, Decimal] = {
    "EGP": Decimal(1),
    "USD": Decimal(50),
    "EUR": Decimal(55),
    "GBP": Decimal(65),
    "SAR": Decimal(13),
    "AED": Decimal("13.5"),
}
SKILLS_LIMIT = 10
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "description": ("description",),
    "budget": ("budget", "budget_usd", "budget_egp", "budget_eur", "budget_gbp", "amount"),
    "currency": ("currency",),
    "category": ("category",),
    "subcategory": ("subcategory",),
    "skills": ("skills",),
    "duration": ("duration",),
}
_SIGNS = {"$": "USD", "£": "GBP", "€": "EUR", "ج.م": "EGP", "جنيه": "EGP"}
_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)?")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩٫٬", "0123456789.,")
_DURATION_LIMIT = 100


@dataclass(frozen=True)
class Catalogue:
    """What rows are compared with: ids of skills by name, category and slug by id, names of categories by slug."""

    vocabulary: Mapping[int, Sequence[str]]
    category_of: Mapping[int, str | None]
    slug_of: Mapping[int, str]
    categories: Mapping[str, Sequence[str]]


@dataclass
class Wishes:
    """Options of one CSV import. `rates` EGP by currency, `default_budget` EGP; `category` for every row, or None."""

    catalogue: Catalogue
    rates: Mapping[str, Decimal] = field(default_factory=lambda: dict(ASSUMED_RATES))
    default_budget: Decimal = Decimal(1000)
    category: str | None = None


class Listings:
    """Rows into lines of type task; `name` is part of every ref, so that one file's rows are its own."""

    def __init__(self, *, name: str, wishes: Wishes) -> None:
        self.name = name
        self.wishes = wishes
        catalogue = wishes.catalogue
        self._mentions = Mentions(catalogue.vocabulary)
        self._skills: dict[str, int] = {}
        for skill_id, names in catalogue.vocabulary.items():
            for one in (*names, catalogue.slug_of[skill_id]):
                self._skills.setdefault(normalise(one), skill_id)
        self._areas = [
            (slug, {word for name in names for word in normalise(name).split() if len(word) > 2})
            for slug, names in catalogue.categories.items()
        ]

    def record(self, row: Mapping[str, str], *, budget_column: str) -> dict[str, Any]:
        """The line of one row: {column: text} by our names. Raises LineError bad_budget or unknown_currency."""
        title, skills = row.get("title", ""), row.get("skills", "")
        named = [one.strip() for one in re.split(r"[,;،|]", skills) if normalise(one)]
        known = dict.fromkeys(self._skills[key] for one in named if (key := normalise(one)) in self._skills)
        description = row.get("description", "") or ". ".join([title, *([", ".join(named)] if named else [])])
        ref = hashlib.sha256(
            "\x1f".join(f"{key}={value}" for key, value in sorted(row.items())).encode()
        ).hexdigest()
        return {
            "type": "task",
            "ref": f"{self.name[:150]}#{ref[:16]}",
            "title": title,
            "description": description,
            "category": self.wishes.category or self.category(row),
            "budget": str(self.budget(row, budget_column=budget_column)),
            "is_negotiable": True,
            "is_remote": True,
            "estimated_duration": row.get("duration", "")[:_DURATION_LIMIT],
            "skills": [self.wishes.catalogue.slug_of[pk] for pk in list(known)[:SKILLS_LIMIT]],
        }

    def category(self, row: Mapping[str, str]) -> str:
        """The category most of the skills named in the row belong to; else the one named like the row's; else "other".

        The title, the skills and the category's columns decide; the description only where they name nothing.
        """
        label = f"{row.get('category', '')}. {row.get('subcategory', '')}"
        for text in (f"{row.get('title', '')}. {row.get('skills', '')}. {label}", row.get("description", "")):
            votes = Counter(
                slug for pk in self._mentions.find(text) if (slug := self.wishes.catalogue.category_of[pk])
            )
            for slug, words in self._areas:
                if shared := words & set(normalise(label).split()):
                    votes[slug] += len(shared)
            if votes:
                return max(sorted(votes), key=lambda slug: votes[slug])
        return "other"

    def budget(self, row: Mapping[str, str], *, budget_column: str) -> Decimal:
        """EGP, the mean of a range, held within what a task may cost. Raises LineError."""
        said = row.get("budget", "").translate(_DIGITS)
        if not said:
            return self.wishes.default_budget
        amounts = [Decimal(one.replace(",", "")) for one in _AMOUNT.findall(said)]
        if not amounts or len(amounts) > 2 or max(amounts) > 10**12:
            raise LineError("bad_budget", field="budget", found=said[:50])
        currency = row.get("currency", "").upper() or self._currency(said, budget_column)
        if currency not in self.wishes.rates:
            raise LineError("unknown_currency", field="currency", currency=currency[:10])
        found = sum(amounts, Decimal(0)) / len(amounts) * self.wishes.rates[currency]
        return min(max(found, MIN_BUDGET), MAX_BUDGET).quantize(Decimal("0.01"))

    def _currency(self, said: str, budget_column: str) -> str:
        signs = [currency for sign, currency in _SIGNS.items() if sign in said]
        named = re.search(r"[A-Za-z]{3}", said)
        column = budget_column.rpartition("_")[2].upper()
        if signs:
            return signs[0]
        if named:
            return named.group().upper()
        return column if column in self.wishes.rates else "EGP"

    # --- the file -------------------------------------------------------------------------------------------------

    def lines(self, handle: BinaryIO, *, delimiter: str) -> Iterator[Line]:
        """Every row as a line. Raises UnreadableFile where the header names no title."""
        position = [0]
        reader = csv.reader(_decoded(handle, position), delimiter=delimiter)
        csv.field_size_limit(LINE_LIMIT)
        try:
            header = next(reader, [])
        except csv.Error as error:
            raise UnreadableFile(f"The first row cannot be read: {error}.") from error
        places, budget_column = columns_of(header, delimiter=delimiter)
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(number, None, LineError("bad_row", reason=str(error)), position[0])
                continue
            if not any(cell.strip() for cell in cells):
                continue
            try:
                if len(cells) != len(header):
                    raise LineError("columns", found=len(cells), expected=len(header))
                row = {name: _clean(cells[place]) for name, place in places.items()}
                yield Line(number, self.record(row, budget_column=budget_column), None, position[0])
            except LineError as error:
                yield Line(number, None, error, position[0])


def _decoded(handle: BinaryIO, position: list[int]) -> Iterator[str]:
    # A byte that is not UTF-8 must spoil its own row only: it is kept as a lone surrogate and found in `_clean`.
    for raw, at in raw_lines(handle):
        position[0] = at
        yield "\udc00\n" if raw is None else raw.decode("utf-8", "surrogateescape") + "\n"


def _clean(cell: str) -> str:
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError as error:
        if cell == "\udc00":
            raise LineError("line_too_long", limit=f"{LINE_LIMIT:,}") from error
        raise LineError("bad_utf8") from error
    return cell.strip()


def columns_of(header: Sequence[str], *, delimiter: str) -> tuple[dict[str, int], str]:
    """{our name: place} of the columns we know, and the name of the budget's. Raises UnreadableFile without a title."""
    names = [name.strip().casefold().replace(" ", "_") for name in header]
    places = {}
    for ours, theirs in COLUMNS.items():
        found = next((name for name in theirs if name in names), None)
        if found is not None:
            places[ours] = names.index(found)
    if "title" in places:
        return places, names[places["budget"]] if "budget" in places else ""
    other = next(
        (sign for sign in ";\t|," if sign != delimiter and any(sign in name for name in names)), None
    )
    if other is not None:
        shown = "\\t" if other == "\t" else other
        raise UnreadableFile(f"The columns seem to be separated by {shown!r}: add --delimiter '{shown}'.")
    shown = ", ".join(name.encode("utf-8", "replace").decode()[:40] for name in names[:12])
    raise UnreadableFile(f"The first row names no column `title`. It has: {shown}.")
