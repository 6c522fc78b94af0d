"""Arabic in Latin letters ("3ayez sho8l") brought to where Arabic is ("عايز شغل").

Egyptians write one word in many ways: 3ayez, 3ayz, 3yz, ayez. Two forms bring them together. The soft form keeps the
vowels but only three of them, one sign a consonant and nothing doubled: "sabbak" and "sabak" are "sabak", "feen" and
"fein" are "fin". The key keeps the consonants alone and is the same for both scripts. `fold` writes what it can in
Arabic letters, best where it is given the words that may be meant.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ml.text import is_arabic_word

LONGEST = 24

_SIGNS = (
    ("3'", "8"),
    ("7'", "5"),
    ("kh", "5"),
    ("gh", "8"),
    ("sh", "4"),
    ("ch", "4"),
    ("th", "s"),
    ("dh", "z"),
    ("ph", "f"),
    ("ck", "k"),
    ("ou", "o"),
    ("oo", "o"),
    ("ee", "i"),
    ("ei", "i"),
    ("ai", "i"),
    ("ay", "ai"),
)
_LETTERS = str.maketrans(
    {
        "e": "i",
        "y": "i",
        "u": "o",
        "w": "o",
        "p": "b",
        "v": "f",
        "j": "g",
        "x": "ks",
        "q": "2",
        "c": "k",
        "9": "2",
        "6": "t",
    }
)
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = frozenset("aio")
# Consonants of both scripts on one sign; q and the glottal stop that stands for it in Cairo are one.
_ARABIC = {
    **dict(zip("بتثجحخدذرزسشصضطظعغفقكلمنه", "bttgh5dzrzs4sdtz38f2klmnh", strict=True)),
}
_GLIDES = "وي"


@lru_cache(maxsize=20_000)
def soft(word: str) -> str:
    """The soft form of a normalised word in Latin letters."""
    word = word[:LONGEST]
    for pair, sign in _SIGNS:
        word = word.replace(pair, sign)
    return _DOUBLED.sub(r"\1", word.translate(_LETTERS))


@lru_cache(maxsize=20_000)
def key(word: str) -> str:
    """The consonants of a normalised word of either script on one sign each; "" where there are none.

    7 and h are one, and so are 2, q and their absence: only the first letters of "2ool" tell it from "ool".
    """
    if is_arabic_word(word):
        found = "".join(_ARABIC.get(letter, "") for letter in word[:LONGEST])
    else:
        found = "".join(sign for sign in soft(word) if sign not in _VOWELS).replace("7", "h")
    found = found[:1] + found[1:].removesuffix("h")
    return _DOUBLED.sub(r"\1", found)


@lru_cache(maxsize=20_000)
def edges(word: str) -> tuple[bool, str, int]:
    """What tells words of one key apart in either script: a vowel first, the vowel at the end, long ones inside."""
    if is_arabic_word(word):
        last = {"ي": "i", "و": "o", "ا": "a", "ه": "a"}.get(word[-1], "")
        return word[0] in "اأإآي", last, sum(letter in "اوي" for letter in word[1:-1])
    sounds = soft(word)
    last = sounds[-1] if sounds[-1:] in _VOWELS else ""
    return sounds[:1] in _VOWELS, last, len(re.findall(r"aa|ee|ii|oo|ou|uu|ei|ai", word[1:-1]))
