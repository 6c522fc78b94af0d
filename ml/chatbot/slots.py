"""What was said with an intent: amounts, a day, a place, a page, and what the work is about. Rules over words alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from ml.chatbot.intents import Intent
from ml.chatbot.pages import page_of
from ml.places import FIRST_WORDS, city_key, city_name
from ml.text import normalise

LONGEST = 2_000
LEAST_AMOUNT, MOST_AMOUNT = Decimal(10), Decimal(10_000_000)

_CURRENCY = frozenset(
    [
        "جنيه",
        "جنيها",
        "جنيهات",
        "ج.م",
        "ج.م.",
        "egp",
        "le",
        "l.e",
        "pound",
        "pounds",
        "geneh",
        "gneh",
        "gneeh",
        "genih",
        "gnih",
        "gineh",
        "genaih",
        "e£",
        "£e",
    ]
)
_ABOVE = frozenset(
    [
        "above",
        "over",
        "least",
        "more",
        "فوق",
        "اكتر",
        "اكثر",
        "تقل",
        "fo2",
        "fo'",
        "foo2",
        "aktar",
        "akter",
        "minimum",
    ]
)
_BELOW = frozenset(
    ["under", "below", "most", "less", "within", "اقل", "تحت", "a2al", "t7t", "ta7t", "maximum", "max"]
)
_FROM = frozenset(["between", "من", "بين", "mn", "men", "from", "ben", "been"])
_TO = frozenset(["to", "and", "ل", "لحد", "الي", "و", "le", "l", "lehad", "till", "-"])
_FOR = frozenset(["for", "budget", "pay", "ب", "بميزانيه", "ميزانيه", "b", "be", "bmezaneyet", "price"])
_WORDED = {
    "مايه": 100, "ميه": 100, "ميتين": 200, "تلتميه": 300, "ربعميه": 400, "خمسميه": 500, "ستميه": 600, "سبعميه": 700,
    "تمنميه": 800, "تسعميه": 900, "الف": 1000, "الفين": 2000, "alf": 1000, "alfen": 2000, "alfin": 2000, "meya": 100,
    "miten": 200, "khomsomeya": 500, "5omsomeya": 500, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_THOUSANDS = frozenset(["الف", "الاف", "thousand", "k", "alf", "talaf"])
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SHORT = re.compile(r"(?<![0-9.])([0-9]{1,9}(?:\.[0-9]{1,3})?) ?k(?![a-z0-9])", re.IGNORECASE)
# A number before one of these is no amount.
_UNITS = frozenset(
    [
        "year",
        "years",
        "سنين",
        "سنه",
        "سنوات",
        "seneen",
        "page",
        "pages",
        "صفحه",
        "صفحات",
        "saf7a",
        "minute",
        "minutes",
        "min",
        "دقيقه",
        "دقايق",
        "hour",
        "hours",
        "ساعه",
        "day",
        "days",
        "يوم",
        "ايام",
        "ayam",
        "week",
        "weeks",
        "اسبوع",
        "اسابيع",
        "month",
        "months",
        "شهر",
        "شهور",
        "meter",
        "متر",
        "m",
        "square",
        "people",
        "person",
        "شخص",
        "اشخاص",
        "kg",
        "km",
        "ye",
        "ens",
        "piece",
        "pieces",
        "قطعه",
        "قطع",
        "room",
        "rooms",
        "اوضه",
        "اوض",
        "غرف",
        "grade",
        "years'",
    ]
)
_REMOTE = frozenset(["remote", "remotely", "online", "اونلاين", "ريموت"])
_REMOTE_PHRASES = (
    "from home",
    "عن بعد",
    "من البيت",
    "من المنزل",
    "3an bo3d",
    "3n bo3d",
    "mn el beet",
    "men el beet",
    "mn el bet",
    "work from home",
)
_ON_SITE = ("on site", "onsite", "in person", "في الموقع", "حضوري")
_TODAY = frozenset(
    [
        "today",
        "النهارده",
        "اليوم",
        "ennaharda",
        "enaharda",
        "elnaharda",
        "naharda",
        "tonight",
        "الليله",
        "النهارضه",
    ]
)
_TOMORROW = frozenset(["tomorrow", "بكره", "بكرا", "غدا", "bokra", "bukra", "bokrah", "tomorow", "tommorow"])
_AFTER = ("day after tomorrow", "بعد بكره", "بعد غد", "ba3d bokra", "b3d bokra")
_WEEKDAYS = {
    0: "monday mon الاثنين الاتنين etnen el2etnen etneen",
    1: "tuesday tue الثلاثاء التلات talat tlat",
    2: "wednesday wed الاربعاء الاربع arba3 arb3",
    3: "thursday thu الخميس 5amis khamis 5amees khamees",
    4: "friday fri الجمعه gom3a gom3ah gomaa",
    5: "saturday sat السبت sabt",
    6: "sunday sun الاحد الحد 7ad had",
}
_DAY_OF = {word: day for day, words in _WEEKDAYS.items() for word in normalise(words).split()}
# "7ad" is Sunday after "yom el", and somebody elsewhere.
_NEEDS_DAY = frozenset({"7ad", "had", "mon", "sun", "sat", "fri", "الحد"})
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan يناير", "february feb فبراير", "march mar مارس", "april apr ابريل", "may مايو", "june jun يونيو",
            "july jul يوليو", "august aug اغسطس", "september sep سبتمبر", "october oct اكتوبر", "november nov نوفمبر",
            "december dec ديسمبر",
        ),
        start=1,
    )
    for name in normalise(names).split()
}  # fmt: skip
_SPANS = {
    "day": 1, "days": 1, "يوم": 1, "ايام": 1, "ayam": 1, "yom": 1,
    "week": 7, "weeks": 7, "اسبوع": 7, "اسابيع": 7, "esbo3": 7, "asabee3": 7,
    "month": 30, "months": 30, "شهر": 30, "شهور": 30, "shahr": 30, "shohor": 30,
}  # fmt: skip
_PAIRS = {"اسبوعين": 14, "esbo3en": 14, "esbo3een": 14, "يومين": 2, "yomen": 2, "شهرين": 60, "shahren": 60}
_IN = frozenset(["in", "within", "بعد", "خلال", "ba3d", "b3d", "5elal", "khelal", "fe", "f", "في"])
_COUNTS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_MONTH_END = (
    "end of the month",
    "end of month",
    "اخر الشهر",
    "نهايه الشهر",
    "a5er el shahr",
    "akher el shahr",
)
_DATE = re.compile(r"(?<![0-9/.-])([0-3]?[0-9])[/-]([01]?[0-9])(?:[/-]((?:20)?[0-9]{2}))?(?![0-9/.-])")
_ISO = re.compile(r"(?<![0-9])(20[0-9]{2})-([01][0-9])-([0-3][0-9])(?![0-9])")
_LATIN_CITIES = {
    "eskenderia": "alexandria", "iskenderia": "alexandria", "eskendria": "alexandria", "lo2sor": "luxor", "lo'sor": "luxor",
    "kahera": "cairo", "elkahera": "cairo", "2ahera": "cairo", "gizah": "giza", "masr": "", "october": "giza",
    "aswan": "aswan", "tanta": "tanta", "mansoura": "mansoura", "mansora": "mansoura", "zaga2ig": "zagazig",
    "haram": "giza", "الهرم": "giza", "zamalek": "cairo", "الزمالك": "cairo", "madinet": "", "maadi": "cairo",
}  # fmt: skip
_CITY_PHRASES = {"madinet nasr": "cairo", "madenet nasr": "cairo", "masr el gdeda": "cairo"}
_FILLER = frozenset(
    [
        "3ala",
        "3awez",
        "3awz",
        "3ayez",
        "3ayz",
        "3ayza",
        "7ad",
        "7aga",
        "a",
        "a2al",
        "a3mel",
        "above",
        "aktar",
        "an",
        "ana",
        "anazzel",
        "and",
        "any",
        "anything",
        "are",
        "at",
        "ay",
        "b",
        "be",
        "below",
        "between",
        "budget",
        "by",
        "can",
        "could",
        "create",
        "do",
        "egp",
        "el",
        "f",
        "fe",
        "feh",
        "find",
        "fit",
        "fits",
        "fo2",
        "for",
        "from",
        "gdeda",
        "gdid",
        "geneh",
        "get",
        "gig",
        "gigs",
        "gneh",
        "hatly",
        "hire",
        "i",
        "i'm",
        "im",
        "in",
        "is",
        "job",
        "jobs",
        "latest",
        "le",
        "least",
        "less",
        "leya",
        "like",
        "looking",
        "m7tag",
        "m7taga",
        "mahamm",
        "mashare3",
        "match",
        "matches",
        "matching",
        "matloob",
        "me",
        "men",
        "mn",
        "momken",
        "more",
        "most",
        "my",
        "nazel",
        "need",
        "new",
        "now",
        "of",
        "on",
        "open",
        "over",
        "please",
        "post",
        "pound",
        "pounds",
        "project",
        "projects",
        "rasha7ly",
        "recommend",
        "recommendations",
        "recommended",
        "request",
        "sho8l",
        "shofly",
        "shoghl",
        "shogl",
        "show",
        "skills",
        "some",
        "somebody",
        "someone",
        "something",
        "suggest",
        "suitable",
        "suited",
        "suits",
        "task",
        "tasks",
        "than",
        "that",
        "the",
        "there",
        "tnasebny",
        "to",
        "today",
        "under",
        "want",
        "wareny",
        "warini",
        "warreny",
        "what",
        "which",
        "who",
        "with",
        "work",
        "working",
        "would",
        "ynasebny",
        "yom",
        "you",
        "ابحث",
        "ابغي",
        "احتاج",
        "اريد",
        "اعمل",
        "اعملي",
        "اقترح",
        "اقل",
        "اكتر",
        "اكثر",
        "الي",
        "انا",
        "انشر",
        "اي",
        "ب",
        "بميزانيه",
        "بين",
        "تحت",
        "تناسبني",
        "توصيات",
        "جديد",
        "جديده",
        "جنيه",
        "حاجه",
        "حد",
        "دور",
        "دورلي",
        "رشح",
        "رشحلي",
        "سمحت",
        "شغل",
        "شوف",
        "شوفلي",
        "طلب",
        "عاوز",
        "عايز",
        "عايزه",
        "عشان",
        "علي",
        "عندي",
        "فضلك",
        "فوق",
        "في",
        "فيه",
        "ل",
        "لو",
        "لي",
        "ليا",
        "محتاج",
        "محتاجه",
        "مشاريع",
        "مشروع",
        "مطلوب",
        "ممكن",
        "من",
        "مناسب",
        "مناسبه",
        "مهاراتي",
        "مهام",
        "مهمه",
        "ميزانيه",
        "نزل",
        "نزلي",
        "نشر",
        "هات",
        "هاتلي",
        "وريني",
        "وظائف",
        "وظايف",
        "يناسبني",
        "ينفعني",
        "يوم",
    ]
)


@dataclass(frozen=True, slots=True)
class Slots:
    """`city` is a key of ml.places; amounts are EGP; `subject` is the request without politeness and what else was found."""

    category_hint: str | None = None
    deadline: date | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    budget: Decimal | None = None
    city: str | None = None
    remote: bool | None = None
    skills: tuple[str, ...] = ()
    page: str | None = None
    subject: str = ""


def slots_of(text: str, *, today: date, intent: Intent) -> Slots:
    """What `text` says besides its intent. `today` is Cairo's. Never raises."""
    text = _SHORT.sub(lambda found: f"{Decimal(found[1]) * 1000:f}".split(".")[0], text[:LONGEST])
    plain = normalise(text)
    words = plain.split()
    used: set[int] = set()
    deadline = _deadline(text, plain, words, today, used)
    least, most, budget = _amounts(words, used)
    city = _city(words, used)
    remote = _remote(plain, words, used)
    page = page_of(plain) if intent is Intent.NAVIGATION else None
    left = [word for at, word in enumerate(words) if at not in used and word not in _FILLER]
    return Slots(
        deadline=deadline,
        least=least,
        most=most,
        budget=budget,
        city=city,
        remote=remote,
        skills=tuple(left[:8]),
        page=page,
        subject=" ".join(left)[:120],
    )


