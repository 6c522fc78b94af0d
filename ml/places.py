"""Cities of Egypt in both languages, so that "القاهرة" and "Cairo" are one place.

Keys are stored beside rows: whoever changes a name here fills them anew, in a migration.
"""

from __future__ import annotations

from functools import lru_cache

from ml.text import normalise

# Key and English name: the Arabic name, then districts, governorates and spellings of both languages.
_CITIES: dict[str, str] = {
    "cairo": "القاهرة|al qahirah|مصر الجديدة|heliopolis|nasr city|مدينة نصر|maadi|المعادي|new cairo|القاهرة الجديدة",
    "giza": "الجيزة|gizah|6th of october|6 october|السادس من أكتوبر|٦ أكتوبر|october city|sheikh zayed|الشيخ زايد",
    "alexandria": "الإسكندرية|اسكندرية|alex",
    "mansoura": "المنصورة|mansura|الدقهلية|dakahlia",
    "tanta": "طنطا|الغربية|gharbia",
    "zagazig": "الزقازيق|الشرقية|sharqia",
    "ismailia": "الإسماعيلية|اسماعيلية",
    "port said": "بورسعيد|بور سعيد",
    "suez": "السويس",
    "damietta": "دمياط",
    "damanhur": "دمنهور|البحيرة|beheira|damanhour",
    "kafr el sheikh": "كفر الشيخ|kafr el-sheikh",
    "shibin el kom": "شبين الكوم|المنوفية|monufia|menoufia",
    "banha": "بنها|القليوبية|qalyubia|benha",
    "fayoum": "الفيوم|faiyum|fayyum",
    "beni suef": "بني سويف",
    "minya": "المنيا|minia",
    "assiut": "أسيوط|asyut",
    "sohag": "سوهاج",
    "qena": "قنا",
    "luxor": "الأقصر",
    "aswan": "أسوان",
    "hurghada": "الغردقة|البحر الأحمر|red sea",
    "sharm el sheikh": "شرم الشيخ|sharm el-sheikh|جنوب سيناء|south sinai",
    "arish": "العريش|شمال سيناء|north sinai",
    "marsa matrouh": "مرسى مطروح|مطروح|matruh|matrouh",
    "kharga": "الخارجة|الوادي الجديد|new valley",
}
_KEYS = {normalise(name): key for key, names in _CITIES.items() for name in (key, *names.split("|"))}
# What a spelling that `city_key` knows may begin with, normalised.
FIRST_WORDS = frozenset(name.split()[0] for name in (*_KEYS, normalise("محافظة")))


@lru_cache(maxsize=4096)
def city_key(city: str) -> str:
    """One key for the spellings of a city in both languages; an unknown city is its own normalised name."""
    plain = normalise(city)
    for name in (
        plain,
        plain.removesuffix(" city"),
        plain.removesuffix(" governorate"),
        plain.removeprefix("محافظه "),
    ):
        if name in _KEYS:
            return _KEYS[name]
    return plain


def city_name(key: str, language: str) -> str | None:
    """The name of the city of `key` in "en" or else Arabic; None where the key is of no known city."""
    if key not in _CITIES:
        return None
    return key.title() if language == "en" else _CITIES[key].split("|", 1)[0]
