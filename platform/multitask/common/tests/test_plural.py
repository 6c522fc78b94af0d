"""A number in a sentence has the form that its language asks for."""

from __future__ import annotations

import pytest

from multitask.common.text import Plural, plural_category


@pytest.mark.parametrize(
    ("language", "category", "numbers"),
    [
        ("en", "one", (1,)),
        ("en", "other", (0, 2, 11, 101)),
        ("ar", "zero", (0,)),
        ("ar", "one", (1,)),
        ("ar", "two", (2,)),
        ("ar", "few", (3, 10, 103, 110, 1003)),
        ("ar", "many", (11, 26, 99, 111, 1099)),
        ("ar", "other", (100, 101, 102, 200, 1000, 1002)),
    ],
)
def test_each_number_has_its_category(language: str, category: str, numbers: tuple[int, ...]) -> None:
    assert {plural_category(language, number) for number in numbers} == {category}


def test_a_form_that_is_not_given_reads_as_the_other() -> None:
    plural = Plural(
        {"one": "a task", "other": "{count} tasks"},
        {"two": "مهمتان", "few": "{count} مهام", "other": "{count} مهمة"},
    )
    said = [plural.of(number).show("ar", count=number) for number in (2, 3, 11, 100)]
    assert said == ["مهمتان", "3 مهام", "11 مهمة", "100 مهمة"]
    assert [plural.of(number).show("en", count=number) for number in (0, 1, 2)] == [
        "0 tasks",
        "a task",
        "2 tasks",
    ]
