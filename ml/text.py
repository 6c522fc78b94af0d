"""Text of two languages brought to one form: spelling, words, stems, hashes. Light: stdlib and a stemmer."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import snowballstemmer

ARABIC = "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff\u0750-\u077f\u08a0-\u08c9"

_FOLD = str.maketrans(
    {
        **dict.fromkeys("أإآٱٲٳٵ", "ا"),
        "ى": "ي",
        "ې": "ي",
        "ۍ": "ي",
        "ئ": "ي",
        "ی": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ۀ": "ه",
        "ە": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ک": "ك",
        "ڪ": "ك",
        "گ": "ج",
        "چ": "ج",
        "پ": "ب",
        "ڤ": "ف",
        "ـ": None,
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
        "\u2019": "'",
        "\u066b": ".",
        "\u066c": ",",
    }
)
# Accents, Arabic marks, and characters that only steer layout (joiners, direction marks, soft hyphen).
_MARKS = re.compile(
    "[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08ca-\u08ff"
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
# Without the limit and the look behind, a word of ten thousand letters is read through from each of its letters.
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,60}://|(?<![^\W_])www\.)\S+|(?<![^\s@<>])[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+"
)
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_ELONGATED = re.compile(f"([{ARABIC}])\\1{{2,}}")
_INSIDE = re.compile(r"(?<=[a-z])'(?=[a-z])|(?<=\be)-(?=[a-z])")
# Words; `c#`, `c++`, `.net` and `node.js` are words too; an Arabic letter glued to Latin starts another word.
_WORD = re.compile(
    rf"\.net(?![^\W_])"
    rf"|(?<![^\W_])[cfj]\#"
    rf"|[{ARABIC}\u0621]+"
    rf"|[0-9]+(?:\.[0-9]+)+(?![^\W_])"
    rf"|[^\W_{ARABIC}\u0621]+(?:\+\+|(?:\.(?:js|net|ts|io|ai|py)(?![^\W_]))+)?"
)
_ARABIC_LETTER = re.compile(f"[{ARABIC}\u0621]")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_LATIN = re.compile(
    r"[^\W\d_A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]+|[\u0610-\u061a\u0640\u064b-\u065f\u0670]+"
)
_LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_ALNUM = re.compile(r"[A-Za-z0-9\u00c0-\u024f\u1e00-\u1eff]")


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)


def normalise(text: str) -> str:
    """Words of `text` in one spelling, separated by single spaces; idempotent.

    Compatibility forms, letter case, tatweel, Arabic marks, alef, hamza, yaa, taa marbuta and Persian letters are
    folded; Arabic-Indic and Persian digits become ASCII; addresses, emoji and symbols go. `c++`, `c#`, `.net`
    and `node.js` keep their signs. Never raises; an unreadable text gives "".
    """
    if text.isascii():
        text = text.lower()
    else:
        for _ in range(4):  # folding can expose another form; it settles after two rounds
            previous, text = text, _fold(text)
            if previous == text:
                break
        text = _ELONGATED.sub(r"\1", text)
    text = _ADDRESS.sub(" ", text)
    text = _INSIDE.sub("", _THOUSANDS.sub("", text))
    return " ".join(_WORD.findall(text))


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise(text).split())


_ENGLISH_STOP = _words(
    "a about after all also am an and any are as at be been before but by can could did do does for from get had has "
    "have he her here hi hello him his how i if im in into is it its just like may me more most my need needed needs "
    "no not of on one or our out over please she should so some than thank thanks that the their them then there "
    "these they this those to too up us very want was we were what when where which while who will with would you "
    "your looking someone"
)
_ARABIC_STOP = _words(
    "في من على إلى الى عن مع أن إن ان أو او ثم هذا هذه ذلك تلك التي الذي الذين ما ماذا لا لم لن قد كل كما كان كانت "
    "يكون تكون هو هي هم نحن انا أنا أنت حتى بعد قبل عند عندي لدي بين أي اي غير إذا اذا لكن حيث وهو وهي كذلك ايضا "
    "أيضا جدا فقط يتم تم به بها له لها لي فيها فيه منها منه عليها عليه محتاج محتاجة محتاجين مطلوب عايز عاوز عايزة "
    "ارغب أريد اريد ابحث أبحث نحتاج احتاج السلام عليكم ورحمة الله وبركاته شكرا برجاء رجاء لو اللي ده دي"
)
_STOP = _ENGLISH_STOP | _ARABIC_STOP | frozenset("وفبكلءا")
_ARTICLES = ("وال", "بال", "كال", "فال", "ولل", "لل", "ال")
_PLURALS = frozenset({"ات", "يات"})
_SUFFIXES = (
    "تها",
    "تنا",
    "تهم",
    "تكم",
    "يات",
    "ات",
    "ون",
    "ين",
    "ان",
    "ها",
    "نا",
    "هم",
    "تي",
    "تك",
    "يه",
    "ه",
    "ي",
    "ء",
)
_ENGLISH = snowballstemmer.stemmer("english")


def _stem_arabic(word: str, *, plurals: bool = True) -> str:
    """Light stem in the manner of light10 (Larkey et al., 2002), with the attached prepositions b, k, l, f.

    Without `plurals` the ending -at stays: "accounts" is then no "arithmetic".
    """
    while True:
        for article in _ARTICLES:
            if word.startswith(article) and len(word) - len(article) >= 3:
                word = word[len(article) :]
                break
        else:
            if (word[0] == "و" and len(word) >= 4) or (word[0] in "فبكل" and len(word) >= 5):
                word = word[1:]
                continue
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)] if plurals or suffix not in _PLURALS else word
    return word


@lru_cache(maxsize=100_000)
def _word_key(word: str) -> str:
    """How `Mentions` compares a name of one word: as written in English, by a stem that keeps plurals in Arabic."""
    return _stem_arabic(word, plurals=False) if _ARABIC_LETTER.match(word) else word


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    if _ARABIC_LETTER.match(word):
        return _stem_arabic(word)
    if word.isascii() and word.isalpha() and len(word) <= 40:
        return str(_ENGLISH.stemWord(word))
    return word[:40]


def stem(word: str) -> str:
    """The stem of one normalised word, as `tokens` gives it."""
    return _stem(word)


def is_arabic_word(word: str) -> bool:
    """Whether a normalised word begins with an Arabic letter; words never mix scripts."""
    return _ARABIC_LETTER.match(word) is not None


_DERIVED = ("است", "مست", "تست", "يست")
_WEAK = frozenset("اويءه")


@lru_cache(maxsize=100_000)
def skeleton(stem: str) -> str:
    """The consonants that an Arabic stem shares with its broken plurals and derivations; "" where there are none.

    Takes what `tokens` gives: site and sites, translation and translator, flat and flats meet. Leading letters of
    derived forms go while three letters stay, then the long vowels inside.
    """
    if len(stem) < 3 or not _ARABIC_LETTER.match(stem):
        return ""
    rest = stem
    for prefix in _DERIVED:
        if rest.startswith(prefix) and len(rest) - len(prefix) >= 2:
            rest = rest[len(prefix) :]
            break
    else:
        for letters in ("مت", "ايت"):
            if rest[0] in letters and len(rest) >= 4 and rest[1] not in _WEAK:
                rest = rest[1:]
    found = rest[0] + "".join(letter for letter in rest[1:] if letter not in _WEAK)
    if len(found) == 3 and found[1] == found[2] and len(stem) == 3:
        found = found[:2]
    return found if len(found) >= 2 else ""


def tokens(text: str) -> list[str]:
    """Stems of `text` in reading order, without the commonest words of either language.

    English words get the Snowball stem; Arabic ones lose article, attached prepositions and the commonest endings
    while three letters remain.
    """
    return [_stem(word) for word in normalise(text).split() if word not in _STOP]


def arabic_share(text: str) -> float:
    """Share of `text`'s letters that are Arabic, 0.0 to 1.0; 0.0 for a text without letters."""
    letters = len(_LETTER.findall(text))
    return len(_ARABIC_LETTER.findall(text)) / letters if letters else 0.0


