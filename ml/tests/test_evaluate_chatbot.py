"""Guards of how the assistant understands, on the rows that nothing was fitted to, and the figures they rest on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ml import evaluate
from ml.chatbot.intents import LANGUAGES, Intent, Routed
from ml.evaluation import chatbot
from ml.evaluation.chatbot import Judged

# The figures of docs/evaluation.md less a hair.
LEAST_ACCURACY = {"en": 0.97, "ar": 0.93, "latin": 0.915}
LEAST_UNASKED = {"en": 0.965, "ar": 0.94, "latin": 0.92}
MOST_CREATED = {"en": 0, "ar": 0, "latin": 1}
MOST_ASKED = 0.08
MOST_ECE = 0.05
LEAST_SLOTS = 0.99
LEAST_HELP = {"en": (0.82, 0.95), "ar": (0.84, 0.91), "latin": (0.81, 0.93)}


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return chatbot.measure(encode=None)


def judged(wanted: Intent, found: Intent, confidence: float = 0.9, *, unsure: bool = False) -> Judged:
    return Judged(wanted, Routed(found, confidence, None, unsure, "rule:one", "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_intents_are_told_apart_and_talk_begins_no_task(measured: dict[str, Any], language: str) -> None:
    found = measured["intents"][language]
    assert found["messages"] >= 200
    assert found["accuracy"] >= LEAST_ACCURACY[language]
    assert found["accuracy_unasked"] >= LEAST_UNASKED[language]
    assert found["created"] <= MOST_CREATED[language]
    # What is asked about too often is no help either.
    assert found["asks"] <= MOST_ASKED
    assert found["calibration_error"] <= MOST_ECE


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_its_place_in_the_confusion_matrix(measured: dict[str, Any], language: str) -> None:
    found = measured["intents"][language]
    rows = found["confusion"]
    assert set(rows) == set(Intent)
    # No intent is so rare in the split that its row says nothing.
    assert min(sum(row.values()) for row in rows.values()) >= 20
    right = sum(rows[intent][intent] for intent in rows)
    assert right / found["messages"] == pytest.approx(found["accuracy"])
    assert rows[Intent.GENERAL_CHAT][Intent.CREATE_TASK] == found["created"]


def test_what_was_said_with_an_intent_is_found(measured: dict[str, Any]) -> None:
    assert measured["slots"]["fields"] >= 100
    assert measured["slots"]["right"] >= LEAST_SLOTS
    assert set(measured["slots"]["by_field"]) == set(chatbot.SLOT_NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_is_among_the_first_three(measured: dict[str, Any], language: str) -> None:
    first, three = LEAST_HELP[language]
    found = measured["help"][language]
    assert (found["recall@1"] >= first, found["recall@3"] >= three) == (True, True), found


def test_a_wrong_answer_of_which_two_buttons_ask_counts_in_its_own_way() -> None:
    rows = [
        judged(Intent.GENERAL_CHAT, Intent.CREATE_TASK, unsure=True),
        judged(Intent.GENERAL_CHAT, Intent.CREATE_TASK),
        judged(Intent.HELP, Intent.HELP),
        judged(Intent.HELP, Intent.NAVIGATION),
    ]
    found = chatbot.intents(rows)
    assert (found["accuracy"], found["asks"], found["accuracy_unasked"]) == (0.25, 0.25, 1 / 3)
    assert (found["created"], found["created_unasked"]) == (2, 1)


def test_confidence_that_says_what_it_knows_has_no_calibration_error() -> None:
    knows = [0.75] * 4
    assert chatbot.ece(knows, [True, True, True, False], bins=10) == pytest.approx(0.0)
    assert chatbot.ece(knows, [False] * 4, bins=10) == pytest.approx(0.75)
    # Two bins, a half each: one is right, the other says 0.5 and never is.
    assert chatbot.ece([1.0, 1.0, 0.5, 0.5], [True, True, False, False], bins=10) == pytest.approx(0.25)


def test_a_slot_that_nobody_asked_for_counts_as_wrong() -> None:
    found = chatbot.slots([({"budget": "300"}, {"budget": "300", "city": "cairo"}), ({}, {})])
    assert (found["fields"], found["right"], found["whole"]) == (2, 0.5, 0.5)
    assert found["by_field"] == {"budget": 1.0, "city": 0.0}


def test_the_command_measures_the_assistant_without_any_data_or_encoder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    assert evaluate.main(["--no-model", "--only", "chatbot", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "assistant: intents" in shown
    assert "assistant: help" in shown
    stored = json.loads(out.read_text(encoding="utf-8"))
    assert set(stored) == {"chatbot"}
    assert set(stored["chatbot"]) == {"intents", "slots", "help"}
