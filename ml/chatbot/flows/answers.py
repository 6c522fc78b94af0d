"""What an answer to each question of a task says, or what is wrong with it. The limits are those of the API.

An answer is plain where it is nothing but the value ("500", "Design", "remote"), and loose where the value was found
in a longer text, which may as well be about something else.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from ml.chatbot.arabizi import soft
from ml.chatbot.flows.commands import folded
from ml.chatbot.flows.turns import Category, Say, category_of, money
from ml.chatbot.intents import Intent
from ml.chatbot.slots import Slots, slots_of
from ml.places import city_key, city_name
from ml.text import has_words, normalise, stem

TITLE_LEAST, TITLE_LIMIT = 5, 200
DESCRIPTION_LIMIT = 10_000
LOCATION_LIMIT = 255
MIN_BUDGET, MAX_BUDGET = Decimal(10), Decimal(10_000_000)


@dataclass(frozen=True, slots=True)
class Read:
    """`value` is JSON; `wrong` says why there is none; `among` are categories that could be meant."""

    value: Any = None
    wrong: Say | None = None
    plain: bool = False
    among: tuple[Category, ...] = ()


def clean(text: str, *, lines: bool) -> str:
    """`text` without control characters and half characters; in one line unless `lines`."""
    kept = "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"}
    )
    if lines:
        return re.sub(r"\n{3,}", "\n\n", kept).strip()
    return " ".join(kept.split())


def title(text: str) -> Read:
    """A title of 5 to 200 characters with letters in it."""
    value = clean(text, lines=False)
    if len(value) < TITLE_LEAST:
        return Read(wrong=Say("title.short"))
    if len(value) > TITLE_LIMIT:
        return Read(wrong=Say("title.long", {"limit": TITLE_LIMIT, "length": len(value)}))
    return Read(value) if has_words(value) else Read(wrong=Say("words.none"))


def description(text: str) -> Read:
    """A description of at most 10,000 characters with letters in it."""
    value = clean(text, lines=True)
    if len(value) > DESCRIPTION_LIMIT:
        return Read(wrong=Say("description.long", {"limit": DESCRIPTION_LIMIT, "length": len(value)}))
    return Read(value) if has_words(value) else Read(wrong=Say("words.none"))


# Categories ---------------------------------------------------------------------------------------------------------

# Words for the nine that their names do not have; Arabic in Latin letters as Egyptians write it.
_ALSO = {
    "design": "designer graphic graphics logo تصميم مصمم جرافيك لوجو tasmeem tasmim mosamem design",
    "programming": (
        "code coding developer development software website web app computer it برمجة مبرمج تقنية مواقع تطبيقات "
        "كمبيوتر barmaga mobarmeg programming websites"
    ),
    "writing": "write writer content article translate translator كتابة كاتب ترجمة مترجم محتوى ketaba kitaba targama",
    "marketing": "market ads advertising seo social media sales تسويق مسوق إعلانات بيزنس taswee2 taswe2 e3lanat",
    "consulting": "consultant consultation legal lawyer finance استشارة استشارات محامي قانون estesharat estshara",
    "cleaning": (
        "clean cleaner house household plumber plumbing electrician repair maintenance تنظيف نظافة منزلي منزلية سباكة "
        "سباك كهرباء صيانة tandeef tandif nadafa nadafah manzel menazel syana"
    ),
    "tutoring": "tutor teach teacher teaching lessons school study دروس درس تعليم مدرس تدريس droos doroos ta3leem",
    "assistant": "assistance secretary data entry virtual errands مساعد مساعدة شخصية شخصي سكرتير mosa3ed mosa3da mosa3ada",
    "other": (
        "something else another different none others misc miscellaneous غير ذلك غيرها اخرى أخرى تانية تاني حاجة "
        "tanya tany 7aga 8eir 8er"
    ),
}
_DULL = frozenset(
    normalise("and the of a an my it is في من و category فئة الفئة قسم services service خدمات el").split()
)
_NUMBER = re.compile(r"(?:no|number|رقم|rakam|raqam)?\s*([0-9]{1,2})")
_NEAR = 0.8


@lru_cache(maxsize=8)
def _vocabulary(categories: tuple[Category, ...]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in categories:
        names = normalise(f"{one.slug.replace('-', ' ')} {one.en} {one.ar} {_ALSO.get(one.slug, '')}")
        for word in names.split():
            if word not in _DULL:
                for form in _forms(word):
                    found.setdefault(form, set()).add(one.slug)
    return {form: frozenset(slugs) for form, slugs in found.items()}


def _forms(word: str) -> tuple[str, ...]:
    return (stem(word), f"~{soft(word)}") if word.isascii() else (stem(word),)


def category(text: str, *, categories: Sequence[Category], today: date) -> Read:
    """A slug, by number, by name in either language, by a near spelling, or by what the text asks for."""
    plain = normalise(text)
    number = _NUMBER.fullmatch(plain)
    if number is not None and 1 <= int(number[1]) <= len(categories):
        return Read(categories[int(number[1]) - 1].slug, plain=True)
    for one in categories:
        if plain and plain in {normalise(one.slug), normalise(one.en), normalise(one.ar)}:
            return Read(one.slug, plain=True)
    words = [word for word in plain.split()[:40] if word not in _DULL]
    vocabulary = _vocabulary(tuple(categories))
    votes: dict[str, int] = {}
    hits = 0
    for word in words:
        slugs = _slugs(word, vocabulary)
        hits += bool(slugs)
        for slug in slugs:
            votes[slug] = votes.get(slug, 0) + 1
    if len(votes) > 1:
        votes.pop("other", None)  # "something else" is in many a sentence about something
    best = [slug for slug, count in votes.items() if count == max(votes.values())]
    if len(best) == 1:
        return Read(best[0], plain=hits == len(words))
    hint = slots_of(text, today=today, intent=Intent.CREATE_TASK).category_hint if words else None
    if hint and category_of(categories, hint) and (not best or hint in best):
        return Read(hint)
    among = tuple(one for one in categories if one.slug in best)
    if among:
        return Read(wrong=Say("category.which"), among=among)
    return Read(wrong=Say("category.unknown", {"lines": listed(categories)}))


def _slugs(word: str, vocabulary: dict[str, frozenset[str]]) -> frozenset[str]:
    for form in _forms(word):
        if form in vocabulary:
            return vocabulary[form]
    if len(word) >= 4:
        for form in _forms(word):
            near = difflib.get_close_matches(form, vocabulary, n=1, cutoff=_NEAR)
            if near:
                return vocabulary[near[0]]
    return frozenset()


def listed(categories: Sequence[Category]) -> tuple[Say, ...]:
    """The categories as numbered lines."""
    return tuple(
        Say("create.category_line", {"number": number, "name": named(one)})
        for number, one in enumerate(categories, start=1)
    )


def named(one: Category) -> Say:
    return Say("as_is", {"en": one.en, "ar": one.ar})


# Amounts ------------------------------------------------------------------------------------------------------------

_CURRENCY = r"(?:egp|le|l\.e|pounds?|egyptian pounds?|جنيه|جنيها|جنيه مصري|ج|ج\.م|gneh|genih|gneeh|geneh)"
_AMOUNT = re.compile(
    rf"{_CURRENCY}?\s*([0-9]{{1,12}}(?:\.[0-9]{{1,6}})?)\s*(k|thousand|الف|الاف|alf|alaf|m|million|مليون|melyon)?\s*{_CURRENCY}?"
)
_TIMES = {"m": 1_000_000, "million": 1_000_000, "مليون": 1_000_000, "melyon": 1_000_000}
_BARE_WORDS = 6
_MINUS = re.compile(r"^\s*[-\u2212\u2013]\s*[0-9٠-٩]")


def budget(text: str, *, today: date) -> Read:
    """An amount between 10 and 10,000,000 EGP with two places at most, as a string; words for numbers count."""
    if _MINUS.match(text):
        return Read(wrong=Say("budget.invalid"))
    found = _AMOUNT.fullmatch(" ".join(_digits(text).split()))
    if found is not None:
        amount = Decimal(found[1]) * (_TIMES.get(found[2], 1_000) if found[2] else 1)
        return checked(amount, plain=True)
    slots = slots_of(text, today=today, intent=Intent.CREATE_TASK)
    given = _amounts(slots)
    if not given and len(text.split()) <= _BARE_WORDS and not re.search(r"\d", text):
        # Words for a number and nothing else: it is an amount, because an amount was asked for.
        slots = slots_of(
            f"{text} {'EGP' if text.isascii() else 'جنيه'}", today=today, intent=Intent.CREATE_TASK
        )
        given = _amounts(slots)
    if len(given) > 1 and slots.budget is None:
        return Read(wrong=Say("budget.one"))
    if given:
        return checked(given[0], plain=False)
    return Read(wrong=Say("budget.invalid"))


def _amounts(slots: Slots) -> list[Decimal]:
    return [one for one in (slots.budget, slots.least, slots.most) if one is not None]


def _digits(text: str) -> str:
    """`text` in lower case with ASCII digits and without the commas of thousands."""
    folded_text = unicodedata.normalize("NFKC", text).lower().replace("\u066c", ",").replace("\u066b", ".")
    ascii_digits = "".join(str(unicodedata.digit(char, char)) for char in folded_text)
    plain = re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", ascii_digits)
    return plain.replace("أ", "ا").replace("آ", "ا").strip(" .!؟?،")


def checked(amount: Decimal, *, plain: bool) -> Read:
    """The amount as a string, or what is wrong with it."""
    try:
        rounded = amount.quantize(Decimal("0.01"))
    except InvalidOperation:
        return Read(wrong=Say("budget.invalid"), plain=plain)
    if not rounded.is_finite() or not MIN_BUDGET <= rounded <= MAX_BUDGET:
        return Read(
            wrong=Say("budget.range", {"low": money(MIN_BUDGET), "high": money(MAX_BUDGET)}), plain=plain
        )
    return Read(str(rounded), plain=plain)


# Places -------------------------------------------------------------------------------------------------------------


def _phrases(text: str) -> frozenset[str]:
    return frozenset(folded(one) for one in text.split("|"))


_REMOTE = _phrases(
    "remote|remotely|its remote|it is remote|fully remote|online|from home|work from home|anywhere|from anywhere|"
    "عن بعد|عن بُعد|اونلاين|أون لاين|من البيت|من المنزل|ريموت|من أي مكان|3an bo3d|3n bo3d|men el beit|mn elbeet|"
    "mn el bet|onlayn|remot"
)
_SOMEWHERE = _phrases(
    "specific location|a specific location|tied to a specific location|tied to a location|on site|onsite|location|"
    "in person|physical|at my place|specific|on location|مكان محدد|مرتبطة بمكان|في الموقع|في مكان محدد|حضوري|حضورية|"
    "في المكان|عندي|makan mo7adad|fel makan|7odoory|3andy"
)
_NO_PLACE = _phrases("yes|no|نعم|لا|ايوه|aywa|la2|both|كلاهما|what|?|ok|i dont know")
_SAME_NAME = 0.55
NOWHERE = {"is_remote": False, "city": "", "location": ""}
ASK_PLACE = Say("ask.place")


def location(text: str, *, today: date, language: str) -> Read:
    """{"is_remote", "city", "location"}: remote work, a city, or an address with its city where one is named."""
    value = clean(text, lines=False)
    short = folded(value) if len(value) <= LOCATION_LIMIT else ""
    if short in _REMOTE:
        return Read({"is_remote": True, "city": "", "location": ""}, plain=True)
    if short in _SOMEWHERE:
        return Read(wrong=ASK_PLACE, plain=True)
    if short in _NO_PLACE or len(value) < 3 or len(value) > LOCATION_LIMIT or not has_words(value):
        return Read(wrong=Say("location.unclear", {"limit": LOCATION_LIMIT}), plain=True)
    key = city_key(value)
    name = city_name(key, language)
    if name is not None:
        # A spelling of the city's own name says no more than the city; a district of it does.
        is_name = any(
            difflib.SequenceMatcher(None, normalise(value), normalise(one)).ratio() >= _SAME_NAME
            for one in (key, city_name(key, "ar") or "")
        )
        return Read({"is_remote": False, "city": name, "location": "" if is_name else value}, plain=True)
    slots = slots_of(value, today=today, intent=Intent.CREATE_TASK)
    if slots.remote and slots.city is None:
        return Read({"is_remote": True, "city": "", "location": ""})
    city = (city_name(slots.city, language) or "") if slots.city else ""
    is_short = bool(city) and len(value.split()) == 1
    return Read({"is_remote": False, "city": city, "location": "" if is_short else value}, plain=is_short)


# Days ---------------------------------------------------------------------------------------------------------------


def deadline(text: str, *, today: date) -> Read:
    """A day from today on, in ISO 8601."""
    found = slots_of(text, today=today, intent=Intent.CREATE_TASK).deadline
    if found is None:
        return Read(wrong=Say("deadline.unclear"))
    if found < today:
        return Read(wrong=Say("deadline.past"))
    return Read(found.isoformat(), plain=len(text.split()) <= 4)


def from_slots(slots: Slots, *, language: str) -> dict[str, Any]:
    """The fields that free text has given already, each of them valid; {} where it gave none."""
    data: dict[str, Any] = {}
    subject = clean(slots.subject or "", lines=False)
    named_title = title(subject[:1].upper() + subject[1:])
    if named_title.value is not None:
        data["title"] = named_title.value
    if slots.category_hint:
        data["category"] = slots.category_hint
    bounds = [one for one in (slots.least, slots.most) if one is not None]
    amount = slots.budget if slots.budget is not None else bounds[0] if len(bounds) == 1 else None
    if amount is not None:
        given = checked(amount, plain=False)
        if given.value is not None:
            data["budget"] = given.value
    if slots.remote:
        data["location"] = {"is_remote": True, "city": "", "location": ""}
    elif slots.city and city_name(slots.city, language):
        data["location"] = {"is_remote": False, "city": city_name(slots.city, language), "location": ""}
    if slots.deadline is not None:
        data["deadline"] = slots.deadline.isoformat()
    return data
