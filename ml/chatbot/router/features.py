"""What of a message the router weighs: its words, what kind of words they are in which order, and their letters.

A feature is a short text, hashed into one of `BUCKETS`. Each group of features has length one, times the group's
share, so that a long message weighs no more than a short one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ml.chatbot.arabizi import key
from ml.chatbot.router.words import Reading
from ml.text import is_arabic_word

BUCKETS = 1 << 16
SHARES = {"word": 1.0, "letters": 1.0, "key": 1.0, "keyletters": 1.0, "kind": 2.0, "rule": 1.5}
_LETTER_SIZES = (3, 4, 5)
_KEY_SIZES = (2, 3)
_EDGE = "^"
_END = "$"

Row = tuple[NDArray[np.int64], NDArray[np.float32]]


def bucket(feature: str) -> int:
    """Where a feature's weight is."""
    return zlib.crc32(feature.encode("utf-8", "replace")) % BUCKETS


def features(reading: Reading, rules: Iterable[str]) -> Row:
    """Buckets without repetition, rising, and the value of each: two arrays of one shape."""
    keys = [key(word) or word if _foreign(reading, word) else word for word in reading.words]
    groups: dict[str, Iterator[str]] = {
        "word": _runs((_EDGE, *reading.words, _END), 3),
        "letters": _letters(reading.words, _LETTER_SIZES),
        "key": _runs((_EDGE, *keys, _END), 3),
        "keyletters": _letters(keys, _KEY_SIZES),
        "kind": _kinds(reading),
        "rule": iter(rules),
    }
    values: dict[int, float] = {}
    for group, found in groups.items():
        unique = {bucket(f"{group} {feature}") for feature in found}
        for one in unique:
            values[one] = values.get(one, 0.0) + SHARES[group] / len(unique) ** 0.5
    order = sorted(values)
    return np.array(order, dtype=np.int64), np.array([values[one] for one in order], dtype=np.float32)


def _foreign(reading: Reading, word: str) -> bool:
    return reading.language == "latin" or is_arabic_word(word)


def _runs(words: Sequence[str], longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for at in range(len(words) - size + 1):
            yield " ".join(words[at : at + size])


def _letters(words: Sequence[str], sizes: Sequence[int]) -> Iterator[str]:
    for word in words:
        edged = f"<{word[:24]}>"
        for size in sizes:
            for at in range(len(edged) - size + 1):
                yield edged[at : at + size]


def _kinds(reading: Reading) -> Iterator[str]:
    """Kinds alone, in pairs and threes as they follow each other, near each other, and anywhere together."""
    places = [(_EDGE,), *(names or ("_",) for names in reading.names), (_END,)]
    known = [names for names in places if names != ("_",)]
    for at, names in enumerate(places):
        for name in names:
            yield name
            for gap, sign in ((1, ">"), (2, ">>")):
                for other in places[at + gap] if at + gap < len(places) else ():
                    yield f"{name}{sign}{other}"
    for at, names in enumerate(known):
        for name in names:
            for other in known[at + 1] if at + 1 < len(known) else ():
                yield f"{name}~{other}"
                for third in known[at + 2] if at + 2 < len(known) else ():
                    yield f"{name}~{other}~{third}"
    together = sorted(reading.kinds)
    for at, name in enumerate(together):
        for other in together[at + 1 :]:
            yield f"{name}&{other}"
