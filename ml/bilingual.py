"""English by the sentence-transformer, everything else by a static encoder in its space, and both for what is mixed.

A model of this kind is a folder with the static encoder's files (`ml.subword`) whose config.json names its base, the
sentence-transformer. Of a text with a share `e` of English words, `s` the base's vector of those and `t` the static
one of the whole, the vector is `e * s + (1 - e + e * support) * t`, made a unit vector: the static encoder alone for
Arabic and for Arabic in Latin letters, and a support for English. Before that, a word of a short text that is no word
is taken for the one that was meant (`ml.spelling`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.spelling import MOST_WORDS, Speller, speller
from ml.subword import SubwordEncoder
from ml.text import arabic_share, is_arabic_word, latin_part, normalise

FOLDER = Path(__file__).parent / "data" / "encoder"
NAME = "multitask-bilingual"
WORDS = "words.txt"
SUPPORT = 0.8
# From this probability on, the Latin words of a text are Arabic ones in Latin letters.
ROMANISED = 0.5

Sentences = Callable[[Sequence[str]], NDArray[np.float32]]


def base_of(folder: Path) -> str | None:
    """The name of the base of the bilingual model in `folder`, None where it holds no such model."""
    try:
        about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    base = about.get("base") if isinstance(about, dict) else None
    return base if isinstance(base, str) and (folder / "rows.npy").is_file() else None


def known_words() -> Speller:
    """The words of both languages that the shipped encoder was built with."""
    return speller(FOLDER / WORDS)


class Bilingual:
    """Combines both encoders. `sentences` gives the base's unit vectors of English texts."""

    def __init__(self, folder: Path, sentences: Sentences) -> None:
        """Raises ValueError where the static encoder's files are not whole."""
        self._static = SubwordEncoder(folder)
        try:
            self._speller = speller(folder / WORDS)
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the list of words in {folder} cannot be read: {error}") from error
        self._sentences = sentences
        self.dimensions = self._static.dimensions

    def english(self, text: str) -> tuple[str, float]:
        """What of `text` the base can read, "" for nothing, and the share of the words it is."""
        latin = latin_part(text)
        if not latin or self._static.romanised(latin) >= ROMANISED:
            return "", 0.0
        return latin, 1.0 - arabic_share(text)

    def meant(self, text: str) -> str:
        """`text` with what was meant by each mistyped word of a short one; itself where nothing is amiss."""
        words = normalise(text).split()
        if not words or len(words) > MOST_WORDS:
            return text
        latin = latin_part(text)
        is_english = bool(latin) and self._static.romanised(latin) < ROMANISED
        found = [self._speller.meant(word) if is_english or is_arabic_word(word) else word for word in words]
        return text if found == words else " ".join(found)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (len(texts), dimensions), unit vectors; zeros for a text without a word in either script."""
        texts = [self.meant(text) for text in texts]
        vectors = self._static.encode(texts)
        parts = [self.english(text) for text in texts]
        readable = [row for row, (latin, _) in enumerate(parts) if latin]
        if readable:
            found = self._sentences([parts[row][0] for row in readable])
            share = np.array([parts[row][1] for row in readable], dtype=np.float32)[:, None]
            vectors[readable] = share * found + (1.0 - share + share * SUPPORT) * vectors[readable]
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)
