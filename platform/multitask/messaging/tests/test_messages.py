"""What is sent is kept once, in order, with true counters; files are for the two who sent and got them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.files.factories import PDF, StoredFileFactory, picture, upload
from multitask.files.models import StoredFile
from multitask.files.services.files import files_purge_unattached
from multitask.messaging.factories import ConversationFactory
from multitask.messaging.models import Conversation, Message, Participant
from multitask.messaging.selectors.wires import message_shown
from multitask.messaging.services.messages import message_send
from multitask.outbox.models import OutboxEvent
from multitask.realtime.models import UserEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[User, User]:
    return ClientFactory(), FreelancerFactory()


@pytest.fixture
def conversation(pair: tuple[User, User]) -> Conversation:
    return ConversationFactory(users=pair)


def place(conversation: Conversation) -> str:
    return f"/api/messages/conversations/{conversation.pk}/messages/"


def test_a_message_reaches_both_sides_and_moves_the_conversation(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, reader = pair
    answer = as_user(sender).post(place(conversation), {"content": "  متى تبدأ؟  ", "message_type": "TEXT"})
    assert answer.status_code == 201
    body = answer.json()
    assert body | {"id": 0, "created_at": ""} == {
        "id": 0,
        "conversation": conversation.pk,
        "sender": sender.pk,
        "message_type": "TEXT",
        "content": "متى تبدأ؟",
        "attachment": None,
        "client_id": "",
        "is_read": False,
        "created_at": "",
    }
    assert as_user(reader).get(place(conversation)).json()["results"] == [body]
    row = as_user(reader).get(f"/api/messages/conversations/{conversation.pk}/").json()
    assert (row["last_message_content"], row["last_message_sender"]) == ("متى تبدأ؟", sender.pk)
    assert row["last_message_at"] == row["updated_at"] == body["created_at"]
    assert row["unread_count"] == 1
    assert as_user(sender).get("/api/messages/unread-count/").json()["unread_count"] == 0


def test_both_sockets_are_told_what_the_api_says_each_with_their_own_counter(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, reader = pair
    body = as_user(sender).post(place(conversation), {"content": "Hello"}).json()
    events = {event.user_id: event.body for event in UserEvent.objects.all()}
    for user, unread in ((sender, 0), (reader, 1)):
        assert events[user.pk] == {"type": "message.new", "message": body, "unread_count": unread}


def test_the_same_client_id_twice_is_one_message(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, reader = pair
    sent = {"content": "Once", "client_id": "a-1"}
    first = as_user(sender).post(place(conversation), sent)
    again = as_user(sender).post(place(conversation), sent | {"content": "Once more"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert Message.objects.count() == 1
    assert OutboxEvent.objects.filter(topic="message.created").count() == 1
    assert UserEvent.objects.count() == 2
    # The other side's name, and another conversation's, is another's.
    assert as_user(reader).post(place(conversation), sent).status_code == 201
    other = ConversationFactory(users=(sender, ClientFactory()))
    assert as_user(sender).post(place(other), sent).status_code == 201
    assert Message.objects.count() == 3
    # Without a name, twice is twice.
    for _ in range(2):
        assert as_user(sender).post(place(conversation), {"content": "Yes"}).status_code == 201
    assert Message.objects.count() == 5


def test_an_idempotency_key_sends_once(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    client = as_user(pair[0])
    answers = [
        client.post(place(conversation), {"content": "Hi"}, headers={"Idempotency-Key": "x"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "content"),
        ({"content": ""}, "content"),
        ({"content": " \u200b\u200f\n\u00a0 "}, "content"),
        ({"content": "x" * 2001}, "content"),
        ({"content": "x", "message_type": "SYSTEM"}, "message_type"),
        ({"content": "x", "message_type": "IMAGE"}, "attachment"),
        ({"content": "x", "client_id": "b" * 65}, "client_id"),
        ({"content": "x", "client_id": "with space"}, "client_id"),
        ({"content": "x", "attachment": "6d9f3a3c-4f0a-4a53-9b77-0a5f2d1f8c11"}, "attachment"),
        ({"content": "x", "attachment": "offer.pdf"}, "attachment"),
    ],
)
def test_what_is_no_message_is_refused_by_name(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser, body: Any, field: str
) -> None:
    answer = as_user(pair[0]).post(place(conversation), body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Message.objects.exists()


@pytest.mark.parametrize("content", ["👍", "ن" * 2000, "!", "a\n\n b"])
def test_anything_that_can_be_seen_is_a_message(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser, content: str
) -> None:
    assert as_user(pair[0]).post(place(conversation), {"content": content}).json()["content"] == content


def test_at_most_so_many_messages_in_a_minute(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, reader = pair
    client = as_user(sender)
    first = client.post(place(conversation), {"content": "0", "client_id": "c"})
    assert first.status_code == 201
    for number in range(19):
        assert client.post(place(conversation), {"content": str(number)}).status_code == 201
    refused = client.post(place(conversation), {"content": "One too many"})
    assert (refused.status_code, refused.json()["code"]) == (429, "messages_per_minute")
    assert 0 < int(refused["Retry-After"]) <= 60
    # What is there already costs nothing, and the other side is not concerned.
    assert client.post(place(conversation), {"content": "0", "client_id": "c"}).status_code == 201
    assert as_user(reader).post(place(conversation), {"content": "Slow down"}).status_code == 201
    with override_settings(MESSAGES_PER_MINUTE=21):
        assert client.post(place(conversation), {"content": "Now"}).status_code == 201


def test_to_a_closed_account_nothing_is_sent_and_what_was_said_is_read(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, gone = pair
    client = as_user(sender)
    client.post(place(conversation), {"content": "Still there?"})
    gone.is_active = False
    gone.save()
    for body, kind in (({"content": "Hello?"}, "json"), ({"attachment": upload(PDF, "a.pdf")}, "multipart")):
        refused = client.post(place(conversation), body, format=kind)
        assert (refused.status_code, refused.json()["code"]) == (409, "conversation_closed")
    assert not StoredFile.objects.exists()
    assert len(client.get(place(conversation)).json()["results"]) == 1
    shown = client.get(f"/api/messages/conversations/{conversation.pk}/").json()
    assert (shown["is_active"], shown["other"]["is_active"]) == (False, False)


def test_pages_by_cursor_do_not_shift_while_messages_come(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    client = as_user(pair[0])
    with override_settings(MESSAGES_PER_MINUTE=100):
        sent = [client.post(place(conversation), {"content": str(n)}).json()["id"] for n in range(10)]
        page = client.get(f"{place(conversation)}?cursor=&page_size=4").json()
        seen = [row["id"] for row in page["results"]]
        late = client.post(place(conversation), {"content": "late"}).json()["id"]
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
    assert seen == sent[::-1]
    numbered = client.get(f"{place(conversation)}?page_size=4&page=3").json()
    assert (numbered["count"], [row["id"] for row in numbered["results"]]) == (11, sent[2::-1])
    assert client.get(place(conversation)).json()["results"][0]["id"] == late


def test_a_message_takes_six_statements_and_what_answers_it_none(
    pair: tuple[User, User], conversation: Conversation
) -> None:
    """Held, looked at, counted against the limit, written, handed to the outbox, told to both sides."""
    with CaptureQueriesContext(connection) as caught:
        message = message_send(
            actor=pair[0], conversation_id=conversation.pk, content="Hello", client_id="one"
        )
        shown = message_shown(message, reader_id=pair[0].pk)
    statements = [query["sql"] for query in caught if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 6, statements
    # What is made in passing is what is read afterwards.
    assert shown == message_shown(Message.objects.get(), reader_id=pair[0].pk)
    assert message.conversation.last_message == message
    assert message.sender == pair[0]


@pytest.mark.parametrize("query", ["", "?cursor="])
def test_a_longer_page_of_messages_costs_no_more_queries(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser, query: str
) -> None:
    client = as_user(pair[1])
    counts = []
    for number in (1, 6):
        for _ in range(number):
            message_send(
                actor=pair[0],
                conversation_id=conversation.pk,
                content="",
                attachment_id=StoredFileFactory(owner=pair[0]).pk,
            )
        with CaptureQueriesContext(connection) as caught:
            assert client.get(f"{place(conversation)}{query}").status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 7, counts


# --- Files ----------------------------------------------------------------------------------------------------------


def test_a_file_is_sent_by_its_id_and_read_by_both_sides_alone(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser, api: APIClient
) -> None:
    sender, reader = pair
    kept = as_user(sender).post("/api/files/", {"file": upload(PDF, "عرض.pdf")}, format="multipart").json()
    assert as_user(reader).get(kept["url"]).status_code == 404
    sent = as_user(sender).post(place(conversation), {"attachment": kept["id"], "content": "The offer"})
    assert sent.status_code == 201
    body = sent.json()
    assert (body["message_type"], body["attachment"]) == ("FILE", kept)
    got = as_user(reader).get(kept["url"])
    assert (got.status_code, b"".join(got.streaming_content)) == (200, PDF)
    assert as_user(sender).get(kept["url"]).status_code == 200
    assert as_user(AdminFactory()).get(kept["url"]).status_code == 200
    assert as_user(ClientFactory()).get(kept["url"]).status_code == 404
    assert api.get(kept["url"]).status_code == 401
    # It stays with the message.
    assert as_user(sender).delete(kept["url"]).json()["code"] == "file_attached"
    assert as_user(reader).get(place(conversation)).json()["results"] == [body]
    StoredFile.objects.update(created_at="2020-01-01T00:00:00Z")
    assert files_purge_unattached() == 0


def test_a_picture_is_sent_with_the_message_itself(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, reader = pair
    form = {"attachment": upload(picture(), "sketch.png"), "client_id": "p1"}
    sent = as_user(sender).post(place(conversation), form, format="multipart")
    assert sent.status_code == 201, sent.content
    body = sent.json()
    assert (body["message_type"], body["content"]) == ("IMAGE", "")
    assert body["attachment"]["content_type"] == "image/png"
    assert as_user(reader).get(body["attachment"]["url"]).status_code == 200
    row = as_user(reader).get("/api/messages/conversations/").json()["results"][0]
    assert (row["last_message_content"], row["last_message_type"]) == ("sketch.png", "IMAGE")
    again = {"attachment": upload(picture(), "sketch.png"), "client_id": "p1"}
    assert as_user(sender).post(place(conversation), again, format="multipart").json() == body
    assert StoredFile.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "status"), [(b"<html><script>", 400), (b"", 400), (bytes(10 * 1024 * 1024 + 1), 413)]
)
def test_a_file_that_may_not_be_kept_is_not_sent(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser, data: bytes, status: int
) -> None:
    form = {"attachment": upload(data, "x.pdf"), "content": "Look"}
    assert as_user(pair[0]).post(place(conversation), form, format="multipart").status_code == status
    assert not Message.objects.exists()
    assert not StoredFile.objects.exists()


def test_nobody_sends_anothers_file_and_a_stranger_cannot_make_one_readable(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    others = StoredFileFactory()
    answer = as_user(pair[0]).post(place(conversation), {"attachment": str(others.pk)})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["attachment"])
    assert as_user(pair[0]).get(f"/api/files/{others.pk}/").status_code == 404


def test_a_type_that_the_file_is_not_of_is_refused(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    stored = StoredFileFactory(owner=pair[0])
    for kind in ("TEXT", "IMAGE"):
        body = {"attachment": str(stored.pk), "content": "x", "message_type": kind}
        answer = as_user(pair[0]).post(place(conversation), body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["message_type"])
    body = {"attachment": str(stored.pk), "message_type": "FILE"}
    assert as_user(pair[0]).post(place(conversation), body).status_code == 201


# --- Receipts -------------------------------------------------------------------------------------------------------


def _said(conversation: Conversation, sender: User, as_user: AsUser, number: int) -> list[int]:
    client = as_user(sender)
    return [client.post(place(conversation), {"content": str(n)}).json()["id"] for n in range(number)]


def test_receipts_never_go_back_and_stop_at_the_newest(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, reader = pair
    ids = _said(conversation, sender, as_user, 4)
    client, base = as_user(reader), f"/api/messages/conversations/{conversation.pk}"

    def moved(verb: str, up_to: int) -> tuple[int, int, int]:
        body = client.post(f"{base}/{verb}/", {"up_to": up_to}).json()
        assert (body["conversation"], body["user"]) == (conversation.pk, reader.pk)
        return body["delivered_up_to"], body["read_up_to"], body["unread_count"]

    assert moved("delivered", ids[1]) == (ids[1], 0, 4)
    assert moved("read", ids[0]) == (ids[1], ids[0], 3)
    assert moved("delivered", ids[0]) == (ids[1], ids[0], 3)
    assert moved("read", ids[2]) == (ids[2], ids[2], 1)
    assert moved("read", ids[0]) == (ids[2], ids[2], 1)
    assert moved("read", ids[3] + 1_000_000) == (ids[3], ids[3], 0)
    assert [row["is_read"] for row in client.get(place(conversation)).json()["results"]] == [True] * 4
    assert as_user(sender).get(f"{base}/").json()["other"]["read_up_to"] == ids[3]


def test_a_receipt_is_told_to_both_sides_and_only_when_something_moved(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, reader = pair
    ids = _said(conversation, sender, as_user, 2)
    client = as_user(reader)
    for _ in range(2):
        client.post(f"/api/messages/conversations/{conversation.pk}/read/", {"up_to": ids[0]})
    rows = UserEvent.objects.filter(type="receipt").order_by("user_id")
    base = {"type": "receipt", "conversation": conversation.pk, "user": reader.pk}
    upto = {"delivered_up_to": ids[0], "read_up_to": ids[0]}
    assert {row.user_id: row.body for row in rows} == {
        sender.pk: base | upto | {"unread_count": 0},
        reader.pk: base | upto | {"unread_count": 1},
    }


def test_is_read_is_of_who_received_the_message(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    sender, reader = pair
    (first,) = _said(conversation, sender, as_user, 1)
    (answer,) = _said(conversation, reader, as_user, 1)
    as_user(reader).post(f"/api/messages/conversations/{conversation.pk}/read/", {"up_to": answer})
    for user in pair:
        rows = as_user(user).get(place(conversation)).json()["results"]
        assert {row["id"]: row["is_read"] for row in rows} == {first: True, answer: False}


def test_a_receipt_of_an_empty_conversation_changes_nothing(
    pair: tuple[User, User], conversation: Conversation, as_user: AsUser
) -> None:
    answer = as_user(pair[0]).post(f"/api/messages/conversations/{conversation.pk}/read/", {"up_to": 5})
    assert (answer.status_code, answer.json()["read_up_to"]) == (200, 0)
    assert not UserEvent.objects.exists()


def test_the_database_refuses_a_side_that_has_read_what_it_was_not_given() -> None:
    side = Participant.objects.filter(conversation=ConversationFactory()).first()
    with pytest.raises(Exception, match="participant_read_is_delivered"):
        Participant.objects.filter(pk=side.pk).update(read_up_to=5)
