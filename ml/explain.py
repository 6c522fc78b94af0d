"""A reason in words, in Arabic and English."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from ml.ranking import Reason

Language = Literal["ar", "en"]

_TYPES: dict[str, tuple[str, str]] = {
    "PHYSICAL": ("حضورية", "on-site"),
    "DIGITAL": ("رقمية", "digital"),
    "BOTH": ("حضورية ورقمية", "on-site and digital"),
    "ONE_TIME": ("لمرة واحدة", "one-time"),
    "RECURRING": ("متكررة", "recurring"),
}
_NAMES_SHOWN = 3


def count_skills_ar(count: int) -> str:
    """`count` skills in Arabic: singular, dual, the plural of 3 to 10, and the singular that follows 11 and more."""
    if count == 0:
        return "لا مهارات"
    if count == 1:
        return "مهارة واحدة"
    if count == 2:
        return "مهارتين"
    if 3 <= count % 100 <= 10:
        return f"{count} مهارات"
    if 11 <= count % 100 <= 99:
        return f"{count} مهارة"
    return f"{count} مهارة"


def amount(budget: Any, language: Language) -> str:
    """An amount in pounds, Western digits in both languages: "1,500 EGP", "1,500 جنيه"."""
    try:
        value = Decimal(str(budget))
        plain = f"{value:,.2f}".removesuffix(".00")
    except (InvalidOperation, ValueError):
        plain = str(budget)
    return f"{plain} جنيه" if language == "ar" else f"{plain} EGP"


def _list_names(ids: Any, names: Mapping[int, str], language: Language) -> str:
    known = [names[skill] for skill in ids if skill in names]
    shown, rest = known[:_NAMES_SHOWN], len(known) - _NAMES_SHOWN
    if language == "ar":
        text = "، ".join(shown)
        return f"{text} و{count_skills_ar(rest)} أخرى" if rest > 0 else text
    text = ", ".join(shown)
    return f"{text} and {rest} more" if rest > 0 else text


def _skills_match(reason: Reason, language: Language, names: Mapping[int, str]) -> str:
    matched, required = int(str(reason.params["matched"])), int(str(reason.params["required"]))
    listed = _list_names(reason.params["skill_ids"], names, language)
    tail = f": {listed}" if listed else ""
    if language == "ar":
        if matched == required:
            head = {1: "لديك المهارة المطلوبة", 2: "لديك المهارتان المطلوبتان"}.get(
                required, f"لديك كل المهارات المطلوبة ({required})"
            )
        else:
            head = f"لديك {count_skills_ar(matched)} من أصل {required} مطلوبة"
        return head + tail
    if matched == required:
        head = "You have the required skill" if required == 1 else f"You have all {required} required skills"
    else:
        head = f"You have {matched} of the {required} required skills"
    return head + tail


def _mentions(reason: Reason, language: Language, names: Mapping[int, str]) -> str:
    listed = _list_names(reason.params["skill_ids"], names, language)
    if language == "ar":
        return f"الوصف يذكر مهاراتك: {listed}" if listed else "الوصف يذكر مهارات لديك"
    return f"The description mentions your skills: {listed}" if listed else "The description mentions skills you have"


def sentence(
    reason: Reason, language: Language, *, skill_names: Mapping[int, str], category_names: Mapping[int, str]
) -> str:
    """`reason` as one sentence without a full stop; names come in the reader's language.

    A name that is missing (a skill deleted since) is left out. Raises ValueError for an unknown code.
    """
    arabic, params = language == "ar", reason.params
    match reason.code:
        case "skills_match":
            return _skills_match(reason, language, skill_names)
        case "mentions_skills":
            return _mentions(reason, language, skill_names)
        case "similar_to_profile":
            percent = params["percent"]
            return f"قريبة من ملفك الشخصي بنسبة {percent}%" if arabic else f"{percent}% similar to your profile"
        case "words_in_common":
            percent = params["percent"]
            return (
                f"كلماتها تشترك مع ملفك بنسبة {percent}%" if arabic else f"Shares its wording with your profile ({percent}%)"
            )
        case "budget_fits":
            text = amount(params["budget"], language)
            return f"الميزانية تناسبك: {text}" if arabic else f"The budget suits you: {text}"
        case "same_city":
            return f"في مدينتك: {params['city']}" if arabic else f"In your city: {params['city']}"
        case "remote":
            return "يمكن تنفيذها عن بُعد" if arabic else "Can be done remotely"
        case "preferred_category":
            name = category_names.get(int(str(params["category_id"])), "")
            if not name:
                return "في قسم تفضّله" if arabic else "In a category you prefer"
            return f"في قسم تفضّله: {name}" if arabic else f"In a category you prefer: {name}"
        case "preferred_type":
            kind = _TYPES.get(str(params["task_type"]))
            if kind is None:
                return "من نوع تفضّله" if arabic else "Of a kind you prefer"
            return f"من نوع تفضّله: {kind[0]}" if arabic else f"Of a kind you prefer: {kind[1]}"
    raise ValueError(f"unknown reason code: {reason.code!r}")