def amount_of(text: str) -> Decimal | None:
    """The one amount in an answer such as "500", "٢ الاف" or "خمسمية جنيه"; None without one. Not bounded."""
    words = normalise(_SHORT.sub(lambda found: f"{Decimal(found[1]) * 1000:f}".split(".")[0], text)).split()
    for at in range(len(words)):
        found = _amount(words, at)
        if found is not None:
            return found[0]
    return None


def _amount(words: Sequence[str], at: int) -> tuple[Decimal, int] | None:
    """The amount that begins at `at` and how many words it takes."""
    word = words[at]
    # "ب٥٠٠" and "بألف": the preposition is attached.
    bare = (
        word[1:]
        if len(word) > 1 and word[0] in "بل" and (word[1:] in _WORDED or word[1:2].isdigit())
        else word
    )
    try:
        if _NUMBER.fullmatch(bare) and len(bare) <= 12:
            value = Decimal(bare)
            if at + 1 < len(words) and words[at + 1] in _THOUSANDS:
                return value * 1000, 2
            return value, 1
    except InvalidOperation:
        return None
    tens = _COUNTS.get(bare)
    if tens is not None and at + 1 < len(words) and words[at + 1] in {"hundred", "thousand"}:
        return Decimal(tens * _WORDED[words[at + 1]]), 2
    if bare in _WORDED:
        return Decimal(_WORDED[bare]), 1
    return None


