"""Whatever is typed, at whatever question: nothing breaks, nothing is lost, nothing wrong is created."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ml.chatbot import flow
from ml.chatbot.flow import CreateTask, Turn
from ml.chatbot.flows import commands, create
from ml.chatbot.intents import Intent, Routed
from ml.chatbot.tests.talks import CATEGORIES, CHAT, TODAY, Talk, at, plumber
from ml.text import has_words

ANYTHING = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            *(
                "back",
                "skip",
                "keep",
                "start over",
                "continue",
                "yes",
                "no",
                "edit budget",
                "edit title to x",
                "aywa",
            ),
            *(
                "la2",
                "erga3",
                "تعديل الموعد",
                "عدل المكان إلى طنطا",
                "Design",
                "3",
                "500",
                "-1",
                "remote",
                "Cairo",
                "9999999999",
            ),
            *(
                "Logo for a bakery",
                "a long description of what is to be done",
                "tomorrow",
                "show draft",
                "{title}",
                "**",
                "\x00",
            ),
        ]
    ),
    st.text(alphabet="ابتثجحخ 0123456789٠١٢٣{}%\\\n", max_size=40),
)
ROUTES = st.builds(
    Routed,
    intent=st.sampled_from(list(Intent)),
    confidence=st.floats(0, 1),
    runner_up=st.none(),
    unsure=st.booleans(),
    decided_by=st.just("rule:x"),
    language=st.sampled_from(["en", "ar", "latin"]),
)
FORGETS = {commands.Command.RESTART}


def assert_valid(made: CreateTask) -> None:
    fields = made.fields
    assert 5 <= len(fields["title"]) <= 200
    assert has_words(fields["title"])
    assert "\n" not in fields["title"]
    assert 1 <= len(fields["description"]) <= 10_000
    assert has_words(fields["description"])
    assert fields["category"] in {one.slug for one in CATEGORIES}
    assert Decimal(10) <= fields["budget"] <= Decimal(10_000_000)
    assert fields["budget"] == fields["budget"].quantize(Decimal("0.01"))
    assert len(fields["location"]) <= 255
    assert len(fields["city"]) <= 100
    assert fields["deadline"] is None or fields["deadline"] >= TODAY
    assert not (fields["is_remote"] and (fields["city"] or fields["location"]))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(ANYTHING, ROUTES), max_size=15), st.sampled_from(["en", "ar", "latin"]), st.booleans()
)
def test_no_message_breaks_a_draft_or_loses_a_field(
    walk: list[tuple[str, Routed]], language: str, drafted: bool
) -> None:
    talk = Talk(language, plumber() if drafted else None)
    for text, routed in walk:
        state = talk.state
        command = commands.command_of(text)
        talk.say(text, routed)
        if isinstance(talk.turn.effect, CreateTask):
            assert_valid(talk.turn.effect)
            return
        if talk.turn.state is None:
            assert command is commands.Command.CANCEL
            return
        assert talk.state["turn"] == state["turn"] + 1
        assert talk.text
        if command not in FORGETS and not (
            command is commands.Command.SKIP and state["asking"] == "deadline"
        ):
            assert set(state["data"]) <= set(talk.state["data"])
    # And out of every state there are both ways: to cancel, and to the end.
    assert flow.step(
        talk.state, "cancel", routed=CHAT, language=language, today=TODAY, categories=CATEGORIES
    ) == Turn(None, talk_cancelled())
    answers = {
        "title": "A valid title",
        "description": "A valid description",
        "category": "1",
        "budget": "100",
        "location": "remote",
        "deadline": "skip",
        "confirm": "yes",
        "change": "title",
    }
    for _ in range(12):
        if talk.turn.effect is not None:
            break
        talk.say(answers[talk.state["asking"]])
    assert_valid(talk.made)


def talk_cancelled() -> tuple[flow.Say, ...]:
    return (flow.Say("create.cancelled"),)


def test_a_draft_that_says_it_is_done_and_is_not_goes_on() -> None:
    talk = at("budget")
    claimed = talk.state | {"done": True, "answered": create.mark_of("500"), "asking": "confirm"}
    turn = flow.step(claimed, "500", routed=CHAT, language="en", today=TODAY, categories=CATEGORIES)
    assert turn.effect is None
    assert turn.text("en") == "Is this task remote or tied to a specific location?"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {"flow": st.sampled_from(["CREATE_TASK", "CHOOSE", "OLD"])},
        optional={
            "data": st.dictionaries(st.sampled_from(create.FIELDS), JSON, max_size=6) | JSON,
            "turn": JSON,
            "asking": st.sampled_from([*create.FIELDS, "confirm", "change"]) | JSON,
            "drafted": JSON,
            "done": JSON,
            "draft_id": JSON,
            "codes": JSON,
        },
    ),
    ANYTHING,
)
def test_a_state_of_any_age_or_make_never_raises_and_never_makes_a_bad_task(
    state: dict[str, Any], text: str
) -> None:
    turn = flow.step(state, text, routed=CHAT, language="ar", today=TODAY, categories=CATEGORIES)
    turn.text("ar")
    json.dumps(turn.state)
    flow.resume(state, language="en", today=TODAY, categories=CATEGORIES)
    if isinstance(turn.effect, CreateTask):
        assert_valid(turn.effect)
