"""The people of the demo: three fixed accounts, then as many as asked for."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from multitask.demo.phrasebook import (
    City,
    book_of,
    cities,
    families,
    profiles,
    round_price,
    shares,
    skill_names,
    skills_of,
    spread,
    years_text,
)
from multitask.demo.records import DemoSkill, DemoUser

# What somebody of a category tends to do besides.
_RELATED = {
    "programming": ("design", "consulting"),
    "design": ("marketing", "other"),
    "writing": ("tutoring", "assistant"),
    "marketing": ("writing", "design"),
    "cleaning": ("other",),
    "tutoring": ("writing", "assistant"),
    "consulting": ("marketing", "assistant"),
    "assistant": ("writing", "consulting"),
    "other": ("cleaning",),
}
_FIXED_SKILLS = {
    "freelancer": (
        ("python", "EXPERT", 7),
        ("django", "EXPERT", 7),
        ("react", "ADVANCED", 5),
        ("postgresql", "ADVANCED", 6),
        ("rest-api", "ADVANCED", 6),
        ("typescript", "INTERMEDIATE", 3),
        ("docker", "INTERMEDIATE", 3),
    ),
    "both": (
        ("logo-design", "EXPERT", 9),
        ("ui-ux-design", "ADVANCED", 6),
        ("figma", "ADVANCED", 5),
        ("illustrator", "EXPERT", 9),
        ("brand-identity", "ADVANCED", 7),
        ("social-media-marketing", "INTERMEDIATE", 2),
    ),
}
FIXED_PEOPLE = (
    # username, language, names by language, city, interests
    (
        "client",
        "ar",
        {"en": ("Mona", "Qandil"), "ar": ("منى", "قنديل")},
        "Cairo",
        ("programming", "design", "cleaning"),
    ),
    ("freelancer", "en", {"en": ("Karim", "Lasheen"), "ar": ("كريم", "لاشين")}, "Cairo", ("programming",)),
    (
        "both",
        "ar",
        {"en": ("Salma", "Nagaty"), "ar": ("سلمى", "نجاتي")},
        "Alexandria",
        ("design", "marketing"),
    ),
)


def _halves(rng: random.Random, total: int) -> list[str]:
    found = ["ar" if index % 2 else "en" for index in range(total)]
    rng.shuffle(found)
    return found


def _place(rng: random.Random) -> City:
    places = cities()
    return rng.choices(places, weights=[place.weight for place in places])[0]


def make_users(rng: random.Random, total: int) -> tuple[DemoUser, ...]:
    clients, freelancers, both = shares(total, 0.4, 0.4, 0.2)
    left = {"client": clients - 1, "freelancer": freelancers - 1, "both": both - 1}
    # Too few people for the proportions: one of each is the fixed three, the rest are what is left.
    types = [kind for kind, count in left.items() for _ in range(max(0, count))][: total - len(FIXED_PEOPLE)]
    types += ["client"] * (total - len(FIXED_PEOPLE) - len(types))
    rng.shuffle(types)
    languages = _halves(rng, len(types))
    categories = iter(spread(rng, sum(kind != "client" for kind in types)))
    seen: Counter[str] = Counter()
    people = [_fixed_user(index, row) for index, row in enumerate(FIXED_PEOPLE, 1)]
    for index, (kind, language) in enumerate(zip(types, languages, strict=True), len(people) + 1):
        primary = None if kind == "client" else next(categories)
        people.append(_user(rng, index=index, kind=kind, language=language, primary=primary, seen=seen))
    return tuple(people)


def _fixed_user(
    index: int, row: tuple[str, str, dict[str, tuple[str, str]], str, tuple[str, ...]]
) -> DemoUser:
    username, language, names, city, interests = row
    skills = tuple(DemoSkill(*skill) for skill in _FIXED_SKILLS.get(username, ()))
    return DemoUser(
        ref=f"user-{index}",
        username=username,
        email=f"{username}@example.com",
        first_name=names[language][0],
        last_name=names[language][1],
        language=language,
        user_type=username,
        bio=profiles()["fixed"][username][language],
        city=city,
        phone_number="",
        skills=skills,
        interests=interests,
        min_budget=Decimal("1000.00") if skills else None,
        max_budget=Decimal("60000.00") if skills else None,
        prefer_remote=True,
        prefer_physical=False,
    )


def _user(
    rng: random.Random,
    *,
    index: int,
    kind: str,
    language: str,
    primary: str | None,
    seen: Counter[str],
) -> DemoUser:
    known = families()
    family = rng.choices(known, weights=[row["weight"] for row in known])[0]
    first, last = rng.choice(family["first"]), rng.choice(family["last"])
    base = f"{first[0]}.{last[0]}".lower()
    seen[base] += 1
    username = base if seen[base] == 1 else f"{base}{seen[base]}"
    place = _place(rng)
    script = 1 if language == "ar" else 0
    secondary = rng.choice(_RELATED[primary]) if primary else ""
    skills = _user_skills(rng, primary, secondary) if primary else ()
    if primary:
        interests: tuple[str, ...] = (primary, secondary)
    else:
        interests = tuple(dict.fromkeys(spread(rng, rng.randint(1, 3))))
    low, high = _wanted_budget(rng, primary) if primary else (None, None)
    wishes = Counter(template.place for template in book_of(interests[0]).requests)
    return DemoUser(
        ref=f"user-{index}",
        username=username,
        email=f"{username}@example.{'com' if index % 2 else 'org'}",
        first_name=first[script],
        last_name=last[script],
        language=language,
        user_type=kind,
        bio=_bio(rng, language, place, primary, skills),
        city=place.name["en"],
        phone_number="",
        skills=skills,
        interests=interests,
        min_budget=low,
        max_budget=high,
        prefer_remote=wishes["remote"] + wishes["either"] > 1,
        prefer_physical=wishes["site"] + wishes["either"] > 2,
    )


def _user_skills(rng: random.Random, primary: str, secondary: str) -> tuple[DemoSkill, ...]:
    """3 to 7 skills that belong together: what one kind of work asks for, then its neighbours."""
    count = rng.choices((3, 4, 5, 6, 7), weights=(1, 1, 2, 4, 6))[0]
    side = 0 if count == 3 else rng.choice((1, 2))
    found: dict[str, None] = {}
    for category, limit in ((primary, count - side), (secondary, count)):
        if rng.random() < 0.3:
            found[rng.choice(skills_of(category))] = None
        bundles = [template.skills for template in book_of(category).templates]
        rng.shuffle(bundles)
        first = bundles[0]
        bundles.sort(key=lambda bundle: -len(set(bundle).intersection(first)))
        for slug in [slug for bundle in bundles for slug in bundle]:
            if len(found) >= limit:
                break
            found[slug] = None
    top = rng.randint(1, 14)
    skills = []
    for rank, slug in enumerate(found):
        years = max(1, top - rng.randint(0, rank + 1))
        step = (years >= 2) + (years >= 5) + (years >= 9)
        step = max(0, step - 1) if rng.random() < 0.2 else step
        skills.append(DemoSkill(slug, ("BEGINNER", "INTERMEDIATE", "ADVANCED", "EXPERT")[step], years))
    return tuple(skills)


def _wanted_budget(rng: random.Random, category: str) -> tuple[Decimal, Decimal]:
    templates = book_of(category).requests
    low = min(template.low for template in templates) * rng.uniform(0.6, 1.4)
    high = max(template.high for template in templates) * rng.uniform(0.5, 1.2)
    return round_price(low), round_price(high)


def _bio(
    rng: random.Random, language: str, place: City, category: str | None, skills: Sequence[DemoSkill]
) -> str:
    phrases = profiles()
    if category is None:
        return str(rng.choice(phrases["client"][language]).format(city=place.name[language]))
    first, second = (skill_names()[skill.slug][language] for skill in skills[:2])
    opening = rng.choice(phrases["freelancer"][language]).format(
        city=place.name[language], skill1=first, skill2=second, years=years_text(skills[0].years, language)
    )
    return f"{opening} {phrases['close'][category][language]}"