def _amounts(words: list[str], used: set[int]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    found: list[tuple[int, int, Decimal]] = []
    at = 0
    while at < len(words):
        amount = None if at in used else _amount(words, at)
        if amount is None:
            at += 1
            continue
        value, length = amount
        after = words[at + length] if at + length < len(words) else ""
        has_currency = after in _CURRENCY or (at > 0 and words[at - 1] in _CURRENCY)
        is_phone = words[at].startswith("0") and len(words[at]) > 1
        is_amount = LEAST_AMOUNT <= value <= MOST_AMOUNT and after not in _UNITS and not is_phone
        if is_amount and (has_currency or value >= 50):
            found.append((at, length + (1 if after in _CURRENCY else 0), value))
        at += length
    least = most = budget = None
    for number, (at, length, value) in enumerate(found):
        before = words[max(0, at - 4) : at]
        if number + 1 < len(found) and found[number + 1][0] - (at + length) <= 2 and _FROM & set(before):
            least, most = sorted((value, found[number + 1][2]))
            budget = None
            used.update(range(at - 1, found[number + 1][0] + found[number + 1][1]))
            break
        if _ABOVE & set(before) and not {"no"} & set(before):
            least = value
        elif _BELOW & set(before):
            most = value
        elif budget is None and (_is_offered(words, at, length) or len(found) == 1):
            budget = value
        used.update(range(at, at + length))
    return least, most, budget


def _is_offered(words: Sequence[str], at: int, length: int) -> bool:
    near = set(words[max(0, at - 2) : at + length + 1])
    return bool(near & (_CURRENCY | _FOR)) or words[at][0] == "ب"


def _deadline(  # noqa: PLR0911  (one return a way of naming a day)
    text: str, plain: str, words: list[str], today: date, used: set[int]
) -> date | None:
    exact = _written(text, plain, words, today, used)
    if exact is not None:
        return exact
    for phrase in _AFTER:
        if phrase in plain:
            _use(words, phrase.split(), used)
            return today + timedelta(days=2)
    for phrase in _MONTH_END:
        if phrase in plain:
            _use(words, phrase.split(), used)
            first = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
            return first - timedelta(days=1)
    for at, word in enumerate(words):
        if word in _TOMORROW or word in _TODAY:
            used.add(at)
            return today + timedelta(days=1 if word in _TOMORROW else 0)
        if word in _PAIRS and at > 0:
            used.update({at - 1, at})
            return today + timedelta(days=_PAIRS[word])
        days = _span(words, at)
        if days is not None:
            used.update({at - 1, at, at + 1} if word.isdigit() or word in _COUNTS else {at - 1, at})
            return today + timedelta(days=min(days, 730))
        day = _DAY_OF.get(word, _DAY_OF.get("ال" + word))
        if day is not None and (word not in _NEEDS_DAY or {"يوم", "yom"} & set(words[max(0, at - 2) : at])):
            used.add(at)
            return today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)
    return None


