"""Typing errors as people make them, from a seeded random source."""

from __future__ import annotations

import random

from ml.text import is_arabic_word

_LATIN_KEYS = "qwertyuiopasdfghjklzxcvbnm"
_ARABIC_KEYS = "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظ"
SHORTEST = 4


def mistyped(word: str, source: random.Random) -> str:
    """`word` with two letters swapped, one left out, one doubled, or one of its neighbour on the keyboard."""
    if len(word) < SHORTEST:
        return word
    place = source.randrange(len(word) - 1) if source.random() < 0.2 else source.randrange(1, len(word) - 1)
    kind = source.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == 1:
        return word[:place] + word[place + 1 :]
    if kind == 2:
        return word[:place] + word[place] + word[place:]
    keys = _ARABIC_KEYS if is_arabic_word(word) else _LATIN_KEYS
    key = keys.find(word[place].lower())
    other = (
        keys[max(0, min(len(keys) - 1, key + source.choice((-1, 1))))] if key >= 0 else source.choice(keys)
    )
    return word[:place] + other + word[place + 1 :]


def noisy(text: str, share: float, source: random.Random) -> str:
    """`text` with one word mistyped, in `share` of the cases."""
    words = text.split()
    if not words or source.random() >= share:
        return text
    place = source.randrange(len(words))
    words[place] = mistyped(words[place], source)
    return " ".join(words)
