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
        return "مهارتان"
    return f"{count} مهارات" if 3 <= count % 100 <= 10 else f"{count} مهارة"


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
        return f"{text} و{count_skills_ar(rest)} {'أخريان' if rest == 2 else 'أخرى'}" if rest > 0 else text
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
            among = "مهارتين مطلوبتين" if required == 2 else f"{count_skills_ar(required)} مطلوبة"
            head = f"لديك {count_skills_ar(matched)} من أصل {among}"
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
    return (
        f"The description mentions your skills: {listed}"
        if listed
        else "The description mentions skills you have"
    )


# code -> (Arabic, English) with a value; the same without one.
_SENTENCES: dict[str, tuple[str, str]] = {
    "similar_to_profile": ("قريبة من ملفك الشخصي بنسبة {}%", "{}% similar to your profile"),
    "words_in_common": ("كلماتها تشترك مع ملفك بنسبة {}%", "Shares its wording with your profile ({}%)"),
    "budget_fits": ("الميزانية تناسبك: {}", "The budget suits you: {}"),
    "same_city": ("في مدينتك: {}", "In your city: {}"),
    "preferred_category": ("في قسم تفضّله: {}", "In a category you prefer: {}"),
    "preferred_type": ("من نوع تفضّله: {}", "Of a kind you prefer: {}"),
}
_BARE: dict[str, tuple[str, str]] = {
    "remote": ("يمكن تنفيذها عن بُعد", "Can be done remotely"),
    "same_city": ("في مدينتك", "In your city"),
    "preferred_category": ("في قسم تفضّله", "In a category you prefer"),
    "preferred_type": ("من نوع تفضّله", "Of a kind you prefer"),
}


def _value(reason: Reason, language: Language, category_names: Mapping[int, str]) -> str:
    params = reason.params
    match reason.code:
        case "budget_fits":
            return amount(params["budget"], language)
        case "same_city":
            return str(params["city"])
        case "preferred_category":
            return category_names.get(int(str(params["category_id"])), "")
        case "preferred_type":
            return _TYPES.get(str(params["task_type"]), ("", ""))[language == "en"]
    return str(params.get("percent", ""))


def sentence(
    reason: Reason, language: Language, *, skill_names: Mapping[int, str], category_names: Mapping[int, str]
) -> str:
    """`reason` as one sentence without a full stop; names come in the reader's language.

    A name that is missing (a skill deleted since) is left out. Raises ValueError for an unknown code.
    """
    if reason.code == "skills_match":
        return _skills_match(reason, language, skill_names)
    if reason.code == "mentions_skills":
        return _mentions(reason, language, skill_names)
    value = _value(reason, language, category_names)
    template = _SENTENCES.get(reason.code) if value else _BARE.get(reason.code)
    if template is None:
        raise ValueError(f"unknown reason code: {reason.code!r}")
    return template[language == "en"].format(value)
