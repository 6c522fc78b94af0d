"""The word that was meant where a word of a short query is no word: one letter amiss, the commonest known word wins.

After Norvig ("How to write a spelling corrector", 2007): every word one insertion, deletion, change or swap away is
looked up; nothing is computed beforehand but the list of known words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from ml.text import is_arabic_word, stem

SHORTEST = 4
# Longer texts name things that no list knows; a query rarely does.
MOST_WORDS = 8
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ARABIC = "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي"


class Speller:
    """Corrects words by a list of known ones, the commonest first."""

    def __init__(self, words: Iterable[str]) -> None:
        self._rank: Mapping[str, int] = {word: rank for rank, word in enumerate(dict.fromkeys(words))}
        self._stems = frozenset(stem(word) for word in self._rank if is_arabic_word(word))

    def __contains__(self, word: str) -> bool:
        """Whether a normalised word is known; an Arabic one also with other endings and prefixes."""
        return word in self._rank or (is_arabic_word(word) and not self._stems.isdisjoint(_bare(word)))

    def meant(self, word: str) -> str:
        """What was probably meant by a normalised word; the word itself where it is known, short, or near nothing."""
        if len(word) < SHORTEST or not word.isalpha() or word in self:
            return word
        found = [(self._rank[one], one) for one in _near(word) if one in self._rank]
        return min(found)[1] if found else word

    def corrected(self, words: list[str]) -> list[str]:
        """`words` with what was meant by each; longer texts are left as they are."""
        return [self.meant(word) for word in words] if len(words) <= MOST_WORDS else words


@lru_cache(maxsize=4)
def speller(path: Path) -> Speller:
    """The speller of a file with a word a line, the commonest first; read once.

    Raises OSError and UnicodeDecodeError.
    """
    return Speller(path.read_text(encoding="utf-8").split())


def _bare(word: str) -> Iterator[str]:
    """Stems of an Arabic word, with and without a first letter that may be a preposition or a verb's."""
    yield stem(word)
    if word[0] in "وفبلكيتنا":
        yield stem(word[1:])
    if word[:2] in {"بي", "بت", "هي", "هت", "ال"}:
        yield stem(word[2:])


def _near(word: str) -> Iterator[str]:
    letters = _LATIN if word.isascii() else _ARABIC
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in letters:
            if tail:
                yield head + letter + tail[1:]
            yield head + letter + tail
