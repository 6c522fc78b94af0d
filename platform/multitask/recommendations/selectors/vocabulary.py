"""The words that documents have: how common they are, and which of them a misspelt word may be."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ml import search
from multitask.recommendations.models import SearchTerm

TOTAL = ""
# Words beyond the first few that nobody has written are not looked for under another spelling.
SPELT = 4
CANDIDATES = 300


def frequencies(lexemes: Collection[str]) -> dict[str, int]:
    """{lexeme: how many documents have it} of those that any has; under "" how many documents there are. One query."""
    rows = SearchTerm.objects.filter(term__in={*lexemes, TOTAL}, documents__gt=0)
    return dict(rows.values_list("term", "documents"))


def near_words(words: Sequence[search.Word]) -> dict[str, list[search.Near]]:
    """{stem: words of the vocabulary that may have been meant} of words that are in no document. One query."""
    asked = {
        word.stem: (word, search.deletion_keys(word.text) | search.deletion_keys(word.stem))
        for word in words[:SPELT]
        if search.reach(word.text)
    }
    keys = set().union(*(found for _, found in asked.values())) if asked else set()
    if not keys:
        return {}
    rows = SearchTerm.objects.filter(near__overlap=sorted(keys), documents__gt=0).order_by(
        "-documents", "term"
    )
    candidates = [
        (term, written, documents, set(near))
        for term, written, documents, near in rows.values_list("term", "written", "documents", "near")[
            : CANDIDATES * len(asked)
        ]
    ]
    return {
        stem: search.nearest(word, [row[:3] for row in candidates if row[3] & own])
        for stem, (word, own) in asked.items()
    }