def has_words(text: str) -> bool:
    """Whether `text` has at least one letter, in any script."""
    return _LETTER.search(text) is not None


def latin_part(text: str) -> str:
    """What of `text` a Latin-script encoder can read: its words without letters of another script, or ""."""
    rest = text if text.isascii() else _NOT_LATIN.sub(" ", unicodedata.normalize("NFKC", text))
    if not _LATIN_LETTER.search(rest):
        return ""
    return " ".join(word for word in rest.split() if _ALNUM.search(word))


def readable(text: str, scripts: frozenset[str]) -> str:
    """What an encoder that reads `scripts` should be given of `text`, or "" if it should be given nothing.

    A text that is mostly Arabic gives nothing to a Latin-script encoder: the few Latin words in it would stand for
    the whole.
    """
    if "arabic" in scripts:
        return text.strip()
    return latin_part(text) if arabic_share(text) < 0.5 else ""


def content_hash(*parts: str) -> str:
    """SHA-256 (hex) over `parts`; each is prefixed by its length, so ("ab", "c") and ("a", "bc") differ."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


# Names that are ordinary words (or letters) of English: they need a capital and a fitting neighbour to count.
_ORDINARY = _words(
    "access assembly basic chef crystal d dart elm ember excel express flask flow go hive hr it julia keynote less "
    "make maya monday next nest node notion numbers oracle outlook pages pr premiere processing puppet rust ruby "
    "sage salt sass scratch shell sketch slack spark spring stripe swift teams unity word zoom"
)
_CUE_AFTER = re.compile(
    r"\s+(?:programming|language|developers?|devs?|sheets?|spreadsheets?|macros?|formulas?|vba|databases?|documents?|docs?|"
    r"engineers?|experts?|studio|scripts?)\b",
    re.IGNORECASE,
)
_CUE_BEFORE = re.compile(r"(?:\b(?:ms|microsoft|adobe|apple|google)|[\u0600-\u06ff])\s+$", re.IGNORECASE)
_LIST_BEFORE = re.compile(
    r"(?:\b(?:in|using|with|and|or|knows?|of|via|on|learn|to)\s|[,/;|(+&\u2022\u060c])\s*$"
)
_START = re.compile(r"(?:^|[\n.!?:])[\s*\u2022-]*$")
_LIST_AFTER = re.compile(r"\s*(?:$|[\n,/;|)+.!?\u2022\u060c]|(?:and|or)\s)")
_GLUED = re.compile(r"[&'\u2019-]\w")


class Mentions:
    """Finds which skills a text names, whole words only, the longest name first.

    `vocabulary` maps a skill's id to its names and aliases in both languages. One English word is compared as it is
    written (its plural aside), so that "account" is not "Accounting"; several words, and Arabic, by their stems.
    """

    def __init__(self, vocabulary: Mapping[int, Sequence[str]]) -> None:
        phrases: dict[tuple[str, ...], set[int]] = {}
        words: dict[str, set[int]] = {}
        ordinary: dict[str, set[int]] = {}
        for skill_id, names in vocabulary.items():
            for name in names:
                plain = normalise(name)
                if plain in _ORDINARY or (len(plain) == 1 and plain.isascii()):
                    ordinary.setdefault(plain, set()).add(skill_id)
                    continue
                for variant in _variants(plain):
                    self._add(variant, skill_id, phrases, words)
        self._words = {word: frozenset(ids) for word, ids in words.items()}
        self._phrases: dict[str, list[tuple[tuple[str, ...], frozenset[int]]]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            self._phrases.setdefault(phrase[0], []).append((phrase, frozenset(phrases[phrase])))
        self._ordinary = {word: frozenset(ids) for word, ids in ordinary.items()}
        self._ordinary_pattern = (
            re.compile(
                rf"(?<![\w.])(?:{'|'.join(map(re.escape, sorted(ordinary)))})(?![\w#+])", re.IGNORECASE
            )
            if ordinary
            else None
        )

    @staticmethod
    def _add(
        plain: str, skill_id: int, phrases: dict[tuple[str, ...], set[int]], words: dict[str, set[int]]
    ) -> None:
        kept = [word for word in plain.split() if word not in _STOP]
        if len(kept) == 1:
            if len(kept[0]) <= 2 and not kept[0].isascii():
                return  # two Arabic letters are a word of their own far more often than a skill
            for form in _forms(_word_key(kept[0])):
                words.setdefault(form, set()).add(skill_id)
        elif kept:
            phrases.setdefault(tuple(_stem(word) for word in kept), set()).add(skill_id)

    def find(self, text: str) -> frozenset[int]:
        """Ids of the skills `text` names; of overlapping names the longest counts, read from the start."""
        words = [word for word in normalise(text).split() if word not in _STOP]
        stems = [_stem(word) for word in words]
        found: set[int] = set()
        position = 0
        while position < len(words):
            step = 1
            for phrase, ids in self._phrases.get(stems[position], ()):
                if tuple(stems[position : position + len(phrase)]) == phrase:
                    found |= ids
                    step = len(phrase)
                    break
            else:
                found |= self._words.get(_word_key(words[position]), frozenset())
            position += step
        if self._ordinary_pattern is not None:
            found |= self._find_ordinary(text)
        return frozenset(found)

    def _find_ordinary(self, text: str) -> set[int]:
        assert self._ordinary_pattern is not None
        found: set[int] = set()
        for match in self._ordinary_pattern.finditer(text):
            if _names_a_tool(text, match.start(), match.end()):
                found |= self._ordinary[match.group().lower()]
        return found


def _names_a_tool(text: str, start: int, end: int) -> bool:
    """Whether the ordinary word at text[start:end] stands where the name of a tool would."""
    before, after = text[max(0, start - 24) : start], text[end : end + 24]
    if _GLUED.match(after):
        return False
    if _CUE_AFTER.match(after) or _CUE_BEFORE.search(before):
        return True
    if not text[start].isupper():
        return False
    if _START.search(before):
        return _LIST_AFTER.match(after) is not None
    return _LIST_BEFORE.search(before) is not None or _LIST_AFTER.match(after) is not None


def _forms(word: str) -> tuple[str, ...]:
    plain = word.endswith("s") or not (word.isascii() and word.isalpha()) or len(word) < 4
    return (word,) if plain else (word, word + "s")


def _variants(plain: str) -> Iterable[str]:
    """Other common writings of a normalised name: node.js, nodejs, node js; front end, frontend."""
    yield plain
    parts = plain.split()
    if "." in plain.strip("."):
        yield plain.replace(".", "")
        yield plain.replace(".", " ")
    elif len(parts) == 1 and len(plain) > 4 and plain.endswith("js") and plain.isascii():
        yield f"{plain[:-2]}.js"
        yield f"{plain[:-2]} js"
    elif len(parts) == 2 and plain.isascii() and all(part.isalpha() and len(part) > 2 for part in parts):
        yield "".join(parts)
