"""A sentence in both languages of the product, chosen when it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import lazy
from django.utils.translation import get_language

LANGUAGES = ("ar", "en")
# Embeddings, overrides and isolates (Unicode UAX #9, section 2).
_TURNING = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def current_language() -> str:
    """The caller's language, "ar" or "en"; Arabic where nothing is active."""
    code = (get_language() or "ar").split("-")[0]
    return code if code in LANGUAGES else "ar"


def upright(words: str) -> str:
    """Somebody's words for a place in a sentence: without the marks that would turn the direction of what follows."""
    return words.translate(_TURNING)


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence with `{named}` places, in English and Arabic."""

    en: str
    ar: str

    def show(self, language: str | None = None, /, **params: object) -> str:
        """The sentence in `language` (the active one by default) with its places filled."""
        sentence = self.en if (language or current_language()) == "en" else self.ar
        return sentence.format(**params) if params else sentence

    def __str__(self) -> str:
        return self.show()


def plural_category(language: str, number: int) -> str:
    """The CLDR category of a whole number: one or other in English; zero, one, two, few, many or other in Arabic.

    Unicode CLDR 46, Language Plural Rules (cardinal).
    """
    if language == "en":
        return "one" if number == 1 else "other"
    if number in {0, 1, 2}:
        return ("zero", "one", "two")[number]
    rest = number % 100
    if 3 <= rest <= 10:
        return "few"
    return "many" if rest >= 11 else "other"


@dataclass(frozen=True, slots=True)
class Plural:
    """A sentence about a number: its forms by CLDR category. A category that is not given reads as "other"."""

    en: Mapping[str, str]
    ar: Mapping[str, str]

    def of(self, number: int) -> Text:
        """The sentence for this number; its place `{count}`, where a form has one, is still to be filled."""
        return Text(
            self.en.get(plural_category("en", number), self.en["other"]),
            self.ar.get(plural_category("ar", number), self.ar["other"]),
        )


def _words(en: str, ar: str) -> str:
    language = get_language()
    return en if language is None or language.split("-")[0] == "en" else ar


# `words(english, arabic)`: a name of a model, a choice or an action, chosen each time it is shown. Where no language is
# active (as in makemigrations) it is English, so that what is written into a migration does not depend on who runs it.
words = lazy(_words, str)
