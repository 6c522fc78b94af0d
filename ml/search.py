"""BM25F as an inner product: a document is a sparse row, a query another, and their product is the score, 0 to 1.

The document's side knows nothing of the corpus, so that a row never grows stale; the inverse document frequencies are
the query's. Light: the standard library and `ml.text`.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ml.text import arabic_share, normalise, skeleton, tokens

# pgvector's sparse vectors have at most 10^9 dimensions.
TERM_DIMENSIONS = 1 << 29
QUERY_CHARACTERS = 300
QUERY_WORDS = 16
MOST_TERMS = 4_000
LONGEST_WORD = 40
# What marks the skeleton of an Arabic stem, which is no word.
SKELETON_MARK = "~"
# English endings of whoever does a thing and of its science, which Snowball leaves: plumber, photography.
_ENDINGS = ("er", "or", "ist", "ic", "al", "i", "y")
SHORTEST_ROOT = 5

# BM25F (Zaragoza and others, TREC 2004): boosts of the fields, saturation, and how much length counts. The usual
# lengths stand in for the corpus's averages.
K1 = 1.2
BOOSTS = {"A": 3.0, "B": 2.0, "C": 1.0}
LENGTHS = {"A": 6.0, "B": 12.0, "C": 60.0}
LENGTH_SHARE = {"A": 0.3, "B": 0.2, "C": 0.6}
# Of a word's own weight: its skeleton's and its root's, and a pair's of the two words' mean.
SKELETON_WEIGHT = 0.35
ROOT_WEIGHT = 0.6
PAIR_WEIGHT = 0.25
# Pairs are kept of titles and names, and of the beginning of a text.
PAIRED_WORDS = 60
# A word that nobody has written stands for near ones, at this share of their weight for each letter amiss.
NEAR_WEIGHT = {1: 0.7, 2: 0.45}
NEAR_WORDS = 6

_LATIN, _ARABIC, _ARABIZI, _MIXED = "latin", "arabic", "arabizi", "mixed"
SCRIPTS = (_LATIN, _ARABIC, _ARABIZI, _MIXED)
_DIGIT_INSIDE = re.compile(r"(?<![^\W_])[a-z']*[23579][a-z'23579]*[a-z]{2,}(?![^\W_])")
_PIECE = re.compile(r"[^\s\u060c\u061b\u061f,;:!?()\[\]{}\"«»“”/|]+")


def term_id(term: str) -> int:
    """The column of a term, 0 to TERM_DIMENSIONS - 1."""
    return zlib.crc32(term.encode("utf-8", "replace")) % TERM_DIMENSIONS


def script_of(text: str) -> str:
    """One of SCRIPTS: which letters a text is in. Latin letters with digits for Arabic sounds are "arabizi"."""
    share = arabic_share(text)
    if share >= 0.8:
        return _ARABIC
    if share > 0.1:
        return _MIXED
    return _ARABIZI if _DIGIT_INSIDE.search(text.lower()) else _LATIN


@dataclass(frozen=True, slots=True)
class Document:
    """`words`: {lexeme: the best field it is in, "A" to "C"}; `terms`: {column: weight below 1}."""

    words: dict[str, str]
    terms: dict[int, float]
    script: str


def document(*, title: str, names: str, body: str) -> Document:
    """Index one document: its title, the names that go with it in every language, and its text."""
    fields = {"A": tokens(title), "B": tokens(names), "C": tokens(body)}
    counts: dict[str, float] = {}
    best: dict[str, str] = {}
    for name, stems in fields.items():
        share = LENGTH_SHARE[name]
        norm = BOOSTS[name] / (1 - share + share * len(stems) / LENGTHS[name]) if stems else 0.0
        for stem in stems:
            for term in _terms(stem):
                counts[term] = counts.get(term, 0.0) + norm
                best.setdefault(term, name)
        for pair in pairwise(stems[:PAIRED_WORDS]):
            term = " ".join(pair)
            counts[term] = counts.get(term, 0.0) + norm
    terms: dict[int, float] = {}
    for term in list(counts)[:MOST_TERMS]:
        column = term_id(term)
        terms[column] = max(terms.get(column, 0.0), round(counts[term] / (K1 + counts[term]), 4))
    return Document(
        words=dict(list(best.items())[:MOST_TERMS]), terms=terms, script=script_of(f"{title}\n{body}")
    )


def bones_of(stem: str) -> str:
    """What a stem shares with its derivations: an Arabic one's skeleton with the mark, an English one's root, or ""."""
    found = skeleton(stem)
    if found:
        return SKELETON_MARK + found
    if stem.isascii() and stem.isalpha():
        for ending in _ENDINGS:
            if stem.endswith(ending) and len(stem) - len(ending) >= SHORTEST_ROOT:
                return stem[: -len(ending)][:LONGEST_WORD]
    return ""


def _terms(stem: str) -> Iterable[str]:
    yield stem[:LONGEST_WORD]
    bones = bones_of(stem)
    if bones:
        yield bones


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query: as written (in one spelling), its stem, and what it shares with its derivations."""

    text: str
    stem: str
    bones: str


