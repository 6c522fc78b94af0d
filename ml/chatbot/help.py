"""Questions about the product and their answers in both languages: what the help page lists and the assistant says.

A question finds its answer by words and by meaning. Words: the cosine of TF-IDF rows of stems, of consonants (one key
for Arabic and for Arabic in Latin letters, `ml.chatbot.arabizi`) and of three letters in a row, with every wording of
an entry. Meaning: the cosine of the project's own encoder, where the caller passes one in. Both are mixed, and the
best entry's lead over the second counts into the confidence.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.chatbot.arabizi import key, soft
from ml.chatbot.flows.sentences import Sentence
from ml.chatbot.flows.turns import Go, Say, Turn
from ml.chatbot.pages import PAGES
from ml.text import normalise, stem

FILE = Path(__file__).parents[1] / "data" / "chatbot" / "help.json"
CONCEPTS = FILE.with_name("help_concepts.tsv")

Encode = Callable[[str], NDArray[np.float32]]

# Fitted on the wordings of the base itself, each left out in turn.
MEANING = 0.25
WHOLE = 0.6
CERTAIN = 0.5  # from this confidence on the answer is given as it is
LEAST = 0.3  # below it there is no answer
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Link:
    path: str
    label: Sentence


@dataclass(frozen=True, slots=True)
class Entry:
    """`wordings` are the question in both languages and other ways to ask it, Arabic in Latin letters among them."""

    id: str
    question: Sentence
    answer: Sentence
    links: tuple[Link, ...]
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The entry that answers best; `confidence` 0 to 1."""

    entry: Entry
    confidence: float

    @property
    def is_certain(self) -> bool:
        return self.confidence >= CERTAIN


