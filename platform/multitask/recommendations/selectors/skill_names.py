"""Skills and categories by their names, kept in this process: some hundreds, asked for at every letter typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q

from ml import search
from ml.text import Mentions, normalise, tokens
from multitask.recommendations.models import Skill
from multitask.tasks.models import Category

FOUND = 100


@dataclass(frozen=True, slots=True)
class Named:
    """A skill ("skill") or category ("category"); `keys` are its names in one spelling, `stems` those of each name."""

    kind: str
    id: int
    slug: str
    en: str
    ar: str
    used: int
    keys: tuple[str, ...]
    stems: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class KnownSkill:
    """A skill; `category` is an id, None for one without."""

    id: int
    slug: str
    en: str
    ar: str
    category: int | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All skills by id, and the finder of mentions of the active ones in a text."""

    skills: dict[int, KnownSkill]
    mentions: Mentions


_kept: dict[str, tuple[Any, list[Named]]] = {}
_vocabulary: list[tuple[Any, Vocabulary]] = []


def _version(model: Any) -> tuple[Any, ...]:
    active = Count("pk", filter=Q(is_active=True))
    found = model.objects.aggregate(Count("pk"), Max("updated_at"), Max("pk"), active=active)
    return tuple(found.values())


def vocabulary() -> Vocabulary:
    """The skills as they are now. One query, two where any has changed."""
    version = _version(Skill)
    if not _vocabulary or _vocabulary[0][0] != version:
        rows = list(
            Skill.objects.order_by("pk").values_list(
                "pk", "slug", "name_en", "name_ar", "category_id", "is_active", "aliases"
            )
        )
        made = Vocabulary(
            skills={row[0]: KnownSkill(*row[:6]) for row in rows},
            mentions=Mentions(
                {pk: (en, ar, *map(str, more)) for pk, _, en, ar, _, is_active, more in rows if is_active}
            ),
        )
        _vocabulary[:] = [(version, made)]
    return _vocabulary[0][1]


def _named(kind: str, pk: int, slug: str, en: str, ar: str, used: int, aliases: Sequence[str] = ()) -> Named:
    names = [en, ar, *map(str, aliases)]
    stems = (
        frozenset(part for stem in tokens(name) for part in (stem, search.bones_of(stem)) if part)
        for name in names
    )
    return Named(kind, pk, slug, en, ar, used, tuple(dict.fromkeys(map(normalise, names))), tuple(stems))


def skills_named() -> list[Named]:
    """The active skills. One query, two where any has changed."""
    version = _version(Skill)
    if _kept.get("skill", (None, []))[0] != version:
        rows = Skill.objects.filter(is_active=True).values_list(
            "pk", "slug", "name_en", "name_ar", "usage_count", "aliases"
        )
        _kept["skill"] = (version, [_named("skill", *row) for row in rows])
    return _kept["skill"][1]


def categories_named() -> list[Named]:
    """The active categories. One query, two where any has changed."""
    version = _version(Category)
    if _kept.get("category", (None, []))[0] != version:
        rows = Category.objects.filter(is_active=True).values_list("pk", "slug", "name_en", "name_ar")
        _kept["category"] = (version, [_named("category", *row, used=0) for row in rows])
    return _kept["category"][1]


def skills_found(text: str) -> list[int]:
    """Ids of the skills that `text` names, or parts of whose names it is; the best first, `FOUND` at most.

    Either language, any spelling, a letter amiss: one query, two where a skill has changed.
    """
    plain = normalise(text[: search.QUERY_CHARACTERS])
    if not plain:
        return []
    words = search.query_words(text)
    scored = [(_fits(one, plain, words), one) for one in skills_named()]
    found = [(fit, one) for fit, one in scored if fit]
    found.sort(key=lambda pair: (-pair[0], -pair[1].used, pair[1].en))
    return [one.id for _, one in found[:FOUND]]


def begun(text: str, names: Sequence[Named]) -> list[Named]:
    """Those of `names` of which a word begins with `text`, whole names first."""
    plain = normalise(text[: search.QUERY_CHARACTERS])
    if not plain:
        return []
    found = [
        (0 if any(key.startswith(plain) for key in one.keys) else 1, -one.used, one.en, one)
        for one in names
        if any(key.startswith(plain) or f" {plain}" in key for key in one.keys)
    ]
    return [one for *_, one in sorted(found, key=lambda row: row[:3])]


def _fits(one: Named, plain: str, words: Sequence[search.Word]) -> float:
    """How well a skill's names fit: 5 the whole name, 4 its beginning, 3 a part, 2 all words' stems, up to 1 misspelt."""
    if plain in one.keys:
        return 5.0
    if any(key.startswith(plain) for key in one.keys):
        return 4.0
    if len(plain) > 1 and any(plain in key for key in one.keys):
        return 3.0
    if not words:
        return 0.0
    if any(all(word.stem in stems or word.bones in stems for word in words) for stems in one.stems):
        return 2.0
    return max((_nearly(key.split(), words) for key in one.keys), default=0.0)


def _nearly(key: Sequence[str], words: Sequence[search.Word]) -> float:
    """Which share of a name's words were meant, where every word of the query was meant for one; else 0."""
    for word in words:
        most = search.reach(word.text)
        if not most or all(search.spelling_distance(word.text, part, most) > most for part in key):
            return 0.0
    return min(1.0, len(words) / len(key))
