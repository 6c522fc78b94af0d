"""The pages of the application that a conversation may lead to: the white list of NAVIGATE."""

from __future__ import annotations

from functools import cache

from ml.text import normalise

PAGES: dict[str, tuple[str, str]] = {
    "/dashboard": ("Dashboard", "الرئيسية"),
    "/tasks": ("Browse tasks", "تصفح المهام"),
    "/tasks/new": ("Post a task", "انشر مهمة"),
    "/my-tasks": ("My tasks", "مهامي"),
    "/applications": ("My applications", "طلباتي"),
    "/services": ("My services", "خدماتي"),
    "/recommendations": ("Recommended tasks", "المهام المناسبة لك"),
    "/freelancers": ("Freelancers", "المستقلون"),
    "/messages": ("Messages", "الرسائل"),
    "/notifications": ("Notifications", "الإشعارات"),
    "/profile": ("Profile", "الملف الشخصي"),
    "/settings": ("Settings", "الإعدادات"),
    "/settings/notifications": ("Notification settings", "إعدادات الإشعارات"),
    "/help": ("Help", "المساعدة"),
}


def page_name(path: str, language: str = "en") -> str:
    """The name of a page in "en" or else Arabic. Raises KeyError for no page of ours."""
    english, arabic = PAGES[path]
    return english if language == "en" else arabic


# Names of a page in English, Arabic and Arabic in Latin letters; the longer ones are looked for first.
_NAMES: dict[str, str] = {
    "/settings/notifications": "notification settings|settings of notifications|settings for notifications|اعدادات الاشعارات|e3dadat el esh3arat",
    "/tasks/new": "post a task|new task page|انشر مهمة|صفحة نشر مهمة",
    "/my-tasks": "my tasks|page of my tasks|مهامي|المهام بتاعتي|mahammy|mahamy|my posted tasks",
    "/applications": "applications|my applications|طلباتي|طلبات التقديم|التقديمات|talabaty|applications bta3ty",
    "/services": "services|my services|my offers|خدماتي|الخدمات|5adamaty|el 5adamat|5adamat",
    "/recommendations": "recommendations|recommended|for you|التوصيات|el tawsiyat|tawsiyat|tawseyat",
    "/freelancers": "freelancers|المستقلين|المستقلون|mosta2ellin|el freelancers",
    "/messages": "messages|inbox|chat|chats|conversations|الرسائل|رسايلي|رسائلي|المحادثات|الشات|صندوق الوارد|الانبوكس|rasayel|rasayly|rasael|el chat|mo7adsat|inbox",
    "/notifications": "notifications|notifcations|الاشعارات|اشعاراتي|الاشعارت|esh3arat|notifications",
    "/profile": "profile|my account page|البروفايل|الملف الشخصي|ملفي|صفحتي الشخصية|el profile|malaf",
    "/settings": "settings|setings|account settings|الاعدادات|اعدادات الحساب|settings|e3dadat el 7esab|7esaby|حسابي",
    "/help": "help page|help center|صفحة المساعدة|mosa3da|help page",
    "/dashboard": "dashboard|home|home page|لوحة التحكم|الرئيسية|الداشبورد|dashboard|ra2iseya|el home",
    "/tasks": "browse tasks|browse|task list|tasks|list of tasks|تصفح المهام|قائمة المهام|صفحة المهام|tasafo7|browse",
}


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    found = {normalise(name): path for path, names in _NAMES.items() for name in names.split("|")}
    return tuple(sorted(found.items(), key=lambda item: -len(item[0].split())))


def page_of(plain: str) -> str | None:
    """The page that a normalised message names, the longest name first; None where it names none."""
    padded = f" {plain} "
    return next((path for name, path in _spellings() if f" {name} " in padded), None)
