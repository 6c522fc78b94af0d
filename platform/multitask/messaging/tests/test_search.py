"""Search inside one's own conversations: every spelling, nobody else's words."""

from __future__ import annotations

import pytest
from django.db import connection

from multitask.accounts.factories import BothFactory, ClientFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.files.factories import StoredFileFactory
from multitask.messaging.factories import ConversationFactory
from multitask.messaging.selectors.messages import messages_found, search_text
from multitask.messaging.services.conversations import conversation_open
from multitask.messaging.services.messages import message_send

pytestmark = pytest.mark.django_db


def write(sender: User, other: User, *texts: str) -> list[int]:
    conversation = conversation_open(actor=sender, participant_id=other.pk, limited=False).conversation
    return [
        message_send(actor=sender, conversation_id=conversation.pk, content=text, limited=False).pk
        for text in texts
    ]


def found(actor: User, words: str) -> list[int]:
    return list(messages_found(actor=actor, words=words).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("أحتاج التصميم النهائي", "تصميم"),
        ("احتاج تصميم", "أحتاج"),
        ("مدرسة اللغات", "مدرسه"),
        ("الموقع جـــاهز", "جاهز"),
        ("إلى المبنى", "الي المبني"),
        ("السعر ٥٠٠ جنيه", "500"),
        ("We deploy with Node.js on Sunday", "node.js"),
        ("The designs are ready", "design"),
        ("The design is ready", "READY the"),
        ("Invoice attached", "invo"),
        ("a C++ library", "c++"),
        ("It's 'quoted' \\ text", "quoted"),
    ],
)
def test_words_are_found_in_any_spelling(text: str, words: str) -> None:
    sender, other = ClientFactory(), BothFactory()
    (pk,) = write(sender, other, text)
    assert found(sender, words) == found(other, words) == [pk]


def test_every_word_must_be_there() -> None:
    sender, other = ClientFactory(), BothFactory()
    both, _, _ = write(sender, other, "logo for a café", "logo", "café")
    assert found(sender, "café logo") == [both]
    assert found(sender, "plumber") == []


@pytest.mark.parametrize("words", ["", "!!", "'", "' | 'x", "@1", "\\", ":* & |", "<-> ()"])
def test_signs_alone_find_nothing_and_break_nothing(words: str) -> None:
    sender, other = ClientFactory(), BothFactory()
    write(sender, other, "secret")
    assert found(sender, words) == []


def test_nobody_finds_what_others_wrote_to_each_other(as_user: AsUser) -> None:
    sender, other, stranger = ClientFactory(), BothFactory(), BothFactory()
    (pk,) = write(sender, other, "the secret plan")
    # A text that names the mark of another reader is no mark.
    write(sender, other, f"secret @{stranger.pk} '@{stranger.pk}'")
    assert found(stranger, "secret") == []
    assert found(stranger, f"secret {stranger.pk}") == []
    assert found(sender, "plan") == [pk]
    answer = as_user(stranger).get("/api/messages/search/?q=secret").json()
    assert (answer["count"], answer["results"]) == (0, [])


def test_a_search_answers_with_messages_as_the_conversation_shows_them(as_user: AsUser) -> None:
    sender, other = ClientFactory(), BothFactory()
    first, second = write(sender, other, "price one", "price two")
    client = as_user(other)
    answer = client.get("/api/messages/search/?q=price").json()
    assert [row["id"] for row in answer["results"]] == [second, first]
    conversation = answer["results"][0]["conversation"]
    assert (
        answer["results"]
        == client.get(f"/api/messages/conversations/{conversation}/messages/").json()["results"]
    )
    by_cursor = client.get("/api/messages/search/?q=price&cursor=&page_size=1").json()
    assert [row["id"] for row in by_cursor["results"]] == [second]
    assert [row["id"] for row in client.get(by_cursor["next"]).json()["results"]] == [first]
    for query in ("", "?q=", f"?q={'x' * 201}"):
        refused = client.get(f"/api/messages/search/{query}")
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["q"])


def test_a_file_is_found_by_its_name() -> None:
    sender, other = ClientFactory(), BothFactory()
    conversation = ConversationFactory(users=(sender, other))
    stored = StoredFileFactory(owner=sender, name="عقد-الإيجار.pdf")
    message = message_send(actor=sender, conversation_id=conversation.pk, content="", attachment_id=stored.pk)
    assert found(other, "ايجار") == [message.pk]


def test_a_text_of_one_endless_word_can_be_kept_and_found() -> None:
    sender, other = ClientFactory(), BothFactory()
    (pk,) = write(sender, other, "ن" * 2000)
    assert found(other, "ن" * 100) == [pk]


def test_the_index_answers_the_search() -> None:
    sender, other = ClientFactory(), BothFactory()
    write(sender, other, "price")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    plan = messages_found(actor=sender, words="price").order_by().explain()
    assert "message_words" in plan, plan
    assert search_text("One one", for_users=(2, 1)) == "one @1 @2"
