"""Creating a task in the conversation, in three ways of typing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ml.chatbot import flow
from ml.chatbot.flow import Turn
from ml.chatbot.intents import Intent
from ml.chatbot.tests.talks import CATEGORIES, CHAT, TODAY, Talk, as_intent, at, plumber


def test_a_task_is_created_with_the_promised_sentences_word_for_word() -> None:
    talk = Talk()
    assert talk.text == "Sure. Let's create your task step by step.\n\nWhat is the task title?"
    assert talk.say("Logo design for startup") == "Please describe the task requirements in detail."
    assert (
        talk.say("I need a modern, minimalist logo in blue and white")
        == "What category does this task belong to?"
    )
    assert talk.say("Design") == "What is your budget in EGP?"
    assert talk.say("500") == "Is this task remote or tied to a specific location?"
    assert talk.say("Remote") == (
        "Your task **Logo design for startup** has been created successfully. "
        "Freelancers can now see and apply to it."
    )
    action = talk.turn.action
    assert action is not None
    assert (action.path, action.label.show("en")) == ("/my-tasks", "View Your Tasks")
    assert talk.made.draft_id == "7:1"
    assert dict(talk.made.fields) == {
        "title": "Logo design for startup",
        "description": "I need a modern, minimalist logo in blue and white",
        "category": "design",
        "budget": Decimal(500),
        "is_remote": True,
        "city": "",
        "location": "",
        "task_type": "DIGITAL",
        "deadline": None,
    }


def test_the_state_is_the_promised_one() -> None:
    talk = Talk()
    talk.all("Logo design for startup", "Modern minimalist logo", "Design")
    state = talk.state
    assert state["flow"] == "CREATE_TASK"
    assert state["data"]["title"] == "Logo design for startup"
    assert state["data"]["description"] == "Modern minimalist logo"
    assert state["pending_fields"] == ["budget", "location"]


def test_the_whole_way_in_arabic() -> None:
    talk = Talk("ar")
    assert talk.text.endswith("ما عنوان المهمة؟")
    talk.all("تصميم شعار لمخبز", "شعار بسيط بلونين", "التصميم", "١٥٠٠", "القاهرة")
    assert talk.made.fields["budget"] == Decimal(1500)
    assert talk.made.fields["city"] == "القاهرة"
    assert "بنجاح" in talk.text


def test_the_whole_way_in_arabic_of_latin_letters() -> None:
    talk = Talk("latin")
    talk.say("tasmeem logo lel ma7al")
    assert talk.say("erga3").startswith("ما عنوان المهمة؟")
    talk.all("khaleeh", "logo baseet b lonein", "tasmeem", "2k", "3an bo3d")
    assert talk.made.fields["budget"] == Decimal(2000)
    assert talk.made.fields["is_remote"] is True


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Logo", "Title must be at least 5 characters."),
        ("   a    ", "Title must be at least 5 characters."),
        ("x" * 201, "Title must be at most 200 characters; this has 201."),
        ("12345678", "Write some words: letters are missing."),
    ],
)
def test_a_title_has_5_to_200_characters_and_words(text: str, wrong: str) -> None:
    talk = Talk()
    assert talk.say(text) == f"{wrong}\n\nWhat is the task title?"


def test_a_title_may_have_exactly_200_characters() -> None:
    assert Talk().say("x" * 200) == "Please describe the task requirements in detail."


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500", 500),
        ("500 EGP", 500),
        ("1,500", 1500),
        ("1.5k", 1500),
        ("2k", 2000),
        ("٣٠٠", 300),
        ("٣٠٠ جنيه", 300),
        ("10", 10),
        ("10000000", 10_000_000),
        ("99.50", Decimal("99.50")),
    ],
)
def test_a_budget_is_read_in_every_way_it_is_written(text: str, amount: object) -> None:
    talk = at("budget")
    assert talk.say(text) == "Is this task remote or tied to a specific location?"
    assert Decimal(talk.state["data"]["budget"]) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("ألف", 1000),
        ("ألفين جنيه", 2000),
        ("خمسمية", 500),
        ("five hundred pounds", 500),
        ("around 700 EGP", 700),
    ],
)
def test_a_budget_may_be_words_and_stand_in_a_sentence(text: str, amount: int) -> None:
    talk = at("budget")
    talk.say(text)
    assert Decimal(talk.state["data"]["budget"]) == amount


@pytest.mark.parametrize("text", ["9", "9.99", "10000000.01", "0", "11m"])
def test_a_budget_is_between_10_and_10_million(text: str) -> None:
    talk = at("budget")
    assert talk.say(text).startswith("A budget is between 10 and 10,000,000 EGP.")
    assert "budget" not in talk.state["data"]


@pytest.mark.parametrize("text", ["a lot", "-500", "-5", "NaN", "1e5", "Infinity"])
def test_what_is_no_number_is_no_budget(text: str) -> None:
    talk = at("budget")
    assert talk.say(text).startswith("Budget must be a valid number in EGP.")
    assert "budget" not in talk.state["data"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("1", "design"),
        ("٢", "programming"),
        ("9.", "other"),
        ("Design", "design"),
        ("Design & Creative", "design"),
        ("desgin", "design"),
        ("Programing", "programming"),
        ("البرمجة والتقنية", "programming"),
        ("برمجة", "programming"),
        ("التسويق", "marketing"),
        ("tandeef", "cleaning"),
        ("barmaga", "programming"),
        ("targama", "writing"),
        ("droos", "tutoring"),
        ("other", "other"),
        ("غير ذلك", "other"),
        ("أخرى", "other"),
        ("home services", "cleaning"),
    ],
)
def test_a_category_is_known_by_number_name_near_spelling_and_other(text: str, slug: str) -> None:
    talk = at("category")
    talk.say(text)
    assert talk.state["data"].get("category") == slug, talk.text


def test_an_unknown_category_lists_all_of_them_with_numbers() -> None:
    talk = at("category")
    text = talk.say("zzzz qqqq")
    assert "1. Design & Creative" in text
    assert "9. Other Services" in text
    assert [one.value for one in talk.turn.buttons] == [one.en for one in CATEGORIES]


def test_every_button_is_understood_when_it_is_pressed() -> None:
    for language in ("en", "ar"):
        for one in (at("category", language).turn.buttons, at("location", language).turn.buttons):
            for pressed in one:
                asking = "category" if len(one) > 5 else "location"
                talk = at(asking, language)
                before = talk.state["data"].get(asking)
                talk.say(pressed.value)
                understood = talk.state["data"].get(asking) != before or "ask.place" in {
                    say.code for say in talk.turn.say
                }
                assert understood, pressed.value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Remote", (True, "", "")),
        ("online please", (True, "", "")),
        ("عن بُعد", (True, "", "")),
        ("عن بعد", (True, "", "")),
        ("Cairo", (False, "Cairo", "")),
        ("اسكندرية", (False, "Alexandria", "")),
        ("Nasr City", (False, "Cairo", "Nasr City")),
        ("15 Abbas El Akkad St, second floor", (False, None, "15 Abbas El Akkad St, second floor")),
    ],
)
def test_a_place_is_remote_a_city_or_an_address(text: str, place: tuple[bool, str | None, str]) -> None:
    talk = at("location")
    talk.say(text)
    fields = talk.made.fields
    assert (fields["is_remote"], fields["location"]) == (place[0], place[2])
    if place[1] is not None:
        assert fields["city"] == place[1]


def test_a_specific_location_is_asked_for() -> None:
    talk = at("location")
    assert talk.say("tied to a specific location") == "In which city, or at which address?"
    talk.say("Tanta")
    assert talk.made.fields["city"] == "Tanta"


@pytest.mark.parametrize("word", ["back", "go back", "رجوع", "السؤال اللي فات", "erga3", "irga3"])
def test_back_asks_the_question_before_and_keeps_what_was_said(word: str) -> None:
    talk = at("budget")
    assert talk.say(word).startswith("What category does this task belong to?")
    assert talk.state["data"]["category"] == "design"
    assert talk.say("keep") == "What is your budget in EGP?"
    assert Talk().say(word).startswith("This is the first question.")


@pytest.mark.parametrize("word", ["cancel", "never mind", "إلغاء", "الغي", "el8eeh", "el8y", "balash"])
@pytest.mark.parametrize("asking", ["title", "description", "category", "budget", "location"])
def test_a_draft_can_be_cancelled_at_any_question(word: str, asking: str) -> None:
    talk = at(asking)
    talk.say(word)
    assert talk.turn.state is None
    assert talk.turn.effect is None


@pytest.mark.parametrize("word", ["start over", "من الأول", "ابدأ من جديد", "men el awel"])
def test_starting_over_forgets_the_draft_and_keeps_its_identity(word: str) -> None:
    talk = at("budget")
    assert talk.say(word) == "All right, from the beginning.\n\nWhat is the task title?"
    assert talk.state["data"] == {}
    assert talk.state["draft_id"] == "7:1"


def test_one_answer_can_be_edited_and_the_rest_stays() -> None:
    talk = at("location")
    assert talk.say("edit the title").startswith("What is the task title?\n\nAt present: Logo for a bakery")
    assert talk.say("Logo for my bakery") == "Is this task remote or tied to a specific location?"
    talk.say("عدل الميزانية إلى 900")
    assert talk.state["data"]["budget"] == "900.00"
    talk.say("3adel el mizanya")
    talk.all("800", "remote")
    assert talk.made.fields["title"] == "Logo for my bakery"
    assert talk.made.fields["budget"] == Decimal(800)


def test_only_what_a_task_can_do_without_is_skipped() -> None:
    talk = at("budget")
    assert talk.say("skip") == "A task cannot do without this.\n\nWhat is your budget in EGP?"
    talk.all("300", "skip")
    assert (talk.made.fields["is_remote"], talk.made.fields["city"]) == (False, "")


def test_fields_of_free_text_are_shown_and_created_on_a_yes_only() -> None:
    talk = Talk(said=plumber())
    assert "300 EGP" in talk.text
    assert talk.text.endswith("Please describe the task requirements in detail.")
    text = talk.say("The kitchen sink leaks since yesterday")
    assert talk.turn.effect is None
    for part in ("Plumber", "Cleaning & Home Services", "300 EGP", "Cairo", "23/11/2026", "kitchen sink"):
        assert part in text
    assert talk.say("maybe").startswith("Please answer yes or no.")
    assert talk.turn.effect is None
    assert talk.say("no") == "What should be changed?"
    talk.all("budget", "350")
    assert "350 EGP" in talk.text
    assert talk.turn.effect is None
    talk.say("yes")
    assert talk.made.fields["deadline"] == date(2026, 11, 23)
    assert talk.made.fields["budget"] == Decimal(350)


@pytest.mark.parametrize(
    "word", ["yes", "Yes please!", "نعم", "أيوه", "ايوة", "تمام", "aywa", "aiwa", "tamam", "ok"]
)
def test_a_yes_is_understood_in_three_ways_of_typing(word: str) -> None:
    talk = Talk(said=plumber())
    talk.all("The kitchen sink leaks", word)
    assert talk.made.fields["title"] == "Plumber"


@pytest.mark.parametrize("word", ["no", "edit", "لا", "لأ", "تعديل", "la2", "laa"])
def test_a_no_creates_nothing_and_goes_on(word: str) -> None:
    talk = Talk(said=plumber())
    talk.all("The kitchen sink leaks", word)
    assert talk.turn.effect is None
    assert talk.state["asking"] == "change"


def test_the_same_answer_at_the_same_turn_gives_the_same_turn() -> None:
    talk = at("budget")
    state = talk.state
    first, second = (
        flow.step(state, "500", routed=CHAT, language="en", today=TODAY, categories=CATEGORIES)
        for _ in range(2)
    )
    assert first == second
    assert first.state is not None
    assert first.state["turn"] == state["turn"] + 1
    assert flow.is_repeat(first.state, "500")
    assert not flow.is_repeat(first.state, "600")


def test_the_last_answer_sent_again_is_the_same_task_and_anything_else_is_not() -> None:
    talk = at("location")
    talk.say("Remote")
    first = talk.turn
    talk.say("Remote")
    assert talk.turn == first
    talk.say("thanks")
    assert talk.turn == Turn(None, aside=Intent.GENERAL_CHAT)


def test_another_wish_in_between_is_answered_and_the_draft_taken_up_again() -> None:
    talk = at("budget")
    before = talk.state["data"]
    talk.say("How do I withdraw an application here?", as_intent(Intent.HELP))
    assert talk.turn.aside == Intent.HELP
    assert talk.text == "Back to your task:\n\nWhat is your budget in EGP?"
    talk.say("open my messages", as_intent(Intent.NAVIGATION))
    assert talk.turn.aside == Intent.NAVIGATION
    talk.say("what does a logo usually cost?", as_intent(Intent.GENERAL_CHAT))
    assert talk.turn.aside == Intent.GENERAL_CHAT
    assert talk.state["data"] == before
    assert talk.say("500") == "Is this task remote or tied to a specific location?"


def test_an_answer_is_not_taken_for_another_wish() -> None:
    talk = at("description")
    talk.say(
        "Open the recordings, find the best scenes and help me to cut a video of three minutes for our site",
        as_intent(Intent.NAVIGATION),
    )
    assert talk.turn.aside is None
    assert talk.state["data"]["description"].startswith("Open the recordings")
    talk = Talk()
    talk.say("Open a shop for me", as_intent(Intent.NAVIGATION, 0.55))
    assert talk.state["data"]["title"] == "Open a shop for me"
    talk = Talk()
    talk.say("Cancel culture article")
    assert talk.state["data"]["title"] == "Cancel culture article"


def test_a_draft_is_resumed_after_days_without_a_deadline_that_has_passed() -> None:
    talk = Talk(said=plumber())
    later = flow.resume(talk.state, language="en", today=date(2026, 12, 1), categories=CATEGORIES)
    assert later is not None
    text = later.text("en")
    assert "Let's go on with your task." in text
    assert "The deadline of your draft has passed" in text
    assert "Plumber" in text
    assert text.endswith("Please describe the task requirements in detail.")


def test_a_category_that_is_gone_is_asked_for_again() -> None:
    talk = at("location")
    left = tuple(one for one in CATEGORIES if one.slug != "design")
    turn = flow.step(talk.state, "Remote", routed=CHAT, language="en", today=TODAY, categories=left)
    assert turn.effect is None
    assert turn.text("en") == "What category does this task belong to?"
