"""What is said with an intent: amounts, days, places and pages, in three ways of typing."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.chatbot.intents import DATA, Intent, route
from ml.chatbot.slots import LEAST_AMOUNT, MOST_AMOUNT, slots_of

SUNDAY = date(2026, 11, 22)
CASES = [line.split("\t") for line in (DATA / "slots.tsv").read_text(encoding="utf-8").splitlines()]
NAMES = ("budget", "least", "most", "city", "deadline", "remote", "page")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_what_was_said_is_found_and_nothing_else(text: str, wanted: str) -> None:
    expected = json.loads(wanted)
    intent = Intent.NAVIGATION if "page" in expected else route(text).intent
    slots = slots_of(text, today=SUNDAY, intent=intent)
    found = {name: _plain(getattr(slots, name)) for name in NAMES if getattr(slots, name) is not None}
    assert found == expected


def test_the_subject_is_the_request_without_politeness_and_what_was_found() -> None:
    text = "I need a plumber tomorrow for 300 pounds in Nasr City"
    assert slots_of(text, today=SUNDAY, intent=Intent.CREATE_TASK).subject == "plumber"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400), st.dates())
def test_any_text_on_any_day_has_slots_within_bounds(text: str, today: date) -> None:
    found = slots_of(text, today=min(today, date(9000, 1, 1)), intent=Intent.CREATE_TASK)
    for amount in (found.budget, found.least, found.most):
        assert amount is None or LEAST_AMOUNT <= amount <= MOST_AMOUNT