def _span(words: Sequence[str], at: int) -> int | None:
    """Days of "in 3 days", "within two weeks", "خلال أسبوع"."""
    if not any(word in _IN for word in words[max(0, at - 1) : at]):
        return None
    word = words[at]
    number = int(word) if word.isdigit() and len(word) < 4 else _COUNTS.get(word)
    if number is not None and at + 1 < len(words):
        length = _SPANS.get(words[at + 1])
        return None if length is None else number * length
    return _SPANS.get(word) if word in _SPANS else None


def _written(text: str, plain: str, words: list[str], today: date, used: set[int]) -> date | None:
    digits = text.translate({0x0660 + digit: str(digit) for digit in range(10)})
    iso = _ISO.search(digits)
    if iso:
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    numbers = _DATE.search(digits)
    if numbers:
        for at, word in enumerate(words):
            if word in numbers[0].replace("/", " ").replace("-", " ").split():
                used.add(at)
        year = numbers[3]
        full = int(year) + (2000 if len(year) == 2 else 0) if year else None
        return _coming(int(numbers[1]), int(numbers[2]), full, today)
    for at, word in enumerate(words):
        month = _MONTHS.get(word)
        if month is None:
            continue
        for beside in (at - 1, at + 1):
            if 0 <= beside < len(words) and words[beside].isdigit() and 1 <= int(words[beside]) <= 31:
                used.update({at, beside})
                return _coming(int(words[beside]), month, None, today)
    return None


