"""What a message is taken for: the description's own table, a split that nothing was fitted to, and any text at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.chatbot.intents import DATA, LEAST_TO_CREATE, WEIGHTS, Intent, digest_of_examples, language_of, route

LEAST = {"en": 0.95, "ar": 0.92, "latin": 0.88}


def _split(language: str) -> list[tuple[str, str]]:
    lines = (DATA / f"split_{language}.tsv").read_text(encoding="utf-8").splitlines()
    return [(line.split("\t")[0], line.split("\t")[1]) for line in lines]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Find me tasks", Intent.RECOMMEND_TASKS),
        ("Create a new task", Intent.CREATE_TASK),
        ("Go to dashboard", Intent.NAVIGATION),
        ("What can you do?", Intent.HELP),
        ("How do I write a good proposal?", Intent.GENERAL_CHAT),
        ("I want to create a task", Intent.CREATE_TASK),
        ("Find me some tasks", Intent.RECOMMEND_TASKS),
        ("What's the best way to write a proposal?", Intent.GENERAL_CHAT),
        ("open source", Intent.GENERAL_CHAT),
    ],
)
def test_the_descriptions_examples_are_what_it_says_and_nobody_is_asked(text: str, intent: Intent) -> None:
    found = route(text)
    assert (found.intent, found.unsure) == (intent, False)


@pytest.mark.parametrize("language", sorted(LEAST))
def test_messages_that_nothing_was_fitted_to_are_understood(language: str) -> None:
    rows = _split(language)
    right = sum(route(text).intent == intent for intent, text in rows)
    assert right / len(rows) >= LEAST[language]


@pytest.mark.parametrize("language", sorted(LEAST))
def test_no_talk_begins_a_task(language: str) -> None:
    rows = [text for intent, text in _split(language) if intent == Intent.GENERAL_CHAT]
    assert not [text for text in rows if route(text).intent == Intent.CREATE_TASK]


@pytest.mark.parametrize(
    "text",
    [
        "Do we need a photographer for such a small party?",
        "Should I hire two plumbers or one?",
        "I don't need a designer right now",
        "I need a contract with the developer, right?",
        "هل نحتاج إلى مصور لحفلة صغيرة؟",
        "مش محتاج مصمم دلوقتي",
        "msh 3ayez mobarmeg delwa2ty",
    ],
)
def test_whether_somebody_is_needed_and_that_nobody_is_begins_no_task(text: str) -> None:
    found = route(text)
    assert found.intent != Intent.CREATE_TASK
    assert found.runner_up != Intent.CREATE_TASK


@pytest.mark.parametrize(
    "text",
    [
        "The heater is not working, I need a technician",
        "I don't need a job, I need a designer",
        "السخان مش شغال، محتاج فني",
        "el talaga mesh shaghala, me7tag fanny",
    ],
)
def test_what_does_not_work_still_asks_for_somebody(text: str) -> None:
    assert route(text).intent == Intent.CREATE_TASK


def test_a_task_in_doubt_is_asked_about_and_never_begun() -> None:
    for language in sorted(LEAST):
        for _, text in _split(language):
            found = route(text)
            if found.intent == Intent.CREATE_TASK:
                assert found.confidence >= LEAST_TO_CREATE, text
            elif found.runner_up == Intent.CREATE_TASK and found.confidence < 1 - LEAST_TO_CREATE:
                assert found.unsure, text


@pytest.mark.parametrize("language", sorted(LEAST))
def test_the_language_of_a_message_is_recognised(language: str) -> None:
    rows = _split(language)
    assert sum(language_of(text) == language for _, text in rows) / len(rows) >= 0.95


def test_the_weights_are_those_of_the_examples_that_are_there() -> None:
    with np.load(WEIGHTS) as kept:
        assert str(kept["digest"]) == digest_of_examples(), "run: python -m ml.chatbot.build"


def test_what_decided_is_named() -> None:
    assert route("I want to create a task").decided_by.startswith("rule:")
    assert route("compare wordpress and shopify for me").decided_by.startswith(("rule:", "example:"))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_an_intent_and_the_same_one_again(text: str) -> None:
    found = route(text)
    assert found == route(text)
    assert 0.0 <= found.confidence <= 1.0