@cache
def entries() -> tuple[Entry, ...]:
    """The base, in the order of the help page."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    pages = {path: Sentence(**names) for path, names in data["pages"].items()}
    return tuple(
        Entry(
            id=one["id"],
            question=Sentence(**one["question"]),
            answer=Sentence(**one["answer"]),
            links=tuple(Link(path, pages[path]) for path in one["links"]),
            wordings=(*one["question"].values(), *(text for also in one["also"].values() for text in also)),
        )
        for one in data["entries"]
    )


def listed(language: str) -> list[dict[str, Any]]:
    """Every entry as the help page shows it: [{"id", "question", "answer", "links": [{"label", "path"}]}]."""
    return [
        {
            "id": one.id,
            "question": one.question.of(language),
            "answer": one.answer.of(language),
            "links": [{"label": link.label.of(language), "path": link.path} for link in one.links],
        }
        for one in entries()
    ]


# Words --------------------------------------------------------------------------------------------------------------

_STEM, _CONCEPT, _KEY, _LETTERS = 0.7, 2.2, 0.3, 0.1
# Words that ask, which half the questions share; stems of both languages and consonants alike.
_DULL = frozenset(
    normalise(
        "a an the to in on of is are am be do does did i me my you your we it this that and or for with can could will "
        "would how what where when why who which there here please want tell about if one في من على عن هل ما ماذا كيف لماذا "
        "متى اين أين من مين فين ازاي إزاي ليه ايه امتى انا أنا لي بتاعي بتاعتي هنا ده دي اللي الي لو او أو ممكن عايز عاوز "
        "ezay ezzay izay eh leh emta fen feen meen ana el fel 3ala 3la f fi w wala lel da de elly law momken 3ayez hena bta3y "
        "bta3ty b l mn men msh mesh ya3ny"
    ).split()
)


@cache
def _concepts() -> dict[str, tuple[str, ...]]:
    """{form of a word: names of what it may mean}, the same name in every language."""
    found: dict[str, set[str]] = {}
    for line in CONCEPTS.read_text(encoding="utf-8").splitlines():
        name, *columns = line.split("\t")
        for word in normalise(" ".join(columns)).split():
            if word not in _DULL:
                for form in _forms(word):
                    found.setdefault(form, set()).add(f"={name}")
    return {form: tuple(sorted(names)) for form, names in found.items()}


# What Egyptian verbs and nouns carry before and after: "هيدفعلي" and "hayedfa3ly" are about "دفع" and "daf3".
_BEFORE = ("هي", "هت", "هن", "بي", "بت", "بن", "ها", "ال", "ي", "ت", "ن", "ا", "ب", "ه")
_AFTER = ("هاش", "لي", "لك", "له", "ني", "ها", "هم", "وا", "تي", "وش", "ه", "ي", "ش", "و")
_BEFORE_LATIN = (
    "ha",
    "hai",
    "hat",
    "hit",
    "bai",
    "bi",
    "bit",
    "bt",
    "ai",
    "ii",
    "i",
    "ti",
    "ni",
    "a",
    "b",
    "t",
)
_AFTER_LATIN = ("ha", "li", "ni", "lk", "lo", "o", "i", "4", "ti", "it")


def _forms(word: str) -> tuple[str, ...]:
    return (stem(word), f"~{soft(word)}") if word.isascii() else (stem(word),)


@lru_cache(maxsize=20_000)
def _meant(word: str) -> tuple[str, ...]:
    """The concepts of a word, of its stem, or of what is left without an Egyptian prefix and suffix."""
    concepts = _concepts()
    for form in _forms(word):
        if form in concepts:
            return concepts[form]
    is_latin = word.isascii()
    plain = soft(word) if is_latin else word
    before, after = (_BEFORE_LATIN, _AFTER_LATIN) if is_latin else (_BEFORE, _AFTER)
    for head in ("", *before):
        for tail in ("", *after):
            if head + tail and plain.startswith(head) and plain.endswith(tail):
                rest = plain[len(head) : len(plain) - len(tail)]
                form = f"~{rest}" if is_latin else stem(rest) if rest else ""
                if len(rest) >= 3 and form in concepts:
                    return concepts[form]
    return ()


def _features(text: str) -> Iterator[tuple[str, float]]:
    words = normalise(text[:LONGEST]).split()
    telling = [word for word in words if word not in _DULL] or words
    for word in telling:
        yield stem(word), _STEM
        meant = _meant(word)
        for name in meant:
            yield name, _CONCEPT / len(meant)
        consonants = key(word)
        if len(consonants) >= 2:
            yield f"~{consonants}", _KEY
        padded = f"^{word}$"
        for start in range(len(padded) - 2):
            yield f"#{padded[start : start + 3]}", _LETTERS


def _row(text: str, rarity: Mapping[str, float], unseen: float) -> dict[str, float]:
    """A unit row of {feature: weight}; what no wording has counts into its length."""
    counts: Counter[str] = Counter()
    weights: dict[str, float] = {}
    for name, weight in _features(text):
        counts[name] += 1
        weights[name] = weight
    row = {
        name: weights[name] * (1.0 + math.log(count)) * rarity.get(name, unseen)
        for name, count in counts.items()
    }
    length = math.sqrt(sum(value * value for value in row.values())) or 1.0
    return {name: value / length for name, value in row.items()}


class Base:
    """The entries ready to be asked."""

    def __init__(self) -> None:
        self.wordings = [(number, text) for number, one in enumerate(entries()) for text in one.wordings]
        self._exact = {normalise(text): number for number, text in reversed(self.wordings)}
        self.owner = np.array([number for number, _ in self.wordings])
        seen: Counter[str] = Counter()
        for _, text in self.wordings:
            seen.update({name for name, _ in _features(text)})
        total = len(self.wordings)
        self._rarity = {name: math.log((1 + total) / (1 + count)) + 1.0 for name, count in seen.items()}
        self._unseen = math.log(1 + total) + 1.0
        self._index: dict[str, list[tuple[int, float]]] = {}
        for place, (_, text) in enumerate(self.wordings):
            for name, value in _row(text, self._rarity, self._unseen).items():
                self._index.setdefault(name, []).append((place, value))
        self._sizes = np.bincount(self.owner, minlength=len(entries())).clip(1)
        self._vectors: tuple[Encode, NDArray[np.float32]] | None = None

    def by_words(self, text: str) -> NDArray[np.float64]:
        """0 to 1 for each wording."""
        scores = np.zeros(len(self.wordings))
        for name, value in _row(text, self._rarity, self._unseen).items():
            for place, other in self._index.get(name, ()):
                scores[place] += value * other
        return scores

    def by_meaning(self, text: str, encode: Encode) -> NDArray[np.float64]:
        """For each entry the better cosine of its question in both languages, 0 at least.

        The first call of an encoder encodes all the questions (see `warm`).
        """
        cosines = self.vectors(encode) @ encode(text[:LONGEST])
        return np.maximum(0.0, cosines.reshape(-1, 2).max(axis=1).astype(np.float64))

    def vectors(self, encode: Encode) -> NDArray[np.float32]:
        """Two rows an entry by `encode`, kept with it."""
        if self._vectors is None or self._vectors[0] != encode:
            questions = [text for one in entries() for text in (one.question.en, one.question.ar)]
            self._vectors = encode, np.stack([encode(text) for text in questions])
        return self._vectors[1]

    def scores(self, text: str, encode: Encode | None = None) -> NDArray[np.float64]:
        """How well each entry answers: its best wording, and WHOLE times what its wordings have on average."""
        words = self.by_words(text)
        best = np.zeros(len(self._sizes))
        np.maximum.at(best, self.owner, words)
        if encode is not None:
            best = (1.0 - MEANING) * best + MEANING * self.by_meaning(text, encode)
        mean = np.bincount(self.owner, weights=words, minlength=len(self._sizes)) / self._sizes
        return best + WHOLE * mean

    def ask(self, text: str, encode: Encode | None = None) -> tuple[int, float] | None:
        """(number of the entry, confidence) of the best entry, None for a text without words."""
        if not normalise(text[:LONGEST]):
            return None
        own = self._exact.get(normalise(text[:LONGEST]))
        if own is not None:
            return own, 1.0
        scores = self.scores(text, encode)
        first, second = (int(one) for one in np.argsort(-scores, kind="stable")[:2])
        return first, confidence(float(scores[first]), float(scores[second]), by_meaning=encode is not None)


def confidence(best: float, second: float, *, by_meaning: bool) -> float:
    """0 to 1 from the best score and its lead over the second.

    Logistic regression on the wordings, each left out in turn, beside talk about other things (the GENERAL_CHAT lines
    of `ml/data/chatbot/examples_*.tsv`).
    """
    level, lead, constant = (4.6, 3.5, -4.4) if by_meaning else (3.9, 3.8, -4.2)
    return 1.0 / (1.0 + math.exp(-(level * best + lead * (best - second) + constant)))


@cache
def base() -> Base:
    """The one base of this process; built in some 20 ms."""
    return Base()


def warm(encode: Encode) -> None:
    """Encode the questions now, which takes about a second, rather than when somebody asks."""
    base().vectors(encode)


def answer(text: str, *, encode: Encode | None = None, least: float = LEAST) -> Found | None:
    """The entry that answers `text`, or None where nothing does with a confidence of `least`.

    `encode` gives unit vectors of short texts (`ml.encoder.QueryEncoder.encode`); pass the same function each time.
    Without it the words answer alone.
    """
    asked = base().ask(text, encode)
    if asked is None or asked[1] < least:
        return None
    return Found(entries()[asked[0]], round(asked[1], 4))


def turn_of(found: Found | None) -> Turn:
    """The answer as a turn, a guess named as one, with a link to the first page it speaks of."""
    if found is None:
        return Turn(None, (Say("help.none"),), action=Go("/help", _said(Sentence(*PAGES["/help"]))))
    entry = found.entry
    guess = () if found.is_certain else (Say("help.guess", {"question": entry.question}),)
    link = next((one for one in entry.links if one.path in PAGES), None)
    return Turn(
        None,
        (*guess, Say("help.answer", {"en": entry.answer.en, "ar": entry.answer.ar})),
        action=Go(link.path, _said(link.label)) if link else None,
    )


def _said(text: Sentence) -> Say:
    return Say("as_is", {"en": text.en, "ar": text.ar})