def _coming(day: int, month: int, year: int | None, today: date) -> date | None:
    found = _day(year or today.year, month, day)
    return _day(today.year + 1, month, day) if found and year is None and found < today else found


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _city(words: list[str], used: set[int]) -> str | None:
    begins = [
        word in {"ب", "ل"}
        or not FIRST_WORDS.isdisjoint((word, word.removeprefix("ب"), word.removeprefix("ل")))
        for word in words
    ]
    for size in (3, 2, 1):
        for at in range(len(words) - size + 1):
            phrase = " ".join(words[at : at + size])
            key = _CITY_PHRASES.get(phrase) or (_LATIN_CITIES.get(phrase) if size == 1 else None)
            if key is None and begins[at]:
                for spelling in (phrase, phrase.removeprefix("ب"), phrase.removeprefix("ل")):
                    known = city_key(spelling)
                    if city_name(known, "en") is not None:
                        key = known
                        break
            if key:
                used.update(range(at, at + size))
                return key
    return None


def _remote(plain: str, words: list[str], used: set[int]) -> bool | None:
    for at, word in enumerate(words):
        if word in _REMOTE:
            used.add(at)
            return True
    padded = f" {plain} "
    for phrase in _REMOTE_PHRASES:
        if f" {normalise(phrase)} " in padded:
            _use(words, normalise(phrase).split(), used)
            return True
    if any(f" {normalise(phrase)} " in padded for phrase in _ON_SITE):
        return False
    return None


def _use(words: Sequence[str], phrase: Sequence[str], used: set[int]) -> None:
    for at in range(len(words) - len(phrase) + 1):
        if list(words[at : at + len(phrase)]) == list(phrase):
            used.update(range(at, at + len(phrase)))
            return
