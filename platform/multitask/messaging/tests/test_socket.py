"""The socket of conversations, through the web process as it is served."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.common.errors import MESSAGES
from multitask.messaging.factories import ConversationFactory
from multitask.messaging.models import Conversation, Message, Participant
from multitask.messaging.services.conversations import conversation_open
from multitask.messaging.services.messages import message_send
from multitask.testing.sockets import Client, WebProcess, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    log: Path = tmp_path_factory.mktemp("web") / "web.log"
    with WebProcess(log, SOCKET_FRAMES_PER_SECOND="300", SOCKET_FRAMES_BURST="600") as running:
        yield running


@pytest.fixture
def pair() -> tuple[User, User]:
    return ClientFactory(), FreelancerFactory(language="en")


@pytest.fixture
def conversation(pair: tuple[User, User]) -> Conversation:
    return ConversationFactory(users=pair)


def chat(web: WebProcess, user: User, **more: Any) -> Client:
    client = web.enter(user, "chat", **more)
    client.say("ping")
    client.until("pong")
    return client


def say(client: Client, conversation: Conversation, content: str, client_id: str) -> None:
    client.say("message.send", conversation=conversation.pk, content=content, client_id=client_id)


def test_a_message_is_acknowledged_and_reaches_both_sides(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation
) -> None:
    with chat(web, pair[0]) as sender, chat(web, pair[1]) as reader:
        begun = time.monotonic()
        say(sender, conversation, "أهلًا", "m1")
        got = reader.until("message.new")
        assert time.monotonic() - begun < 1
        ack = sender.until("message.ack")
        kept = Message.objects.get()
        assert ack["client_id"] == "m1"
        assert ack["message"] == got["message"]
        assert (got["message"]["id"], got["message"]["content"]) == (kept.pk, "أهلًا")
        assert (got["unread_count"], got["seq"]) == (1, 1)
        # Another device of the sender's learns of it too.
        assert sender.synced(0)[0]["message"] == ack["message"]


def test_a_message_sent_again_is_acknowledged_again_and_told_once(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation
) -> None:
    with chat(web, pair[0]) as sender, chat(web, pair[1]) as reader:
        for _ in range(3):
            say(sender, conversation, "once", "same")
        acks = [sender.until("message.ack")["message"]["id"] for _ in range(3)]
        assert len(set(acks)) == 1
        reader.until("message.new")
        assert [frame["type"] for frame in reader.quiet(0.5)] == []


def test_receipts_and_counters_reach_both_sides(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation
) -> None:
    with chat(web, pair[0]) as sender, chat(web, pair[1]) as reader:
        say(sender, conversation, "read me", "r1")
        number = reader.until("message.new")["message"]["id"]
        reader.say("message.delivered", conversation=conversation.pk, up_to=number)
        first = sender.until("receipt")
        assert (first["user"], first["delivered_up_to"], first["read_up_to"]) == (pair[1].pk, number, 0)
        reader.say("message.read", conversation=conversation.pk, up_to=number)
        second = sender.until("receipt")
        assert (second["read_up_to"], second["conversation"]) == (number, conversation.pk)
        assert [reader.until("receipt")["unread_count"] for _ in range(2)] == [1, 0]


def test_typing_reaches_the_other_side_alone_and_ends(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation
) -> None:
    stranger = ClientFactory()
    with chat(web, pair[0]) as writer, chat(web, pair[1]) as reader, chat(web, stranger) as other:
        writer.say("typing.start", conversation=conversation.pk)
        assert reader.until("typing") == {
            "type": "typing",
            "conversation": conversation.pk,
            "user": pair[0].pk,
            "active": True,
        }
        writer.say("typing.stop", conversation=conversation.pk)
        assert reader.until("typing")["active"] is False
        writer.say("typing.start", conversation=conversation.pk)
        reader.until("typing")
        writer.cut()
        assert reader.until("typing", timeout=20)["active"] is False
        assert [frame for frame in other.quiet(0.3) if frame["type"] == "typing"] == []


@pytest.mark.parametrize(
    "frame", ["message.send", "message.read", "message.delivered", "typing.start", "typing.stop"]
)
def test_anothers_conversation_is_not_there(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation, frame: str
) -> None:
    stranger = ClientFactory()
    fields: dict[str, Any] = {
        "message.send": {"content": "let me in", "client_id": "x"},
        "message.read": {"up_to": 1},
        "message.delivered": {"up_to": 1},
    }.get(frame, {})
    with chat(web, stranger, lang="en") as client, chat(web, pair[1]) as reader:
        for number in (conversation.pk, conversation.pk + 10_000, 2**62):
            client.say(frame, conversation=number, **fields)
            answer = client.until("error")
            assert (answer["code"], answer["detail"]) == ("not_found", MESSAGES["not_found"].en)
            assert answer.get("client_id") == fields.get("client_id")
        assert reader.quiet(0.3) == []
    assert not Message.objects.exists()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "message.send"}, "frame_invalid"),
    ({"type": "message.send", "conversation": "1", "content": "x", "client_id": "a"}, "frame_invalid"),
    ({"type": "message.send", "conversation": 1, "content": 5, "client_id": "a"}, "frame_invalid"),
    ({"type": "message.send", "conversation": 1, "content": "x"}, "frame_invalid"),
    (
        {"type": "message.send", "conversation": 1, "content": "x", "client_id": "a", "sender": 2},
        "frame_invalid",
    ),
    ({"type": "message.send", "conversation": 2**63, "content": "x", "client_id": "a"}, "frame_invalid"),
    ({"type": "message.read", "conversation": 1, "up_to": 0}, "frame_invalid"),
    ({"type": "message.send", "conversation": 1, "content": "\x00", "client_id": "a"}, "frame_not_json"),
    ({"type": "message.delete", "conversation": 1}, "frame_unknown"),
]


@pytest.mark.parametrize(("frame", "code"), BAD)
def test_a_frame_that_is_none_is_answered_with_an_error(
    web: WebProcess, pair: tuple[User, User], frame: dict[str, Any], code: str
) -> None:
    with chat(web, pair[0]) as client:
        client.raw.send(json.dumps(frame))
        answer = client.until("error")
        assert (answer["code"], answer["type"]) == (code, "error")
        if code != "frame_not_json":
            assert answer.get("client_id") == frame.get("client_id")
        client.say("ping")
        client.until("pong")


@pytest.mark.parametrize(
    ("content", "code"), [("", "blank"), ("x" * 2001, "too_long"), (" \u200b ", "blank")]
)
def test_a_message_that_is_none_is_refused_with_its_reason_and_the_senders_name_for_it(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation, content: str, code: str
) -> None:
    with chat(web, pair[1], lang="en") as client:
        say(client, conversation, content, "mine")
        answer = client.until("error")
        assert (answer["code"], answer["client_id"]) == (code, "mine")


def test_the_limit_a_minute_holds_on_the_socket_too(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation
) -> None:
    with chat(web, pair[0], lang="en") as client:
        for number in range(22):
            say(client, conversation, str(number), f"n{number}")
        answers = [client.until("message.ack", "error") for _ in range(22)]
    assert [answer["type"] for answer in answers] == ["message.ack"] * 20 + ["error"] * 2
    assert {answer["code"] for answer in answers[20:]} == {"messages_per_minute"}
    assert answers[20]["client_id"] == "n20"


def test_what_was_missed_comes_after_a_reconnect_in_order_and_once(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation
) -> None:
    with chat(web, pair[1]) as reader:
        message_send(actor=pair[0], conversation_id=conversation.pk, content="0")
        seq = reader.until("message.new")["seq"]
        reader.cut()
    for number in range(1, 5):
        message_send(actor=pair[0], conversation_id=conversation.pk, content=str(number))
    with web.enter(pair[1], "chat") as reader:
        found = [frame for frame in reader.synced(seq) if frame["type"] == "message.new"]
        assert [frame["message"]["content"] for frame in found] == ["1", "2", "3", "4"]


def test_presence_is_told_of_those_one_writes_with_also_of_new_ones(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation
) -> None:
    newcomer, stranger = FreelancerFactory(), FreelancerFactory()
    with chat(web, pair[0]) as client:
        with chat(web, stranger), chat(web, pair[1]):
            told = client.until("presence", timeout=10)
            while not told["online"]:
                told = client.until("presence", timeout=10)
            assert told["user"] == pair[1].pk
        conversation_open(actor=pair[0], participant_id=newcomer.pk)
        client.until("conversation.new")
        with chat(web, newcomer):
            end = time.monotonic() + 10
            while time.monotonic() < end:
                frame = client.until("presence", timeout=10)
                assert frame["user"] in {pair[1].pk, newcomer.pk}
                if (frame["user"], frame["online"]) == (newcomer.pk, True):
                    break
            else:
                raise AssertionError("nothing was said of the newcomer")


def test_counters_after_a_burst_from_both_sides_are_what_a_recount_gives(
    web: WebProcess, pair: tuple[User, User], conversation: Conversation
) -> None:
    clients = [chat(web, user) for user in pair]
    for number in range(15):
        for position, client in enumerate(clients):
            say(client, conversation, str(number), f"{position}-{number}")
            if number % 5 == 4:
                client.say("message.read", conversation=conversation.pk, up_to=2**62)
    wait_until(lambda: Message.objects.count() == 30, what="30 messages")
    for client in clients:
        client.say("message.read", conversation=conversation.pk, up_to=2**62)
    wait_until(
        lambda: set(Participant.objects.values_list("unread_count", flat=True)) == {0}, what="all read"
    )
    for client in clients:
        client.quiet(0.3)
        client.close()
    orders = []
    for user in pair:
        with web.enter(user, "chat") as client:
            frames = [frame for frame in client.synced(0) if "seq" in frame]
        assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        orders.append([frame["message"]["id"] for frame in frames if frame["type"] == "message.new"])
    assert orders[0] == orders[1] == list(Message.objects.order_by("pk").values_list("pk", flat=True))