def query_words(text: str) -> list[Word]:
    """The words of a query that say something, each once, the first `QUERY_WORDS` of them."""
    found: dict[str, Word] = {}
    for plain in normalise(text[:QUERY_CHARACTERS]).split():
        for stem in tokens(plain):
            found.setdefault(stem, Word(plain, stem[:LONGEST_WORD], bones_of(stem)))
    return list(found.values())[:QUERY_WORDS]


def lexemes(words: Iterable[Word]) -> list[str]:
    """Every lexeme whose frequency `plan` asks for."""
    return [lexeme for word in words for lexeme in (word.stem, word.bones) if lexeme]


@dataclass(frozen=True, slots=True)
class Near:
    """A word of the vocabulary that was probably meant: its stem, as it is written, and how many letters are amiss."""

    stem: str
    shown: str
    distance: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the index.

    `terms`: {column: weight}; its product with a document's row is the lexical score, and no row gets more than 1.
    `gather`: the lexemes of which a candidate has at least one; the rest only score. `meant`: {word: what was probably
    meant instead}. `rarity`: how many words of the rarest kind the whole query is worth.
    """

    terms: dict[int, float]
    gather: tuple[str, ...]
    meant: dict[str, str]
    rarity: float = 0.0


def idf(documents: int, total: int) -> float:
    """Robertson and Spärck Jones's weight with BM25's + 1: never negative."""
    documents = min(documents, total)
    return math.log(1.0 + (total - documents + 0.5) / (documents + 0.5))


def plan(
    words: Sequence[Word],
    *,
    frequencies: Mapping[str, int],
    total: int,
    near: Mapping[str, Sequence[Near]] | None = None,
    budget: int = 10_000,
) -> Plan:
    """Weigh a query's words.

    `frequencies`: how many of `total` documents have each lexeme, of `lexemes(words)` and of the stems in `near`, which
    is asked only for a word that is in no document. Candidates are gathered by the rarest lexemes, as long as together
    they are in at most `budget` documents, and always by one.
    """
    near = near or {}
    total = max(total, max(frequencies.values(), default=0), 1)
    weights: dict[str, float] = {}
    best: list[float] = []
    meant: dict[str, str] = {}
    for word in words:
        chosen = _alternatives(word, frequencies, near.get(word.stem, ()))
        for lexeme, share in chosen.items():
            weights[lexeme] = max(weights.get(lexeme, 0.0), share * idf(frequencies.get(lexeme, 0), total))
        # A document has a word and its derivation, but one of several near words.
        most = max((weights[lexeme] for lexeme in chosen if lexeme != word.bones), default=0.0)
        best.append(most + (weights[word.bones] if word.bones in chosen else 0.0))
        if not is_known(word, frequencies) and near.get(word.stem):
            meant[word.text] = near[word.stem][0].shown
    gather = _gathered(weights, frequencies, budget)
    rarity = round(sum(best) / idf(0, total), 4)
    for (first, one), (second, two) in pairwise(list(zip(words, best, strict=True))):
        pair = PAIR_WEIGHT * (one + two) / 2
        if one and two:
            weights[f"{first.stem} {second.stem}"] = pair
            best.append(pair)
    whole = sum(best)
    terms = {term_id(term): round(weight / whole, 6) for term, weight in weights.items()} if whole else {}
    return Plan(
        terms={column: weight for column, weight in terms.items() if weight},
        gather=gather,
        meant=meant,
        rarity=rarity,
    )


def is_known(word: Word, frequencies: Mapping[str, int]) -> bool:
    """Whether any document has the word or a derivation of it."""
    return bool(frequencies.get(word.stem) or (word.bones and frequencies.get(word.bones)))


def _alternatives(word: Word, frequencies: Mapping[str, int], near: Sequence[Near]) -> dict[str, float]:
    """{lexeme: share of its weight} of what may stand for a word: itself and its derivations, or else near words."""
    found: dict[str, float] = {}
    if frequencies.get(word.stem):
        found[word.stem] = 1.0
    if word.bones and frequencies.get(word.bones):
        found[word.bones] = SKELETON_WEIGHT if word.bones.startswith(SKELETON_MARK) else ROOT_WEIGHT
    if not found:
        for one in near[:NEAR_WORDS]:
            if frequencies.get(one.stem):
                found[one.stem] = max(found.get(one.stem, 0.0), NEAR_WEIGHT.get(one.distance, 0.0))
    return found


def _gathered(weights: Mapping[str, float], frequencies: Mapping[str, int], budget: int) -> tuple[str, ...]:
    found: list[str] = []
    rows = 0
    for lexeme in sorted(weights, key=lambda one: (frequencies.get(one, 0), one)):
        rows += frequencies.get(lexeme, 0)
        if found and rows > budget:
            break
        found.append(lexeme)
    return tuple(found)


def score(terms: Mapping[int, float], row: Mapping[int, float]) -> float:
    """The product of a plan's terms and a document's: what the database computes as `-(terms <#> query)`."""
    return sum(weight * row.get(column, 0.0) for column, weight in terms.items())


# --- Spelling -------------------------------------------------------------------------------------------------------

SHORTEST_SPELT = 4
_PREFIX = 7


def reach(word: str) -> int:
    """How many letters of a word may be amiss: none of a short one, two of a long one."""
    if len(word) < SHORTEST_SPELT or not word.isalpha():
        return 0
    return 1 if len(word) < _PREFIX else 2


def deletion_keys(word: str, distance: int | None = None) -> set[int]:
    """Keys that two words share where they differ in at most `distance` letters, and few others do.

    Symmetric deletion over the first seven letters (Garbe's SymSpell, 2012); signed 32-bit numbers.
    """
    distance = reach(word) if distance is None else distance
    if not distance:
        return set()
    found = {word[:_PREFIX]}
    layer = set(found)
    for _ in range(distance):
        layer = {one[:place] + one[place + 1 :] for one in layer for place in range(len(one))}
        found |= layer
    return {zlib.crc32(one.encode("utf-8", "replace")) - (1 << 31) for one in found if len(one) >= 2}


def spelling_distance(one: str, two: str, most: int) -> int:
    """Letters to insert, delete, change or swap with the next, `most` + 1 where it is more."""
    if abs(len(one) - len(two)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(two) + 1))
    for place, letter in enumerate(one, start=1):
        earlier, before = before, row
        row = [place]
        for other, second in enumerate(two, start=1):
            cost = min(before[other] + 1, row[-1] + 1, before[other - 1] + (letter != second))
            swapped = place > 1 and other > 1 and letter == two[other - 2] and one[place - 2] == second
            row.append(min(cost, earlier[other - 2] + 1) if swapped else cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def nearest(word: Word, vocabulary: Iterable[tuple[str, Sequence[str], int]]) -> list[Near]:
    """The words of a vocabulary of (stem, as written, documents) that may have been meant, the likeliest first."""
    most = reach(word.text)
    found: list[tuple[int, int, int, Near]] = []
    for stem, written, documents in vocabulary:
        if stem == word.stem:
            continue
        spelt, shown = min(
            ((spelling_distance(word.text, normalise(form), most), form) for form in written or (stem,)),
            key=lambda pair: pair[0],
        )
        distance = max(1, min(spelt, spelling_distance(word.stem, stem, most)))
        if distance <= most:
            found.append((distance, spelt, -documents, Near(stem, shown, distance)))
    found.sort(key=lambda one: (*one[:3], one[3].stem))
    # What is further off than the nearest was not meant.
    return [near for distance, *_, near in found[:NEAR_WORDS] if distance == found[0][0]]


# --- Words where they stand -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A word of an original text: text[start:end], its stem, and what it shares with its derivations."""

    start: int
    end: int
    stem: str
    bones: str


def spans(text: str) -> list[Span]:
    """The words of an original text that say something, where they stand."""
    return [
        Span(piece.start(), piece.end(), stem, bones)
        for piece in _PIECE.finditer(text)
        for stem, bones in _of_piece(piece.group())
    ]


@lru_cache(maxsize=50_000)
def _of_piece(piece: str) -> tuple[tuple[str, str], ...]:
    return tuple((stem[:LONGEST_WORD], bones_of(stem)) for stem in tokens(piece))


def surfaces(text: str) -> dict[str, str]:
    """{stem: how the text writes it first}, in small letters."""
    found: dict[str, str] = {}
    for span in spans(text):
        shown = text[span.start : span.end].strip(".-_'’ـ").lower()
        if 1 < len(shown) <= LONGEST_WORD:
            found.setdefault(span.stem, shown)
    return found


def marked(text: str, wanted: Collection[str], *, width: int = 160) -> tuple[str, list[tuple[int, int]]]:
    """The part of `text` with most of the `wanted` lexemes, about `width` characters, and where they stand in it.

    Without any of them, the beginning and no places.
    """
    hits = [span for span in spans(text) if span.stem in wanted or span.bones in wanted]
    first, most = 0, 0
    for number, hit in enumerate(hits):
        kinds = {one.stem for one in hits[number:] if one.end <= hit.start + width}
        if len(kinds) > most:
            first, most = number, len(kinds)
    begin = 0
    if hits and hits[first].start > width // 4 and len(text) > width:
        begin = max(0, min(hits[first].start - width // 4, len(text) - width))
        cut = text.find(" ", begin)
        begin = cut + 1 if 0 <= cut < hits[first].start else begin
    end = min(len(text), begin + width)
    if end < len(text):
        cut = text.rfind(" ", begin + 1, end)
        end = cut if cut > begin else end
    places = dict.fromkeys(
        (hit.start - begin, hit.end - begin) for hit in hits if hit.start >= begin and hit.end <= end
    )
    return text[begin:end], list(places)
