"""Lists of words with a name each, in English, Arabic and Arabic in Latin letters, found in a text however spelt.

A file has a line a name: the name, then words of the three languages, tabs between, spaces between words; `_` joins
the words of a phrase and a last `*` stands for any ending. Latin-letter words are compared by their soft form
(`ml.chatbot.arabizi`) and, where none is, by the consonants they share with an Arabic word that no `!` precedes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from ml.chatbot.arabizi import edges, key, soft
from ml.text import is_arabic_word, normalise

DATA = Path(__file__).parents[2] / "data" / "chatbot"
_PREFIXES = ("وال", "بال", "فال", "كال", "لل", "ال", "هال", "و", "ف", "ب", "ل", "ه", "ك", "ع")
_SUFFIXES = ("هولي", "هالي", "لي", "ني", "ها", "هم", "كم", "نا", "ين", "ات", "وا", "تي", "ك", "ه", "ي", "ا")
_LATIN_ARTICLES = ("lil", "fil", "bil", "wil", "il", "al", "l")
# Fewer consonants than these are those of too many words.
_LEAST_KEY = 3
_LEAST_REST = 3

Names = tuple[str, ...]
Found = tuple[int, int, str]


class Lexicon:
    """One file of named words."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Raises ValueError for a line that has not four fields."""
        self._exact: dict[str, dict[str, list[str]]] = {"en": {}, "ar": {}, "latin": {}}
        self._kin: dict[str, list[str]] = {}
        self._starts: dict[str, list[tuple[str, str]]] = {"en": [], "ar": [], "latin": []}
        self._phrases: dict[str, dict[str, list[tuple[tuple[str, ...], str]]]] = {
            "en": {},
            "ar": {},
            "latin": {},
        }
        for line in lines:
            if line.strip():
                name, *columns = line.rstrip("\n").split("\t")
                if len(columns) != 3:
                    raise ValueError(f"{name!r}: a line has a name and three columns")
                for language, column in zip(("en", "ar", "latin"), columns, strict=True):
                    for entry in column.split():
                        self._add(name, language, entry)

    def _add(self, name: str, language: str, entry: str) -> None:
        words = tuple(normalise(entry.strip("!*").replace("_", " ")).split())
        if language == "latin":
            words = tuple(soft(word) for word in words if word not in {"el", "al"})
        if not words:
            return
        if len(words) > 1:
            self._phrases[language].setdefault(words[0], []).append((words, name))
            return
        _note(self._exact[language], words[0], name)
        if entry.endswith("*"):
            self._starts[language].append((words[0], name))
        if language == "ar" and entry[0] != "!" and len(consonants := key(words[0])) >= _LEAST_KEY:
            kin = self._kin.setdefault(consonants, [])
            if words[0] not in kin:
                kin.append(words[0])

    def spellings(self) -> Iterator[str]:
        """Every English and Arabic word, in the order of the file."""
        for language in ("en", "ar"):
            yield from self._exact[language]
            for phrases in self._phrases[language].values():
                yield from (word for phrase, _ in phrases for word in phrase)

    def names(self, word: str, language: str) -> Names:
        """The names of one normalised word of a text in `language`, none for an unknown one."""
        if is_arabic_word(word):
            return self._arabic(word)
        return self._latin(word) if language == "latin" else tuple(self._exact["en"].get(word, ()))

    def _arabic(self, word: str) -> Names:
        exact = self._exact["ar"]
        if word in exact:
            return tuple(exact[word])
        for prefix in _PREFIXES:
            if (
                word.startswith(prefix)
                and len(word) - len(prefix) >= _LEAST_REST
                and word[len(prefix) :] in exact
            ):
                return tuple(exact[word[len(prefix) :]])
        begun = tuple(dict.fromkeys(name for start, name in self._starts["ar"] if word.startswith(start)))
        if begun:
            return begun
        for suffix in _SUFFIXES:
            if (
                word.endswith(suffix)
                and len(word) - len(suffix) >= _LEAST_REST
                and word[: -len(suffix)] in exact
            ):
                return tuple(exact[word[: -len(suffix)]])
        return ()

    def _latin(self, word: str) -> Names:
        exact, sound = self._exact["latin"], soft(word)
        if sound in exact:
            return tuple(exact[sound])
        for article in _LATIN_ARTICLES:
            if (
                sound.startswith(article)
                and len(sound) - len(article) >= _LEAST_REST
                and sound[len(article) :] in exact
            ):
                return tuple(exact[sound[len(article) :]])
        begun = tuple(
            dict.fromkeys(
                name for start, name in self._starts["latin"] if len(start) > 3 and sound.startswith(start)
            )
        )
        if begun:
            return begun
        if word in self._exact["en"]:
            return tuple(self._exact["en"][word])
        return tuple(dict.fromkeys(name for kin in self.kin(word) for name in self._exact["ar"][kin]))

    def kin(self, word: str) -> list[str]:
        """The Arabic words that a Latin-letter one may stand for: the same consonants, and the likest edges."""
        consonants = key(word)
        found = self._kin.get(consonants, []) if len(consonants) >= _LEAST_KEY else []
        if len(found) < 2:
            return found
        shape = edges(word)
        alike = {one: sum(a == b for a, b in zip(shape, edges(one), strict=True)) for one in found}
        return [one for one in found if alike[one] == max(alike.values())]

    def phrases(self, words: Sequence[str], language: str) -> list[Found]:
        """Phrases in normalised `words`: (first, past the last, name), the longest at each place."""
        found: list[Found] = []
        kinds = ("latin", "en") if language == "latin" else (language,)
        for kind in dict.fromkeys((*kinds, "ar")):
            table = self._phrases[kind]
            spelt = [soft(word) for word in words] if kind == "latin" else words
            for at, word in enumerate(spelt):
                fitting = [
                    (len(phrase), name)
                    for phrase, name in table.get(word, ())
                    if tuple(spelt[at : at + len(phrase)]) == phrase
                ]
                longest = max((size for size, _ in fitting), default=0)
                found += [(at, at + size, name) for size, name in fitting if size == longest]
        return found


def _note(table: dict[str, list[str]], word: str, name: str) -> None:
    names = table.setdefault(word, [])
    if name not in names:
        names.append(name)


@lru_cache(maxsize=8)
def load(name: str) -> Lexicon:
    """The lexicon in the file `name` of ml/data/chatbot; read once. Raises OSError and ValueError."""
    return Lexicon((DATA / name).read_text(encoding="utf-8").splitlines())
