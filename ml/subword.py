"""A static encoder for what a Latin-script model cannot read: words and pieces of words, summed, in that model's space.

A text is its words; a word is the mean of the rows of its pieces (itself, its stem, its character 3- to 5-grams, and a
key of its consonants that is the same in Arabic and in Latin letters, so that "sabbak" and "سباك" share it). Words are
averaged with learned weights, and a linear map with one hidden layer beside it leads into the space of the sentence
encoder it was trained towards (`ml.training`; pieces after Bojanowski et al., 2017, hashed without a vocabulary).
Nothing but numpy is needed, and a title takes a fraction of a millisecond.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.text import is_arabic_word, normalise, stem

BUCKETS = 1 << 17
LONGEST = 160
_WORD_LENGTH = 24
_SIZES = (3, 4, 5)

# One Latin letter for a consonant of either script; what Egyptians write in several ways is one letter.
_ARABIC_CONSONANT = dict(zip("بتثجحخدذرزسشصضطظعغفقكلمنهوي", "btsghxdzrzs$sdtz3gfkklmnhwy", strict=True))
_LATIN_CONSONANT = {
    **{letter: letter for letter in "bdfgklmnrstzxhwy$"},
    **dict(zip("qjvpc", "kgfbk", strict=True)),
    **dict(zip("356789", "3xthgs", strict=True)),
}
_DIGRAPHS = (
    ("kh", "x"),
    ("gh", "g"),
    ("sh", "$"),
    ("ch", "$"),
    ("th", "s"),
    ("dh", "z"),
    ("ph", "f"),
    ("ck", "k"),
)
_DOUBLED = re.compile(r"(.)\1+")


def consonants(word: str) -> str:
    """The consonants of a normalised word in one Latin spelling for both scripts; "" where there are none.

    "سباك", "sabak" and "sabbak" are all "sbk"; w and y count at the start only, a last h not at all.
    """
    if is_arabic_word(word):
        key = "".join(_ARABIC_CONSONANT.get(letter, "") for letter in word)
    else:
        for pair, letter in _DIGRAPHS:
            word = word.replace(pair, letter)
        key = "".join(_LATIN_CONSONANT.get(letter, "") for letter in word)
    key = _DOUBLED.sub(r"\1", key)
    if not key:
        return ""
    rest = key[1:].replace("w", "").replace("y", "").removesuffix("h")
    return _DOUBLED.sub(r"\1", key[0] + rest)


def _bucket(piece: str) -> int:
    return zlib.crc32(piece.encode("utf-8", "replace")) % BUCKETS


@lru_cache(maxsize=100_000)
def pieces(word: str) -> tuple[int, ...]:
    """Buckets of the pieces of one normalised word, the word's own first."""
    found = [_bucket(f"w{word}")]
    short = stem(word)
    if short != word:
        found.append(_bucket(f"s{short}"))
    edged = f"<{word[:_WORD_LENGTH]}>"
    for size in _SIZES:
        found += [_bucket(f"g{edged[at : at + size]}") for at in range(len(edged) - size + 1)]
    keys = {consonants(word)}
    if is_arabic_word(word):
        keys.add(consonants(short))
    elif len(word) > 4 and word[:2] in {"el", "al"}:
        keys.add(consonants(word[2:]))
    for key in sorted(keys):
        if len(key) >= 2:
            found.append(_bucket(f"z{key}"))
            edged = f"<{key}>"
            found += [_bucket(f"y{edged[at : at + 3]}") for at in range(len(edged) - 2)]
    return tuple(found)


class Table:
    """The trained numbers of one encoder, as `save` wrote them; rows of the table are mapped from the file."""

    def __init__(self, folder: Path) -> None:
        """Raises ValueError where the files are not there or do not fit together."""
        try:
            self.about: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self.rows = np.load(folder / "rows.npy", mmap_mode="r", allow_pickle=False)
            with np.load(folder / "head.npz", allow_pickle=False) as head:
                self.head = {name: head[name].astype(np.float32) for name in head.files}
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(f"the static encoder in {folder} cannot be read: {error}") from error
        if self.rows.shape != (BUCKETS, self.head["project"].shape[0]) or self.about.get("format") != 1:
            raise ValueError(f"the static encoder in {folder} is not of this version: build it again")


def save(
    folder: Path, *, rows: NDArray[np.float32], head: dict[str, NDArray[np.float32]], about: dict[str, Any]
) -> None:
    """Write a table: `rows` as int8 with one scale a row, everything else as float16."""
    folder.mkdir(parents=True, exist_ok=True)
    scale = np.maximum(np.abs(rows).max(axis=1), 1e-8) / 127.0
    np.save(folder / "rows.npy", np.rint(rows / scale[:, None]).astype(np.int8))
    np.savez_compressed(
        folder / "head.npz",
        **{name: value.astype(np.float16) for name, value in {**head, "scale": scale}.items()},
    )
    text = json.dumps({**about, "format": 1}, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / "config.json").write_text(text + "\n", encoding="utf-8")


class SubwordEncoder:
    """Turns texts of either script into unit vectors of the space it was trained towards."""

    def __init__(self, folder: Path) -> None:
        """Raises ValueError (see `Table`)."""
        self._table = Table(folder)
        head = self._table.head
        self._scale, self._gate, self._latin = head["scale"], head["gate"], head["romanised"]
        self.dimensions = int(head["project"].shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (len(texts), dimensions); a row of zeros for a text without a word."""
        return (
            np.stack([self._one(text) for text in texts])
            if texts
            else np.zeros((0, self.dimensions), np.float32)
        )

    def _one(self, text: str) -> NDArray[np.float32]:
        words = normalise(text).split()[:LONGEST]
        if not words:
            return np.zeros(self.dimensions, dtype=np.float32)
        found = [pieces(word) for word in words]
        flat = np.fromiter((bucket for word in found for bucket in word), dtype=np.int64)
        starts = np.cumsum([0, *(len(word) for word in found[:-1])])
        counts = np.array([len(word) for word in found], dtype=np.float32)
        rows = self._table.rows[flat].astype(np.float32) * self._scale[flat][:, None]
        each = np.add.reduceat(rows, starts, axis=0) / counts[:, None]
        gate = np.exp(np.add.reduceat(self._gate[flat], starts) / counts)
        pooled = (each * gate[:, None]).sum(axis=0)
        head = self._table.head
        pooled *= np.sqrt(len(pooled)) / max(float(np.linalg.norm(pooled)), 1e-9)
        out = pooled @ head["project"]
        if "up" in head:
            hidden = np.maximum(pooled @ head["up"] + head["up_bias"], 0.0)
            out = out + hidden @ head["down"] + head["down_bias"]
        return np.asarray(out / max(float(np.linalg.norm(out)), 1e-9), dtype=np.float32)

    def romanised(self, text: str) -> float:
        """How likely the Latin words of `text` are Arabic in Latin letters, 0.0 to 1.0; 0.0 where there are none."""
        words = [word for word in normalise(text).split()[:LONGEST] if not is_arabic_word(word)]
        words = [word for word in words if not word.isdigit()]
        if not words:
            return 0.0
        score = float(np.mean([self._latin[list(pieces(word))].mean() for word in words]))
        return float(1.0 / (1.0 + np.exp(-score)))
