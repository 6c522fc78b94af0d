"""A reason in words, in Arabic and English, to the freelancer ("you") or of the freelancer to a client ("them")."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from ml.ranking import Reason

Language = Literal["ar", "en"]
Voice = Literal["you", "them"]

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


def _skills_match(reason: Reason, language: Language, names: Mapping[int, str], voice: Voice) -> str:
    matched, required = int(str(reason.params["matched"])), int(str(reason.params["required"]))
    listed = _list_names(reason.params["skill_ids"], names, language)
    tail = f": {listed}" if listed else ""
    if language == "ar":
        owner = "لديك" if voice == "you" else "لدى المستقل"
        if matched == required:
            head = {1: f"{owner} المهارة المطلوبة", 2: f"{owner} المهارتان المطلوبتان"}.get(
                required, f"{owner} كل المهارات المطلوبة ({required})"
            )
        else:
            among = "مهارتين مطلوبتين" if required == 2 else f"{count_skills_ar(required)} مطلوبة"
            head = f"{owner} {count_skills_ar(matched)} من أصل {among}"
        return head + tail
    has = "You have" if voice == "you" else "Has"
    if matched == required:
        head = f"{has} the required skill" if required == 1 else f"{has} all {required} required skills"
    else:
        head = f"{has} {matched} of the {required} required skills"
    return head + tail


# code -> voice -> (Arabic, English) in front of the names of skills.
_NAMED: dict[str, dict[Voice, tuple[str, str]]] = {
    "mentions_skills": {
        "you": ("الوصف يذكر مهارات لديك", "The description mentions skills you have"),
        "them": ("لدى المستقل مهارات يذكرها الوصف", "Has skills that the description mentions"),
    },
    "related_skills": {
        "you": (
            "لديك مهارات قريبة من مهارات مطلوبة تنقصك",
            "You have skills close to required ones you lack",
        ),
        "them": (
            "لدى المستقل مهارات قريبة من مهارات مطلوبة",
            "Has skills close to required ones that are missing",
        ),
    },
}

# code -> voice -> (Arabic, English) with a value.
_SENTENCES: dict[str, dict[Voice, tuple[str, str]]] = {
    "similar_to_profile": {
        "you": ("قريبة من ملفك الشخصي بنسبة {}%", "{}% similar to your profile"),
        "them": ("الملف الشخصي قريب من المهمة بنسبة {}%", "The profile is {}% similar to the task"),
    },
    "words_in_common": {
        "you": ("كلماتها تشترك مع ملفك بنسبة {}%", "Shares its wording with your profile ({}%)"),
        "them": ("كلمات الملف تشترك مع المهمة بنسبة {}%", "The profile shares the task's wording ({}%)"),
    },
    "budget_fits": {
        "you": ("الميزانية تناسبك: {}", "The budget suits you: {}"),
        "them": ("الميزانية تناسب المستقل: {}", "The budget suits them: {}"),
    },
    "same_city": {
        "you": ("في مدينتك: {}", "In your city: {}"),
        "them": ("في مدينة المهمة: {}", "In the city of the task: {}"),
    },
    "preferred_category": {
        "you": ("في قسم تفضّله: {}", "In a category you prefer: {}"),
        "them": ("يفضّل المستقل هذا القسم: {}", "Prefers this category: {}"),
    },
    "preferred_type": {
        "you": ("من نوع تفضّله: {}", "Of a kind you prefer: {}"),
        "them": ("يفضّل المستقل هذا النوع: {}", "Prefers this kind: {}"),
    },
    "well_rated": {
        "you": ("تقييمك {}", "You are rated {}"),
        "them": ("التقييم {}", "Rated {}"),
    },
    "applies_soon": {
        "you": ("تتقدّم عادة خلال {}", "You usually apply within {}"),
        "them": ("يتقدّم عادة خلال {}", "Usually applies within {}"),
    },
}
_BARE: dict[str, dict[Voice, tuple[str, str]]] = {
    "remote": {
        "you": ("يمكن تنفيذها عن بُعد", "Can be done remotely"),
        "them": ("يعمل عن بُعد", "Works remotely"),
    },
    "same_city": {
        "you": ("في مدينتك", "In your city"),
        "them": ("في مدينة المهمة", "In the city of the task"),
    },
    "preferred_category": {
        "you": ("في قسم تفضّله", "In a category you prefer"),
        "them": ("يفضّل المستقل هذا القسم", "Prefers this category"),
    },
    "preferred_type": {
        "you": ("من نوع تفضّله", "Of a kind you prefer"),
        "them": ("يفضّل المستقل هذا النوع", "Prefers this kind"),
    },
    "popular": {
        "you": ("يتقدّم إليها كثيرون", "Many apply to it"),
        "them": ("يتقدّم إليها كثيرون", "Many apply to it"),
    },
    "new": {"you": ("نُشرت حديثًا", "Posted recently"), "them": ("نُشرت حديثًا", "Posted recently")},
    "open": {"you": ("مفتوحة للتقديم", "Open to applications"), "them": ("مفتوحة", "Open")},
    "available": {
        "you": ("لا أعمال جارية لديك", "You have no work in progress"),
        "them": ("لا أعمال جارية لدى المستقل", "Has no work in progress"),
    },
}

# Parts of a score -> (Arabic, English).
_PARTS: dict[str, tuple[str, str]] = {
    "skills": ("المهارات المطلوبة", "Required skills"),
    "related": ("مهارات قريبة", "Related skills"),
    "mentions": ("مهارات يذكرها النص", "Skills the text names"),
    "semantic": ("المعنى", "Meaning of the texts"),
    "tfidf": ("الكلمات المشتركة", "Words in common"),
    "budget": ("الميزانية", "Budget"),
    "place": ("المكان", "Place"),
    "type": ("نوع المهمة", "Kind of task"),
    "category": ("القسم", "Category"),
    "conflict": ("ما استبعدته تفضيلاتك", "What your preferences rule out"),
    "dismissed": ("ما استبعدته من قبل", "What you dismissed before"),
    "preferences": ("تفضيلات المستقل", "The freelancer's preferences"),
    "rating": ("التقييمات", "Ratings"),
    "response": ("سرعة التقديم", "How soon they apply"),
    "availability": ("التفرّغ", "Availability"),
    "interest": ("اهتماماتك", "Your interests"),
    "popularity": ("الإقبال", "Demand"),
    "freshness": ("الحداثة", "Newness"),
    "chance": ("القرعة", "Chance"),
}


def _hours(value: Any, language: Language) -> str:
    hours = max(1, round(float(str(value))))
    if language == "en":
        return "an hour" if hours == 1 else f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"
    if hours >= 48:
        days = round(hours / 24)
        return "يومين" if days == 2 else f"{days} أيام" if days <= 10 else f"{days} يومًا"
    if hours <= 2:
        return "ساعة" if hours == 1 else "ساعتين"
    return f"{hours} ساعات" if hours <= 10 else f"{hours} ساعة"


def _rating(params: Mapping[str, Any], language: Language) -> str:
    reviews = int(str(params["reviews"]))
    if language == "en":
        return f"{params['rating']} of 5 ({reviews} {'review' if reviews == 1 else 'reviews'})"
    if reviews <= 2:
        counted = "تقييم واحد" if reviews == 1 else "تقييمان"
    else:
        counted = f"{reviews} تقييمات" if 3 <= reviews % 100 <= 10 else f"{reviews} تقييمًا"
    return f"{params['rating']} من 5 ({counted})"


def _value(reason: Reason, language: Language, category_names: Mapping[int, str]) -> str:
    params = reason.params
    match reason.code:
        case "budget_fits":
            return amount(params["budget"], language)
        case "same_city":
            return str(params.get("city", ""))
        case "preferred_category":
            return category_names.get(int(str(params["category_id"])), "")
        case "preferred_type":
            return _TYPES.get(str(params["task_type"]), ("", ""))[language == "en"]
        case "well_rated" | "applies_soon":
            return _record(params, language)
    return str(params.get("percent", ""))


def _record(params: Mapping[str, Any], language: Language) -> str:
    return _hours(params["hours"], language) if "hours" in params else _rating(params, language)


def sentence(
    reason: Reason,
    language: Language,
    *,
    skill_names: Mapping[int, str],
    category_names: Mapping[int, str],
    voice: Voice = "you",
) -> str:
    """`reason` as one sentence without a full stop; names come in the reader's language.

    A name that is missing (a skill deleted since) is left out. Raises ValueError for an unknown code.
    """
    if reason.code == "skills_match":
        return _skills_match(reason, language, skill_names, voice)
    if reason.code in _NAMED:
        listed = _list_names(reason.params["skill_ids"], skill_names, language)
        head = _NAMED[reason.code][voice][language == "en"]
        return f"{head}: {listed}" if listed else head
    value = _value(reason, language, category_names)
    template = _SENTENCES.get(reason.code) if value else _BARE.get(reason.code)
    if template is None:
        raise ValueError(f"unknown reason code: {reason.code!r}")
    return template[voice][language == "en"].format(value)


def part_name(part: str, language: Language) -> str:
    """The name of a term of the score. Raises ValueError for an unknown one."""
    if part not in _PARTS:
        raise ValueError(f"unknown part of a score: {part!r}")
    return _PARTS[part][language == "en"]


def points(parts: Mapping[str, float], percentage: int) -> dict[str, int]:
    """Whole points of each part, the greatest first, that sum to `percentage`; parts of no point are left out.

    Shares are those of the score; the points left by rounding go to the greatest remainders (Hamilton's method).
    """
    total = math.fsum(parts.values())
    if total <= 0.0:
        return {}
    exact = {name: percentage * value / total for name, value in parts.items()}
    found = {name: math.floor(value) for name, value in exact.items()}
    short = percentage - sum(found.values())
    for name in sorted(exact, key=lambda name: (found[name] - exact[name], name))[:short]:
        found[name] += 1
    return {name: found[name] for name in sorted(found, key=lambda name: (-found[name], name)) if found[name]}
