"""A message as the router reads it: its language, its words, and what kind of word each is."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ml.bilingual import known_words
from ml.chatbot.router.lexicon import Names, load
from ml.spelling import SHORTEST, Speller
from ml.text import normalise

Language = Literal["en", "ar", "latin"]
# What is wanted is said at the start; the rest of a long message is not read.
MOST_WORDS = 60
MOST_LETTERS = 1_000
# Finding what was meant by one takes half a millisecond.
MOST_MISTYPED = 4

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*[km]?")
_ARTICLES = frozenset({"el", "al"})
# A digit inside a word stands for an Arabic letter; before a unit, or in b2b, it does not.
_ARABIC_DIGIT = re.compile(r"(?=[0-9']*[a-z])(?=[a-z']*[235-9])[a-z235-9']{3,24}")
_NOT_ARABIC_DIGIT = re.compile(
    r"[0-9]+(?:k|m|d|h|s|st|nd|rd|th|am|pm|gb|mb|km|cm|px|min|mins|hrs?|egp|le|x|g)|[a-z]+[0-9]+|[a-z]2[a-z]|k8s|mp[34]"
)
_SIZES = (1, 2, 3, 4)
GUESS_BUCKETS = 1 << 12


@dataclass(frozen=True, slots=True)
class Reading:
    """`words` are normalised, without the article of Latin-letter Arabic; `names[i]` says what words[i] is."""

    language: Language
    words: tuple[str, ...]
    names: tuple[Names, ...]
    asked: bool

    @property
    def kinds(self) -> frozenset[str]:
        """Every name in the text."""
        return frozenset(name for names in self.names for name in names)


def is_number(word: str) -> bool:
    """Whether a normalised word is a number: 300, 1.5, 2k."""
    return _NUMBER.fullmatch(word) is not None


def has_arabic_digit(word: str) -> bool:
    """Whether a Latin word is spelt with a digit for a letter, as 3ayez is, but not 2k, 12th or b2b."""
    return _ARABIC_DIGIT.fullmatch(word) is not None and _NOT_ARABIC_DIGIT.fullmatch(word) is None


def pieces(word: str) -> list[int]:
    """Buckets of the pieces of a Latin word by which English and Arabic in Latin letters are told apart."""
    edged = f"<{word[:20]}>"
    found = [f"={word[:20]}", *(["#"] if has_arabic_digit(word) else [])]
    found += [edged[at : at + size] for size in _SIZES for at in range(len(edged) - size + 1)]
    return [zlib.crc32(piece.encode("utf-8", "replace")) % GUESS_BUCKETS for piece in found]


_UNKNOWN: Names = ("unknown",)
_SMALL: Names = ("small",)


def tag(words: list[str], language: Language) -> tuple[Names, ...]:
    """What each of the normalised `words` is; a phrase counts at its first word."""
    kinds = load("concepts.tsv")
    names = [["number"] if is_number(word) else list(kinds.names(word, language)) for word in words]
    for first, _, name in kinds.phrases(words, language):
        if name not in names[first]:
            names[first].append(name)
    return tuple(tuple(one) for one in names)


@cache
def _speller() -> Speller:
    """Corrects towards the words that say what is wanted."""
    return Speller(load("concepts.tsv").spellings())


def meant(words: list[str]) -> list[str]:
    """`words` with what was meant by those that are none; the first `MOST_MISTYPED` of them."""
    found, left = [], MOST_MISTYPED
    for word in words:
        if (
            left
            and len(word) >= SHORTEST
            and word.isalpha()
            and word not in _speller()
            and word not in known_words()
        ):
            left -= 1
            found.append(_speller().meant(word))
        else:
            found.append(word)
    return found


def words_of(text: str, language: Language) -> list[str]:
    """The normalised words of the start of `text`."""
    words = normalise(text[:MOST_LETTERS]).split()
    if language == "latin":
        words = [word for word in words if word not in _ARTICLES] or words
    words = words[:MOST_WORDS]
    return words if language == "latin" else meant(words)


def read(text: str, language: Language) -> Reading:
    """`text` as a message in `language`."""
    words = words_of(text, language)
    return Reading(language, tuple(words), tag(words, language), "?" in text or "؟" in text)
