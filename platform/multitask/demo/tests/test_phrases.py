"""The files the demo is made from: categories, skills and phrases, whole in both languages."""

from __future__ import annotations

import json
import re
import string
from collections import Counter, defaultdict
from typing import Any

import pytest

from multitask.demo.phrasebook import polish
from multitask.demo.tests.sample import (
    CATEGORY_NAMES,
    PHRASES,
    categories,
    demo,
    is_arabic,
    skills,
)

LATIN = re.compile(r"[A-Za-z]")
NAMED_SKILLS = """
Python, Django, Flask, FastAPI, JavaScript, React, Vue, Angular, Node.js, TypeScript, Next.js, Express, PHP,
Laravel, WordPress, Java, Spring Boot, C#, .NET, ASP.NET, React Native, Flutter, Swift, Kotlin, PostgreSQL,
MySQL, MongoDB, Redis, Docker, Kubernetes, AWS, Azure, Adobe Photoshop, Illustrator, InDesign, Figma, Sketch,
Adobe XD, UI/UX Design, User Research, 3D Modeling, Blender, Maya, Video Editing, After Effects, Premiere Pro,
Content Writing, Copywriting, Technical Writing, Documentation, SEO Writing, Blog Writing, Arabic Translation,
English Translation, Proofreading, Editing, Social Media Marketing, SEO, SEM, Google Ads, Email Marketing,
Content Strategy, Brand Management, Business Consulting, Financial Planning, Legal Consulting, Career Coaching,
Project Management, Customer Service, Data Entry, Virtual Assistance, Cleaning Services, Tutoring
"""


# --- categories and skills --------------------------------------------------------------------------


def test_the_nine_categories_have_their_names_and_an_order() -> None:
    assert {row["slug"]: row["name_en"] for row in categories()} == CATEGORY_NAMES
    assert [row["order"] for row in categories()] == list(range(1, 10))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["icon"]) for row in categories())


def test_every_category_speaks_both_languages() -> None:
    for row in categories():
        for key in ("name", "description"):
            assert is_arabic(row[f"{key}_ar"])
            assert not is_arabic(row[f"{key}_en"])
            assert row[f"{key}_en"].strip()


def test_there_are_about_150_skills_over_all_nine_categories() -> None:
    assert 150 <= len(skills()) <= 175
    counted = Counter(row["category"] for row in skills().values())
    assert set(counted) == set(CATEGORY_NAMES)
    assert min(counted.values()) >= 5


def test_every_skill_the_description_names_is_there_by_that_name() -> None:
    wanted = {" ".join(name.split()) for name in NAMED_SKILLS.split(",")}
    assert len(wanted) == 73
    assert wanted - {row["name_en"] for row in skills().values()} == set()


def test_every_skill_has_an_arabic_name_and_a_usable_slug() -> None:
    for row in skills().values():
        assert is_arabic(row["name_ar"]), row["slug"]
        assert LATIN.search(row["name_en"]), row["slug"]
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["slug"])
        assert len(row["name_en"]) <= 100
        assert len(row["name_ar"]) <= 100
        assert ("description_en" in row) == ("description_ar" in row)


def fold(text: str) -> str:
    """Casefold, and the Arabic spellings people mix up: hamza forms, final yeh, teh marbuta."""
    return text.casefold().strip().translate(str.maketrans("أإآىة", "اااي" + "ه"))


@pytest.mark.parametrize("spell", [lambda text: text.casefold().strip(), fold], ids=["as written", "folded"])
def test_a_name_or_alias_belongs_to_one_skill_only(spell: Any) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for slug, row in skills().items():
        for name in (row["name_en"], row["name_ar"], *row["aliases"]):
            owners[spell(name)].add(slug)
    assert {name: slugs for name, slugs in owners.items() if len(slugs) > 1} == {}


def test_aliases_are_clean_and_not_repeated() -> None:
    for slug, row in skills().items():
        keys = [name.casefold() for name in (row["name_en"], row["name_ar"], *row["aliases"])]
        assert len(keys) == len(set(keys)), slug
        assert all(name == name.strip() and len(name) > 1 for name in row["aliases"]), slug


@pytest.mark.parametrize(
    ("spelling", "slug"),
    [
        ("سباك", "plumbing"),
        ("تصميم لوجو", "logo-design"),
        ("لوجو", "logo-design"),
        ("ReactJS", "react"),
        ("React.js", "react"),
        ("ووردبريس", "wordpress"),
        ("بايثون", "python"),
        ("نقل عفش", "furniture-moving"),
        ("ثانوية عامة", "thanaweya-amma"),
    ],
)
def test_what_egyptians_type_finds_the_skill(spelling: str, slug: str) -> None:
    row = skills()[slug]
    assert spelling in (row["name_en"], row["name_ar"], *row["aliases"])


# --- phrases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("category", sorted(CATEGORY_NAMES))
def test_a_category_has_enough_templates_in_both_languages(category: str) -> None:
    raw = json.loads((PHRASES / f"{category}.json").read_text(encoding="utf-8"))
    assert len(raw["requests"]) >= 8
    assert len(raw["offers"]) >= 3
    assert set(raw["slots"]["en"]) == set(raw["slots"]["ar"])
    for row in [*raw["requests"], *raw["offers"]]:
        assert len(row["skills"]) >= 2
        assert {skills()[slug]["category"] for slug in row["skills"]} == {category}
        assert 10 <= row["budget"][0] <= row["budget"][1] <= 10_000_000
        assert row["days"][0] <= row["days"][1]
        assert row["place"] in {"remote", "site", "either"}
        for language in ("en", "ar"):
            known = {"city", "area", *raw["slots"][language], *row.get("slots", {}).get(language, {})}
            for part in (row[language]["title"], row[language]["text"]):
                used = {name for _, name, _, _ in string.Formatter().parse(part) if name}
                assert used <= known, part
                assert is_arabic(part) == (language == "ar"), part


def test_no_arabic_word_stands_in_an_english_sentence() -> None:
    for task in demo().tasks:
        if not is_arabic(task.title):
            assert not is_arabic(task.description + task.location + task.estimated_duration)
    for user in demo().users:
        assert is_arabic(user.bio) == is_arabic(user.first_name) == (user.language == "ar")


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("Planner for a engagement party", "Planner for an engagement party"),
        ("A one-page guide to a used car", "A one-page guide to a used car"),
        ("موقع لـمتجر عطور", "موقع لمتجر عطور"),
        ("خاص بـكتالوج", "خاص بكتالوج"),
        ("دهان لـالمطبخ", "دهان للمطبخ"),
        ("ربط لـAPI جاهز", "ربط لـAPI جاهز"),
    ],
)
def test_a_filled_sentence_reads_as_if_written_whole(broken: str, mended: str) -> None:
    assert polish(broken) == mended
