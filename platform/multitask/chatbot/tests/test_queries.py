"""How many round trips to the database a command takes: each costs its share of the promised answer within 100 ms."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts.factories import FreelancerFactory
from multitask.chatbot.models import ChatMessage, ChatSession
from multitask.chatbot.tests.test_chat import bot, say
from multitask.conftest import AsUser

pytestmark = pytest.mark.django_db

# With the caller's row and the two of the transaction; the first message of a conversation, and a later one.
TRIPS = {
    "Go to dashboard": (6, 8),
    "How are my applications going": (8, 9),
    "How do I withdraw an application here?": (8, 9),
    "Find me some tasks": (12, 13),
    "Find me Python jobs above 1000": (13, 14),
}


@pytest.fixture
def worker(as_user: AsUser) -> APIClient:
    return as_user(FreelancerFactory(language="en"))


def trips(api: APIClient, message: str, session: int | None, **more: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        bot(say(api, message, session, **more))
    return len(queries)


@pytest.mark.parametrize("message", TRIPS)
def test_a_command_takes_no_more_round_trips_than_it_needs(worker: APIClient, message: str) -> None:
    session = say(worker, "hello").json()["session_id"]
    bot(say(worker, message, session))  # what a process reads once has been read
    found = trips(worker, message + "!", None), trips(worker, message + " please", session)
    assert found == TRIPS[message]


def test_a_client_s_own_name_for_its_message_takes_none_besides(worker: APIClient) -> None:
    without, named = (
        trips(worker, "Go to dashboard", None),
        trips(worker, "Go to dashboard", None, client_id="a"),
    )
    assert named == without
    # Sent again it is looked up, and nothing is written.
    assert trips(worker, "Go to dashboard", None, client_id="a") == named + 1
    assert (ChatSession.objects.count(), ChatMessage.objects.count()) == (2, 4)


def test_a_conversation_that_opens_with_a_named_message_is_whole(worker: APIClient) -> None:
    answer = say(worker, "I want to create a task", client_id="b")
    kept = ChatSession.objects.get(pk=answer.json()["session_id"])
    plain = ChatSession.objects.get(pk=say(worker, "I want to create a task").json()["session_id"])
    for name in ("language", "title", "session_type", "is_active", "ended_at"):
        assert getattr(kept, name) == getattr(plain, name), name
    assert kept.context_data.keys() == plain.context_data.keys()
    assert (kept.opened_by, plain.opened_by) == ("b", "")
    assert kept.started_at <= kept.last_message_at
