"""What a message is taken for: the description's own table, a split that nothing was fitted to, and any text at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.chatbot.intents import DATA, WEIGHTS, Intent, digest_of_examples, language_of, route

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
def test_hardly_any_talk_begins_a_task(language: str) -> None:
    rows = [text for intent, text in _split(language) if intent == Intent.GENERAL_CHAT]
    begun = [
        text for text in rows if (found := route(text)).intent == Intent.CREATE_TASK and not found.unsure
    ]
    assert len(begun) <= 1, begun


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
