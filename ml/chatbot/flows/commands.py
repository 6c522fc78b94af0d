"""Words that steer a conversation, in English, Arabic and Arabic in Latin letters: back, cancel, yes, edit …

Only a message that is nothing but such a word steers: "Cancel culture article" is a title.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from ml.chatbot.arabizi import soft
from ml.text import normalise


class Command(StrEnum):
    CANCEL = "cancel"
    BACK = "back"
    SKIP = "skip"
    KEEP = "keep"
    RESTART = "restart"
    CONTINUE = "continue"
    SHOW = "show"
    YES = "yes"
    NO = "no"


_PHRASES: dict[Command, str] = {
    Command.CANCEL: (
        "cancel|cancel it|cancel this|cancel task|cancel the task|cancel draft|cancel the draft|cancel everything|stop|"
        "stop it|abort|quit|exit|never mind|nevermind|forget it|discard|discard it|discard the draft|i changed my mind|"
        "إلغاء|الغ|الغي|ألغِ|الغيها|الغيه|الغاء المهمة|الغي المهمة|الغي المسودة|إلغاء المسودة|وقف|توقف|بطل|كنسل|بلاش|"
        "خلاص بلاش|مش عايز اكمل|لا أريد أن أكمل|انس الأمر|غيرت رأيي|اخرج|"
        "el8eeh|el8eha|el8y|el8i|el8y el task|elgheeh|elghy|elghi|el8a2|kansel|kansl|balash|5alas balash|khalas balash|"
        "msh 3ayez akamel|mesh 3ayez akamel|wa2af|batal|8ayart ra2y"
    ),
    Command.BACK: (
        "back|go back|go back please|previous|previous question|previous one|the previous question|one step back|"
        "step back|undo|last question|"
        "رجوع|ارجع|الرجوع|ارجع خطوة|ارجعني|رجعني|السابق|السؤال السابق|السؤال اللي فات|اللي فات|اللي قبله|للخلف|تراجع|"
        "ارجع للسؤال اللي فات|عودة|"
        "erga3|irga3|arga3|erga3 wara|rag3ny|ragga3ny|rogoo3|elly fat|el so2al elly fat|erga3 lel so2al elly fat"
    ),
    Command.SKIP: (
        "skip|skip it|skip this|skip this one|pass|not needed|no preference|doesnt matter|does not matter|none|"
        "تخطي|تخطى|تخط|تخطيها|عدي|عديها|فوت|فوتها|مش مهم|لا يهم|لا يوجد|بدون|مفيش|"
        "3addy|3adeeha|3adiha|fawet|fawetha|msh mohem|mesh mohem|mafeesh"
    ),
    Command.KEEP: (
        "keep|keep it|same|the same|leave it|leave it as it is|no change|as it is|unchanged|"
        "خليه|خليها|سيبه|سيبها|نفسه|نفسها|زي ما هو|زي ما هي|كما هو|كما هي|أبقه|بدون تغيير|"
        "khaleeh|khaleeha|5aleeh|5aleeha|seebo|seebha|zay ma howa|zay ma heya|nafso"
    ),
    Command.RESTART: (
        "start over|start again|restart|from the beginning|begin again|start from scratch|start from the beginning|"
        "start afresh|reset|"
        "ابدأ من جديد|من الأول|ابدأ من الأول|من البداية|ابدأ من البداية|نبدأ من الأول|نبدأ من جديد|من جديد|ابدأ تاني|"
        "men el awel|mn el awel|mn elawel|ebda2 men el awel|ebda2 mn gdeed|ebda2 mn el awel|nebda2 mn el awel|"
        "mn gdeed|mn el bedaya"
    ),
    Command.CONTINUE: (
        "continue|resume|go on|carry on|proceed|continue it|continue my draft|resume my draft|continue the draft|"
        "resume the draft|where were we|lets continue|"
        "كمل|كملها|اكمل|أكمل|نكمل|كمل المسودة|أكمل المسودة|استمر|تابع|متابعة|يلا نكمل|كنا فين|"
        "kamel|kammel|kamelha|nekamel|akamel|yalla nekamel|kamel el draft|konna fen"
    ),
    Command.SHOW: (
        "show draft|show the draft|show my draft|my draft|the draft|draft|summary|show summary|"
        "المسودة|مسودتي|اعرض المسودة|وريني المسودة|الملخص|"
        "wareny el draft|el draft"
    ),
    Command.YES: (
        "yes|y|yeah|yep|yup|ya|sure|ok|okay|yes please|go ahead|do it|confirm|confirmed|i confirm|create|create it|"
        "yes create it|create the task|looks good|correct|right|thats right|post it|publish|publish it|agreed|fine|"
        "perfect|great|good|of course|absolutely|"
        "نعم|اه|آه|أه|ايوه|أيوة|أيوا|ايوا|أجل|بلى|موافق|موافقة|تمام|ماشي|اوكي|اوك|أوكيه|طبعا|أكيد|أكد|تأكيد|صح|صحيح|"
        "انشرها|انشر|أنشئها|نزلها|اعملها|يلا|نعم أنشئها|ايوه تمام|تمام كده|مظبوط|"
        "aywa|aiwa|aywah|ayowa|aywaa|ah|aah|na3am|tamam|tmam|tmm|tamam keda|mashy|mashi|okey|akid|akeed|mowafe2|"
        "mwaf2|mwafe2|sa7|yalla|nazelha|nazzelha|enshorha|e3melha|tab3an|aywa tamam|mazboot"
    ),
    Command.NO: (
        "no|n|nope|nah|no thanks|not yet|wrong|not correct|not right|no change it|edit|edit it|change|change it|"
        "change something|edit something|modify|"
        "لا|لأ|لاء|كلا|مش موافق|غلط|خطأ|لسه|مش صح|ليس بعد|تعديل|عدل|عدلها|غير|تغيير|عايز اعدل|أريد التعديل|لا عدلها|"
        "la2|la|laa|la2a|la22|l2|lessa|lesa|8alat|ghalat|msh sa7|mesh sa7|3adel|3addel|a3adel|ghayar|8ayar|ta3deel|"
        "3ayez a3adel|3adelha"
    ),
}
_FIELDS: dict[str, str] = {
    "title": "title|name|heading|headline|العنوان|عنوان|عنوانها|الاسم|اسم|3enwan|el 3enwan|el3enwan|el title",
    "description": (
        "description|details|text|requirements|الوصف|وصف|وصفها|التفاصيل|تفاصيل|المتطلبات|"
        "wasf|el wasf|elwasf|tafaseel|el tafaseel|el description"
    ),
    "category": (
        "category|section|الفئة|فئة|فئتها|القسم|قسم|التصنيف|تصنيف|qesm|el qesm|el 2esm|tasneef|el tasneef|el category"
    ),
    "budget": (
        "budget|price|amount|money|cost|الميزانية|ميزانية|ميزانيتها|السعر|سعر|سعرها|المبلغ|مبلغ|"
        "mizanya|el mizanya|mezanya|el mezanya|se3r|el se3r|mablagh|el budget"
    ),
    "location": (
        "location|place|city|address|المكان|مكان|مكانها|الموقع|موقع|المدينة|مدينة|makan|el makan|el mkan|madina|"
        "el madina|el location"
    ),
    "deadline": (
        "deadline|date|day|due date|time|الموعد|موعد|موعدها|الموعد النهائي|الميعاد|ميعاد|التاريخ|تاريخ|"
        "ma3ad|el ma3ad|me3ad|el me3ad|el deadline"
    ),
}
_EDIT = (
    "edit|change|modify|update|correct|fix|i want to change|i want to edit|let me change|"
    "عدل|تعديل|غير|تغيير|اعدل|اغير|صحح|عايز اعدل|عايز اغير|أريد تعديل|أريد تغيير|اريد ان اعدل|"
    "3adel|3addel|a3adel|ghayar|8ayar|a8ayar|aghayar|ta3deel|3ayez a3adel|3ayez a8ayar"
)
_POLITE = frozenset(normalise("please plz pls thanks رجاء شكرا").split())
_POLITE_PHRASES = tuple(f" {normalise(one)}" for one in ("من فضلك", "لو سمحت", "law sama7t", "thank you"))
_REST = re.compile(r"\s*(?:\s(?:to|into|إلى|الى|ليصبح|تبقى|yeb2a|teb2a)\s|[:=])\s*", re.IGNORECASE)
_LONGEST = 60


def folded(text: str) -> str:
    """The words of a short text in the one form in which phrases are compared."""
    return " ".join(soft(word) if word.isascii() else word for word in _plain(text).split())


def _plain(text: str) -> str:
    plain = normalise(text)
    for phrase in _POLITE_PHRASES:
        plain = plain.removesuffix(phrase)
    words = plain.split()
    kept = [word for word in words if word not in _POLITE]
    return " ".join(kept or words)


@cache
def _commands() -> dict[str, Command]:
    return {folded(one): name for name, phrases in _PHRASES.items() for one in phrases.split("|")}


@cache
def _names() -> dict[str, str]:
    return {folded(one): name for name, phrases in _FIELDS.items() for one in phrases.split("|")}


@cache
def _verbs() -> tuple[str, ...]:
    return tuple(sorted({folded(one) for one in _EDIT.split("|")}, key=len, reverse=True))


def command_of(text: str) -> Command | None:
    """The command that a message is, None where it is anything else."""
    return _commands().get(folded(text)) if len(text) <= _LONGEST else None


def field_of(text: str) -> str | None:
    """The field that a message names ("the budget", "الميزانية"), None where it is anything else."""
    return _field(folded(text)) if len(text) <= _LONGEST else None


def _field(plain: str) -> str | None:
    for article in ("", folded("the"), folded("my")):
        found = _names().get(plain.removeprefix(f"{article} ") if article else plain)
        if found is not None:
            return found
    return None


def edit_of(text: str) -> tuple[str, str] | None:
    """(field, new value or "") of "edit the budget" or "change budget to 700"; None for anything else."""
    if len(text) <= _LONGEST:
        named = _edited(text)
        if named is not None:
            return named, ""
    found = _REST.search(text, 0, _LONGEST)
    if found is None or not text[found.end() :].strip():
        return None
    named = _edited(text[: found.start()])
    return None if named is None else (named, text[found.end() :].strip())


def _edited(text: str) -> str | None:
    plain = folded(text)
    for verb in _verbs():
        if plain.startswith(f"{verb} "):
            return _field(plain[len(verb) + 1 :])
    return None
