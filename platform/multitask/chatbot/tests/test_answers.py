"""The model's answers: streamed, ended once, deferred, stood in for, and never lost. The model is a server of our own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.chatbot.factories import PendingFactory
from multitask.chatbot.models import ChatMessage, ChatSession, DailyUse, MessageState, Outcome
from multitask.chatbot.services.answers import GIVEN_UP, answers_sweep
from multitask.chatbot.services.breaker import FAILURES, breaker_failed
from multitask.conftest import AsUser
from multitask.realtime.events import EVENTS
from multitask.realtime.models import UserEvent
from multitask.realtime.moments import ChatbotToken
from multitask.testing.gemini import ANSWER, GeminiServer, said
from multitask.testing.pipeline import Pipeline
from workers.jobs import chat

pytestmark = [pytest.mark.django_db]

QUESTION = "Tell me something about the moon and poetry"


@pytest.fixture
def gemini() -> Iterator[GeminiServer]:
    with (
        GeminiServer() as server,
        override_settings(GEMINI_API_KEY="a-key", GEMINI_ENDPOINT=server.url, GEMINI_SECONDS=4),
    ):
        chat._model.clear()
        yield server
        chat._model.clear()


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[ChatbotToken]:
    found: list[ChatbotToken] = []

    def told(user_ids: list[int], moment: ChatbotToken) -> bool:
        found.append(moment)
        return True

    monkeypatch.setattr(chat, "moments_send", told)
    monkeypatch.setattr(chat, "GATHER_SECONDS", 0.0)
    return found


@pytest.fixture
def user() -> User:
    return ClientFactory(language="en")


@pytest.fixture
def client(as_user: AsUser, user: User) -> APIClient:
    return as_user(user)


def ask(api: APIClient, message: str = QUESTION, session: int | None = None, **more: Any) -> dict[str, Any]:
    answer = api.post(
        "/api/chatbot/chat/", {"message": message, "session_id": session}, format="json", **more
    )
    assert answer.status_code == 202, answer.content
    return dict(answer.json())


def line(api: APIClient, number: int) -> dict[str, Any]:
    return dict(api.get(f"/api/chatbot/messages/{number}/").json())


def ends(user: User) -> list[dict[str, Any]]:
    rows = UserEvent.objects.filter(user_id=user.pk, type="chatbot.message").order_by("seq")
    return [EVENTS["chatbot.message"].model_validate(row.body).model_dump()["message"] for row in rows]


def test_a_question_is_pending_until_a_worker_has_asked_the_model(
    client: APIClient, user: User, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    body = ask(client)
    question, answer = body["messages"]
    assert (answer["state"], answer["message"], answer["ai_model_used"]) == ("pending", "", None)
    assert (question["state"], gemini.count) == ("done", 0)
    pipeline.drain()
    found = line(client, answer["id"])
    assert (found["message"], found["state"], found["detected_intent"]) == (ANSWER, "done", "GENERAL_CHAT")
    assert found["ai_model_used"] == "gemini-2.5-flash"
    assert found["response_time_ms"] >= 1
    kept = ChatMessage.objects.get(pk=answer["id"])
    assert kept.outcome == Outcome.MODEL
    assert (kept.tokens_in or 0) > 0
    assert DailyUse.objects.get(user=user).tokens == (kept.tokens_in or 0) + (kept.tokens_out or 0)
    # State after the events is state fetched again.
    assert ends(user) == [found]
    assert "".join(one.text for one in tokens) == ANSWER
    assert [one.index for one in tokens] == list(range(len(tokens)))
    assert {(one.message, one.attempt) for one in tokens} == {(answer["id"], 1)}


def test_what_was_said_before_in_this_conversation_alone_goes_along(
    client: APIClient, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken], as_user: AsUser
) -> None:
    secret = "The colour of my door is ultramarine"
    ask(as_user(ClientFactory()), secret)
    ask(client, secret.replace("ultramarine", "vermilion"))
    first = ask(client, "Let us speak of wooden violins")
    pipeline.drain()
    gemini.seen.clear()
    ask(client, "And what about the cellos then", first["session_id"])
    pipeline.drain()
    whole = gemini.seen[0].whole
    assert "wooden violins" in whole
    assert "cellos" in gemini.seen[0].last
    assert "ultramarine" not in whole
    assert "vermilion" not in whole


@pytest.mark.parametrize(
    ("modes", "why", "calls"),
    [
        (["error", "error"], "away", 2),
        (["away", "away"], "away", 2),
        (["key"], "away", 1),
        (["blocked"], "blocked", 1),
        (["unsafe"], "blocked", 1),
        (["empty", "empty"], "empty", 2),
        (["malformed", "malformed"], "empty", 2),
        (["broken", "broken"], "away", 2),
        (["hanging"], "away", 1),
    ],
)
def test_each_failure_ends_in_a_sensible_answer_and_is_asked_no_more_than_twice(
    client: APIClient,
    user: User,
    gemini: GeminiServer,
    pipeline: Pipeline,
    tokens: list[ChatbotToken],
    modes: list[str],
    why: str,
    calls: int,
) -> None:
    gemini.modes = modes
    answer = ask(client)["messages"][1]
    pipeline.drain()
    found = line(client, answer["id"])
    kept = ChatMessage.objects.get(pk=answer["id"])
    assert (found["state"], found["ai_model_used"], kept.reason, kept.outcome) == ("done", None, why, "help")
    assert found["message"]
    assert gemini.count == calls
    assert ends(user) == [found]
    assert pipeline.dead() == []
    # What was not answered does not count, unless the question is to blame.
    assert DailyUse.objects.get(user=user).messages == (1 if why == "blocked" else 0)


def test_a_failure_that_comes_at_once_is_tried_again_under_a_new_attempt(
    client: APIClient, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    gemini.modes = ["broken", "normal"]
    answer = ask(client)["messages"][1]
    pipeline.drain()
    assert line(client, answer["id"])["message"] == ANSWER
    last = [one for one in tokens if one.attempt == 2]
    assert "".join(one.text for one in last) == ANSWER
    assert [one.index for one in last] == list(range(len(last)))
    assert {one.attempt for one in tokens} <= {1, 2}


def test_too_often_is_a_word_to_the_user_and_an_answer_later(
    client: APIClient, user: User, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    gemini.modes = ["limited"]
    answer = ask(client)["messages"][1]
    pipeline.drain()
    found = line(client, answer["id"])
    assert found["state"] == "pending"
    assert "your answer comes in about" in found["message"]
    assert ends(user) == [found]
    from multitask.chatbot.models import ModelGate
    from multitask.outbox.models import OutboxDelivery

    assert OutboxDelivery.objects.filter(handler="chat.answer", status="pending").count() == 1
    ModelGate.objects.update(times=[], promised=[])
    pipeline.make_due()
    pipeline.drain()
    assert line(client, answer["id"])["message"] == ANSWER
    assert [one["state"] for one in ends(user)] == ["pending", "done"]


def test_nobody_waits_without_end(
    client: APIClient, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    gemini.mode = "limited"
    answer = ask(client)["messages"][1]
    ChatMessage.objects.update(created_at=timezone.now() - timedelta(seconds=119))
    pipeline.drain()
    kept = ChatMessage.objects.get(pk=answer["id"])
    assert (kept.state, kept.reason) == (MessageState.DONE, "busy")


def test_while_the_breaker_is_open_the_help_base_answers_at_once(
    client: APIClient, gemini: GeminiServer, user: User
) -> None:
    for _ in range(FAILURES):
        breaker_failed()
    answer = client.post("/api/chatbot/chat/", {"message": QUESTION}, format="json")
    assert answer.status_code == 200
    found = answer.json()["messages"][1]
    assert (found["ai_model_used"], found["state"]) == (None, "done")
    assert "does not answer at the moment" in found["message"]
    assert (gemini.count, DailyUse.objects.count()) == (0, 0)


def test_a_day_has_so_much_free_conversation_and_commands_go_on(
    client: APIClient, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    with override_settings(CHAT_DAILY_MESSAGES=1):
        ask(client)
        pipeline.drain()
        answer = client.post("/api/chatbot/chat/", {"message": "Tell me a joke"}, format="json")
        assert answer.status_code == 200
        assert "today's free conversation" in answer.json()["messages"][1]["message"]
        command = client.post("/api/chatbot/chat/", {"message": "Go to dashboard"}, format="json")
        assert command.json()["messages"][1]["action"]["path"] == "/dashboard"
    assert gemini.count == 1


def test_an_answer_that_has_ended_is_not_written_again(
    client: APIClient, user: User, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    answer = ask(client)["messages"][1]
    ChatMessage.objects.filter(pk=answer["id"]).update(created_at=timezone.now() - 2 * GIVEN_UP)
    assert answers_sweep() == 1
    told = line(client, answer["id"])
    assert told["state"] == "failed"
    assert "Please ask again" in told["message"]
    pipeline.drain()
    assert line(client, answer["id"]) == told
    assert ends(user) == [told]
    assert (gemini.count, answers_sweep()) == (0, 0)


def test_a_worker_that_was_thought_dead_does_not_end_it_a_second_time(
    client: APIClient, user: User, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    answer = ask(client)["messages"][1]
    claimed = pipeline.claim()
    (mine,) = [one for one in claimed if one.handler == "chat.answer"]
    real = chat._ask

    def slowly(*arguments: Any, **named: Any) -> Any:
        # While this one is still at it, its lease runs out and another takes over and ends it.
        from multitask.outbox import relay
        from multitask.outbox.models import OutboxDelivery

        chat._ask = real
        found = real(*arguments, **named)
        OutboxDelivery.objects.filter(pk=mine.id).update(lease_until=timezone.now() - timedelta(seconds=1))
        relay.reclaim(max_attempts=4)
        pipeline.drain()
        return found

    chat._ask = slowly
    try:
        word = pipeline.run([mine])
    finally:
        chat._ask = real
    assert word == "taken over"
    assert [one["state"] for one in ends(user)] == ["done"]
    assert {one.attempt for one in tokens} == {1, 2}
    assert line(client, answer["id"])["message"] == ANSWER


def test_after_the_last_attempt_the_user_is_told(
    client: APIClient, user: User, gemini: GeminiServer, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(chat, "_stream", fail)
    answer = ask(client)["messages"][1]
    for _ in range(6):
        pipeline.drain()
        pipeline.make_due()
    found = line(client, answer["id"])
    assert found["state"] == "failed"
    assert ends(user) == [found]
    assert pipeline.dead() == []


def test_a_late_question_is_ended_as_it_is_asked_for(client: APIClient, user: User) -> None:
    pending = PendingFactory(session__user=user)
    assert line(client, pending.pk)["state"] == "pending"
    ChatMessage.objects.update(created_at=timezone.now() - 2 * GIVEN_UP)
    assert line(client, pending.pk)["state"] == "failed"
    assert len(ends(user)) == 1


def test_a_pending_answer_is_not_rated(client: APIClient, user: User) -> None:
    pending = PendingFactory(session__user=user)
    rated = client.post(f"/api/chatbot/messages/{pending.pk}/rating/", {"rating": 5}, format="json")
    assert rated.status_code == 400


def test_the_model_proposes_pages_of_ours_and_nothing_else(
    client: APIClient, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    gemini.says = lambda _: said("Look at your profile.", "/profile")
    first = ask(client)["messages"][1]
    pipeline.drain()
    assert line(client, first["id"])["action"]["path"] == "/profile"
    gemini.says = lambda _: said("Come here: <a href='https://evil.example/x'>x</a>", "https://evil.example/")
    second = ask(client, "Tell me more of poetry and moons")["messages"][1]
    pipeline.drain()
    found = line(client, second["id"])
    assert found["action"] is None
    assert "<a" not in found["message"]


def test_within_a_draft_free_talk_is_answered_and_the_draft_goes_on(
    client: APIClient, gemini: GeminiServer, pipeline: Pipeline, tokens: list[ChatbotToken]
) -> None:
    opened = client.post("/api/chatbot/chat/", {"message": "I want to create a task"}, format="json").json()
    session = opened["session_id"]
    for text in ("Logo design for startup", "Blue and white, please", "Design"):
        client.post("/api/chatbot/chat/", {"message": text, "session_id": session}, format="json")
    answer = ask(client, "What is open source, could you explain?", session)["messages"][1]
    pipeline.drain()
    found = line(client, answer["id"])
    assert found["message"] == f"{ANSWER}\n\nBack to your task:\n\nWhat is your budget in EGP?"
    assert ChatSession.objects.get().context_data["flow"]["asking"] == "budget"
