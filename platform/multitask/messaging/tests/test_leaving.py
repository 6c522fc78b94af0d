"""When an account ends its side of conversations stays, without a name, and nobody writes into them any more."""

from __future__ import annotations

import pytest

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.accounts.services.leaving import account_erase, accounts_resweep
from multitask.conftest import AsUser
from multitask.files.factories import PDF, upload
from multitask.files.models import StoredFile
from multitask.messaging.models import Message
from multitask.messaging.services.conversations import conversation_open
from multitask.messaging.services.messages import message_send

pytestmark = pytest.mark.django_db


def test_the_other_side_reads_on_under_no_name_and_cannot_write(as_user: AsUser) -> None:
    gone = FreelancerFactory(username="laila_x", first_name="Laila", last_name="Hassan")
    stays = ClientFactory()
    conversation = conversation_open(actor=gone, participant_id=stays.pk).conversation
    message_send(actor=gone, conversation_id=conversation.pk, content="I can begin on Sunday.")
    account_erase(user=gone)
    accounts_resweep()
    client = as_user(stays)
    place = f"/api/messages/conversations/{conversation.pk}/"
    (row,) = client.get(f"{place}messages/").json()["results"]
    assert (row["content"], row["sender"]) == ("I can begin on Sunday.", gone.pk)
    shown = client.get(place)
    assert shown.json()["is_active"] is False
    assert "aila" not in shown.content.decode()
    assert "Hassan" not in client.get("/api/messages/conversations/").content.decode()
    refused = client.post(f"{place}messages/", {"content": "Hello?"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_closed")
    # Reading goes on.
    assert client.post(f"{place}read/", {"up_to": row["id"]}).json()["unread_count"] == 0
    again = client.post("/api/messages/conversations/", {"participant": gone.pk})
    assert (again.status_code, again.json()["id"]) == (200, conversation.pk)


def test_files_that_were_sent_belong_to_who_received_them_and_others_go(as_user: AsUser) -> None:
    gone, stays = FreelancerFactory(), ClientFactory()
    kept = [
        as_user(gone).post("/api/files/", {"file": upload(PDF, f"{n}.pdf")}, format="multipart").json()
        for n in range(2)
    ]
    conversation = conversation_open(actor=gone, participant_id=stays.pk).conversation
    message_send(actor=gone, conversation_id=conversation.pk, content="The work", attachment_id=kept[0]["id"])
    account_erase(user=gone)
    assert [str(row.pk) for row in StoredFile.objects.all()] == [kept[0]["id"]]
    assert StoredFile.objects.get().owner == stays
    got = as_user(stays).get(kept[0]["url"])
    assert b"".join(got.streaming_content) == PDF
    # Where nobody is left, nothing is.
    account_erase(user=stays)
    assert not StoredFile.objects.exists()
    message = Message.objects.get()
    assert (message.attachment, message.content) == (None, "The work")


def test_an_export_holds_what_one_has_written_and_nothing_of_the_other_side(as_user: AsUser) -> None:
    user, other = ClientFactory(), FreelancerFactory()
    conversation = conversation_open(actor=user, participant_id=other.pk).conversation
    mine = message_send(actor=user, conversation_id=conversation.pk, content="Mine")
    message_send(actor=other, conversation_id=conversation.pk, content="Theirs")
    answer = as_user(user).get("/api/auth/export/")
    body = answer.json()
    assert [(row["id"], row["content"]) for row in body["messages_sent"]] == [(mine.pk, "Mine")]
    assert [row["id"] for row in body["conversations"]] == [conversation.pk]
    assert body["conversations_read"][0]["unread_count"] == 1
    assert "Theirs" not in answer.content.decode()
