"""Conversations of one step, and the words that steer all of them."""

from __future__ import annotations

import string
from dataclasses import replace
from decimal import Decimal

import pytest

from ml.chatbot import flow
from ml.chatbot.flows import commands
from ml.chatbot.flows.sentences import SENTENCES, Counted, Sentence
from ml.chatbot.intents import Intent, Routed
from ml.chatbot.tests.talks import CATEGORIES, CHAT, TODAY, nothing_said
from ml.places import city_name


def test_what_the_router_is_not_sure_of_is_asked_with_two_buttons() -> None:
    unsure = Routed(
        intent=Intent.CREATE_TASK,
        confidence=0.5,
        runner_up=Intent.GENERAL_CHAT,
        unsure=True,
        decided_by="example:1 x",
        language="en",
    )
    turn = flow.choose("a plumber would be nice", routed=unsure, language="en", draft_id="7:2")
    assert [one.value for one in turn.buttons] == ["Create a new task", "Just chat"]
    assert turn.state is not None
    for text in ("Create a new task", "1", "أنشئ مهمة جديدة"):
        found = flow.step(turn.state, text, routed=CHAT, language="en", today=TODAY, categories=CATEGORIES)
        assert (found.aside, found.replay) == (Intent.CREATE_TASK, "a plumber would be nice")
    other = flow.step(turn.state, "hello", routed=CHAT, language="en", today=TODAY, categories=CATEGORIES)
    assert (other.aside, other.replay) == (Intent.GENERAL_CHAT, None)


def test_recommendations_and_searches_say_what_was_promised() -> None:
    turn = flow.begin(flow.TASKS, slots=nothing_said(), language="en", draft_id="1")
    assert turn.effect == flow.Show("recommendations", {})
    told = flow.told(turn.effect, count=5)
    assert told.text("en") == "I found 5 tasks that match your skills and preferences."
    assert told.text("ar") == "وجدت 5 مهام تناسب مهاراتك وتفضيلاتك."
    assert told.action is not None
    assert (told.action.path, told.action.label.show("en")) == ("/recommendations", "View Recommended Tasks")
    said = replace(nothing_said(), skills=("python",), least=Decimal(1000), city="giza", remote=True)
    search = flow.begin(flow.TASKS, slots=said, language="en", draft_id="1").effect
    assert search == flow.Show(
        "tasks",
        {"search": "python", "min_budget": "1000", "city": str(city_name("giza", "en")), "is_remote": "true"},
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("status of my tasks", "my_tasks"),
        ("what is the status of my applications?", "my_applications"),
        ("did anyone apply to my task?", "my_tasks"),
        ("was my proposal accepted?", "my_applications"),
        ("حالة مهامي", "my_tasks"),
        ("ايه اخبار طلباتي", "my_applications"),
        ("7alet el tasks bta3ty", "my_tasks"),
        ("find me tasks", None),
        ("what is the status of the economy", None),
    ],
)
def test_how_my_tasks_and_applications_stand_is_recognised(text: str, kind: str | None) -> None:
    assert flow.flow_of(text, routed=CHAT) == kind


def test_a_status_names_every_number_that_is_not_zero() -> None:
    turn = flow.begin(flow.MY_TASKS, slots=nothing_said(), language="en", draft_id="1")
    assert turn.effect == flow.Show("my_tasks")
    told = flow.told_status(turn.effect, counts={"OPEN": 2, "COMPLETED": 1, "CANCELLED": 0})
    assert told.text("en") == "Your tasks:\n- Open: 2\n- Completed: 1"
    assert flow.told_status(turn.effect, counts={}).text("en") == "You have not posted a task yet."


def test_a_page_is_opened_or_asked_for() -> None:
    said = nothing_said()
    assert (
        flow.begin(flow.NAVIGATION, slots=said, language="en", draft_id="1").text("en")
        == "Where would you like to go?"
    )
    said = replace(said, page="/dashboard")
    turn = flow.begin(flow.NAVIGATION, slots=said, language="en", draft_id="1")
    assert turn.action is not None
    assert turn.action.path == "/dashboard"


def test_no_word_steers_in_two_ways() -> None:
    seen: dict[str, str] = {}
    for name, phrases in commands._PHRASES.items():
        for phrase in phrases.split("|"):
            assert seen.setdefault(commands.folded(phrase), name) == name, phrase


def test_every_sentence_has_the_same_places_in_both_languages() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for code, sentence in SENTENCES.items():
        if isinstance(sentence, Counted):
            assert set(sentence.ar) == {"zero", "one", "two", "few", "many", "other"}, code
        elif isinstance(sentence, Sentence) and code not in {"as_is", "help.answer"}:
            assert places(sentence.en) == places(sentence.ar), code
            assert any("\u0600" <= char <= "\u06ff" for char in sentence.ar) or code.endswith("line"), code
