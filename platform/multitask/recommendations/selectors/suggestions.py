"""What one may be about to type: skills, categories, and words that stand together in titles."""

from __future__ import annotations

from dataclasses import dataclass

from ml import search
from ml.text import arabic_share, normalise
from multitask.recommendations.models import SearchPhrase
from multitask.recommendations.selectors.skill_names import begun, categories_named, skills_named

SUGGESTIONS = 8
NAMES = 3
# A single letter begins too many phrases to be worth reading them.
LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`kind` is "skill", "category" or "phrase"; `slug` is empty for a phrase."""

    text: str
    kind: str
    slug: str = ""


def suggestions(text: str) -> list[Suggestion]:
    """Up to `SUGGESTIONS` ways to go on from `text`, in the script it is typed in. Three queries at most."""
    plain = normalise(text[: search.QUERY_CHARACTERS])
    if not plain:
        return []
    arabic = arabic_share(plain) > 0.5
    found = [
        Suggestion(one.ar if arabic else one.en, one.kind, one.slug)
        for one in [*begun(text, categories_named())[:1], *begun(text, skills_named())[:NAMES]]
    ]
    if len(plain) >= LEAST_LETTERS:
        phrases = SearchPhrase.objects.filter(key__startswith=plain).order_by("-documents", "key")
        found += [
            Suggestion(shown, "phrase") for shown in phrases.values_list("shown", flat=True)[:SUGGESTIONS]
        ]
    distinct = {normalise(one.text): one for one in reversed(found)}
    return [one for one in found if distinct.get(normalise(one.text)) is one][:SUGGESTIONS]
