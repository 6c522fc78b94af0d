"""What the assistant answers by itself: commands, the creation of a task, what it says without a model."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.chatbot.models import ChatDraft, ChatMessage, ChatSession, Outcome, SessionType
from multitask.common.errors import MESSAGES
from multitask.conftest import AsUser
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Task

pytestmark = pytest.mark.django_db

ANSWERS = (
    "Logo design for startup",
    "I need a modern, minimalist logo in blue and white",
    "Design",
    "500",
    "Remote",
)


def say(api: APIClient, message: str, session: int | None = None, **more: Any) -> Any:
    return api.post("/api/chatbot/chat/", {"message": message, "session_id": session, **more}, format="json")


def bot(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    return dict(answer.json()["messages"][-1])


@pytest.fixture
def client(as_user: AsUser) -> APIClient:
    return as_user(ClientFactory(language="en"))


@pytest.fixture
def worker(as_user: AsUser) -> APIClient:
    return as_user(FreelancerFactory(language="en"))


def create(api: APIClient, answers: tuple[str, ...] = ANSWERS) -> tuple[int, list[dict[str, Any]]]:
    begun = say(api, "I want to create a task").json()
    found = [begun["messages"][-1]]
    for text in answers:
        found.append(bot(say(api, text, begun["session_id"])))
    return begun["session_id"], found


def test_a_task_is_created_step_by_step_in_the_promised_words(client: APIClient) -> None:
    session, lines = create(client)
    assert [line["message"] for line in lines] == [
        "Sure. Let's create your task step by step.\n\nWhat is the task title?",
        "Please describe the task requirements in detail.",
        "What category does this task belong to?",
        "What is your budget in EGP?",
        "Is this task remote or tied to a specific location?",
        "Your task **Logo design for startup** has been created successfully. "
        "Freelancers can now see and apply to it.",
    ]
    assert {line["detected_intent"] for line in lines} == {"CREATE_TASK"}
    assert all(line["ai_model_used"] is None and line["response_time_ms"] >= 1 for line in lines)
    assert lines[-1]["action"] == {"type": "NAVIGATE", "path": "/my-tasks", "label": "View Your Tasks"}
    task = Task.objects.get()
    assert (task.title, task.category.slug, task.budget, task.is_remote) == (
        "Logo design for startup",
        "design",
        500,
        True,
    )
    kept = ChatSession.objects.get(pk=session)
    assert kept.session_type == SessionType.TASK_CREATION
    assert ChatDraft.objects.get().task == task


def test_the_body_of_a_command_has_the_promised_shape(worker: APIClient) -> None:
    answer = say(worker, "Find me some tasks", context={"current_page": "/dashboard"})
    assert answer.status_code == 200
    body = answer.json()
    question, line = body["messages"]
    assert (question["sender"], question["message"]) == ("USER", "Find me some tasks")
    assert set(line) >= {
        "id",
        "sender",
        "message",
        "detected_intent",
        "ai_model_used",
        "response_time_ms",
        "action",
        "created_at",
    }
    assert (line["sender"], line["detected_intent"], line["state"]) == ("BOT", "RECOMMEND_TASKS", "done")
    assert ChatMessage.objects.get(pk=question["id"]).page == "/dashboard"


def test_recommendations_are_counted_and_linked(worker: APIClient) -> None:
    for _ in range(7):
        TaskFactory()
    line = bot(say(worker, "Find me some tasks"))
    assert line["message"] == "I found 5 tasks that match your skills and preferences."
    assert line["action"] == {
        "type": "NAVIGATE",
        "path": "/recommendations",
        "label": "View Recommended Tasks",
    }


def test_who_may_not_do_a_thing_is_told_so_and_nothing_happens(client: APIClient, worker: APIClient) -> None:
    assert bot(say(worker, "I want to create a task"))["message"] == MESSAGES["not_a_client"].en
    assert bot(say(client, "Find me some tasks"))["message"] == MESSAGES["freelancers_only"].en
    assert not Task.objects.exists()


@pytest.mark.parametrize("named", [True, False])
def test_the_last_answer_sent_again_makes_one_task(client: APIClient, named: bool) -> None:
    session, _ = create(client, ANSWERS[:-1])
    more = {"client_id": "last"} if named else {}
    first, second = (say(client, "Remote", session, **more).json() for _ in range(2))
    assert first == second
    assert Task.objects.count() == 1
    assert ChatMessage.objects.filter(session=session, message="Remote").count() == 1


def test_the_last_answer_sent_later_makes_no_second_task(client: APIClient) -> None:
    session, _ = create(client)
    ChatMessage.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    again = bot(say(client, "Remote", session))
    assert "has been created successfully" in again["message"]
    assert Task.objects.count() == 1


def test_an_opening_message_sent_twice_opens_one_conversation(client: APIClient) -> None:
    first, second = (say(client, "Go to dashboard", client_id="one").json() for _ in range(2))
    assert first == second
    assert ChatSession.objects.count() == 1


def test_another_intent_within_a_draft_is_answered_and_the_draft_goes_on(client: APIClient) -> None:
    session, _ = create(client, ANSWERS[:3])
    line = bot(say(client, "Go to dashboard", session))
    assert "What is your budget in EGP?" in line["message"]
    assert line["action"]["path"] == "/dashboard"
    assert "remote" in bot(say(client, "500", session))["message"].lower()
    bot(say(client, "Remote", session))
    assert Task.objects.get().budget == 500


def test_a_draft_from_free_text_is_created_on_a_yes_alone(client: APIClient) -> None:
    opened = say(client, "I need a plumber for 300 pounds").json()
    session = opened["session_id"]
    for _ in range(6):
        asked = ChatSession.objects.get(pk=session).context_data["flow"]["asking"]
        if asked == "confirm":
            break
        answer = {
            "title": "Plumber for a kitchen",
            "description": "The sink leaks.",
            "category": "9",
            "budget": "300",
            "location": "Remote",
        }[asked]
        assert not Task.objects.exists()
        line = bot(say(client, answer, session))
    assert "Shall I create this task?" in line["message"]
    assert line["buttons"][0]["label"] == "Yes"
    assert not Task.objects.exists()
    bot(say(client, "yes", session))
    assert Task.objects.get().budget == 300


def test_a_draft_is_taken_up_again_after_days(client: APIClient) -> None:
    session, _ = create(client, ANSWERS[:1])
    ChatSession.objects.update(last_message_at=timezone.now() - timedelta(days=3))
    line = bot(say(client, "hello again", session))
    assert "Please describe the task requirements in detail." in line["message"]
    assert "Logo design for startup" in line["message"]
    assert ChatSession.objects.get().context_data["flow"]["data"].get("description") is None
    for text in ANSWERS[1:]:
        bot(say(client, text, session))
    assert Task.objects.get().title == "Logo design for startup"


def test_a_cancelled_draft_creates_nothing(client: APIClient) -> None:
    session, _ = create(client, ANSWERS[:4])
    assert (
        bot(say(client, "cancel", session))["message"] == "The draft is cancelled, and nothing was created."
    )
    assert ChatSession.objects.get().context_data["flow"] is None
    assert not Task.objects.exists()


def test_what_the_service_refuses_keeps_the_draft(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from multitask.chatbot.services import commands
    from multitask.common.errors import Invalid

    session, _ = create(client, ANSWERS[:-1])

    def refuse(**_: Any) -> None:
        raise Invalid("deadline_past", field="deadline")

    with monkeypatch.context() as patched:
        patched.setattr(commands, "task_create", refuse)
        assert bot(say(client, "Remote", session))["message"] == MESSAGES["deadline_past"].en
    assert not ChatDraft.objects.exists()
    ChatMessage.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert "created successfully" in bot(say(client, "Remote", session))["message"]
    assert Task.objects.count() == 1


def test_without_a_key_the_help_base_answers_and_says_so(client: APIClient) -> None:
    line = bot(say(client, "Tell me something about the moon and poetry"))
    assert (line["detected_intent"], line["ai_model_used"], line["state"]) == ("GENERAL_CHAT", None, "done")
    assert "no language model is set up" in line["message"]
    kept = ChatMessage.objects.get(pk=line["id"])
    assert (kept.outcome, kept.reason) == (Outcome.HELP, "no_key")


def test_arabic_is_answered_in_arabic(client: APIClient) -> None:
    line = bot(say(client, "أنشئ مهمة جديدة"))
    assert "ما عنوان المهمة؟" in line["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": " \u200f "}, "message"),
        ({"message": "x" * 2_001}, "message"),
        ({"message": "hello", "client_id": "with space"}, "client_id"),
        ({"message": "hello", "session_id": "one"}, "session_id"),
    ],
)
def test_what_is_wrong_with_a_message_is_said(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = client.post("/api/chatbot/chat/", body, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert not ChatSession.objects.exists()


def test_a_conversation_is_its_users_alone(client: APIClient, as_user: AsUser, admin_user: User) -> None:
    session, lines = create(client, ANSWERS[:1])
    for other in (as_user(ClientFactory()), as_user(admin_user)):
        assert say(other, "cancel", session).status_code == 404
        assert other.get(f"/api/chatbot/sessions/{session}/messages/").status_code == 404
        assert other.get(f"/api/chatbot/messages/{lines[0]['id']}/").status_code == 404
        rated = other.post(f"/api/chatbot/messages/{lines[0]['id']}/rating/", {"rating": 1}, format="json")
        assert rated.status_code == 404
        assert other.get("/api/chatbot/sessions/").json()["results"] == []
    assert [one["id"] for one in client.get("/api/chatbot/sessions/").json()["results"]] == [session]


def test_the_lines_of_a_conversation_are_those_that_were_answered(client: APIClient) -> None:
    session, lines = create(client)
    found = client.get(f"/api/chatbot/sessions/{session}/messages/?page_size=100").json()["results"]
    assert [line for line in found if line["sender"] == "BOT"] == lines
    assert [line["message"] for line in found if line["sender"] == "USER"][1:] == list(ANSWERS)
    assert client.get(f"/api/chatbot/messages/{lines[0]['id']}/").json() == lines[0]


def test_an_answer_is_rated_and_a_question_is_not(client: APIClient) -> None:
    question, line = say(client, "Go to dashboard").json()["messages"]
    rate = f"/api/chatbot/messages/{line['id']}/rating/"
    assert client.post(rate, {"rating": 4}, format="json").json()["user_rating"] == 4
    assert client.post(rate, {"rating": 2}, format="json").json()["user_rating"] == 2
    assert client.post(rate, {"rating": 6}, format="json").status_code == 400
    refused = client.post(f"/api/chatbot/messages/{question['id']}/rating/", {"rating": 3}, format="json")
    assert refused.status_code == 400


def test_the_help_pages_are_for_everybody_in_their_language(api: APIClient) -> None:
    english = api.get("/api/chatbot/help/").json()
    arabic = api.get("/api/chatbot/help/", headers={"Accept-Language": "ar"}).json()
    assert len(english) == len(arabic) >= 60
    assert set(english[0]) == {"id", "question", "answer", "links"}
    assert english[0]["question"] != arabic[0]["question"]
    assert all({"label", "path"} == set(link) for one in english for link in one["links"])


def test_how_my_tasks_stand_is_told_by_number(client: APIClient) -> None:
    owner = User.objects.get(pk=ChatSession.objects.get(pk=create(client)[0]).user_id)
    TaskFactory(client=owner)
    line = bot(say(client, "what is the status of my tasks?"))
    assert line["message"] == "Your tasks:\n- Open: 2"
    assert line["action"]["path"] == "/my-tasks"
