"""Several things at the same moment, in real transactions: one message, one conversation, true counters, exact limits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from multitask.accounts.factories import BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.accounts.services.leaving import account_erase
from multitask.common.errors import DomainError
from multitask.files.factories import StoredFileFactory
from multitask.files.models import StoredFile
from multitask.files.services.files import file_remove
from multitask.messaging.factories import ConversationFactory
from multitask.messaging.models import Conversation, Message, Participant
from multitask.messaging.selectors.notices import messages_new
from multitask.messaging.services.conversations import conversation_open
from multitask.messaging.services.lines import Line, lines_write
from multitask.messaging.services.messages import message_send
from multitask.messaging.services.receipts import messages_delivered, messages_read, unread_count
from multitask.notifications.models import Notification
from multitask.notifications.services.notify import notify_many
from multitask.realtime.models import UserEvent
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Task
from multitask.tasks.services.tasks import task_delete
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except DomainError as error:
        return error.code


def outcomes(*acts: Callable[[], Any]) -> list[Any]:
    found = at_once([partial(outcome, act) for act in acts])
    assert not [one for one in found if isinstance(one, BaseException)], found
    return found


def counters_are_true() -> None:
    for side in Participant.objects.all():
        assert side.unread_count == unread_count(
            conversation_id=side.conversation_id, user_id=side.user_id, read_up_to=side.read_up_to
        )


def streams_are_alike(conversation: Conversation) -> None:
    """Both sides were told of every message once, in the order of ids."""
    ids = list(conversation.messages.order_by("pk").values_list("pk", flat=True))
    for user_id in (conversation.low_user_id, conversation.high_user_id):
        told = UserEvent.objects.filter(user=user_id, type="message.new").order_by("seq")
        assert [event.body["message"]["id"] for event in told] == ids


@pytest.fixture
def pair() -> tuple[User, User]:
    return ClientFactory(), FreelancerFactory()


def test_one_client_id_sent_several_times_at_once_is_one_message(pair: tuple[User, User]) -> None:
    conversation = ConversationFactory(users=pair)
    for number in range(15):
        send = partial(
            message_send,
            actor=pair[0],
            conversation_id=conversation.pk,
            content=str(number),
            client_id=f"c{number}",
            limited=False,
        )
        found = outcomes(send, send, send)
        assert len({message.pk for message in found}) == 1
    assert Message.objects.count() == 15
    counters_are_true()
    streams_are_alike(conversation)


def test_both_sides_writing_and_reading_at_once_see_one_order_and_true_counters(
    pair: tuple[User, User],
) -> None:
    conversation = ConversationFactory(users=pair)

    def write_and_read(actor: User) -> None:
        for number in range(25):
            message = message_send(
                actor=actor, conversation_id=conversation.pk, content=str(number), limited=False
            )
            if number % 3 == 0:
                messages_delivered(actor=actor, conversation_id=conversation.pk, up_to=message.pk)
            if number % 4 == 0:
                messages_read(actor=actor, conversation_id=conversation.pk, up_to=message.pk - 1)

    outcomes(*(partial(write_and_read, actor) for actor in (*pair, *pair)))
    assert Message.objects.count() == 100
    counters_are_true()
    streams_are_alike(conversation)
    conversation.refresh_from_db()
    assert conversation.last_message == Message.objects.latest("pk")
    sent = Message.objects.order_by("pk").values_list("created_at", flat=True)
    assert list(sent) == sorted(sent)


def test_a_conversation_opened_from_several_sides_at_once_is_one(pair: tuple[User, User]) -> None:
    one, other = pair
    for task in [None, *(TaskFactory(client=one).pk for _ in range(10))]:
        mine = partial(conversation_open, actor=one, participant_id=other.pk, task_id=task, limited=False)
        theirs = partial(conversation_open, actor=other, participant_id=one.pk, task_id=task, limited=False)
        found = outcomes(theirs, theirs, mine if task is None else theirs)
        assert len({opened.conversation.pk for opened in found}) == 1
        assert sum(opened.is_new for opened in found) == 1
    assert Conversation.objects.count() == 11
    assert Participant.objects.count() == 22
    assert UserEvent.objects.filter(type="conversation.new").count() == 22


def test_the_limits_are_exact_however_many_come_at_once(pair: tuple[User, User]) -> None:
    conversation = ConversationFactory(users=pair)
    send = partial(message_send, actor=pair[0], conversation_id=conversation.pk, content="x")
    found = Counter(str(one) if isinstance(one, str) else "sent" for one in outcomes(*[send] * 26))
    assert found == {"sent": 20, "messages_per_minute": 6}
    assert Message.objects.count() == 20
    others = [BothFactory() for _ in range(8)]
    opens = [partial(conversation_open, actor=pair[0], participant_id=other.pk) for other in others]
    found = Counter(str(one) if isinstance(one, str) else "open" for one in outcomes(*opens))
    assert found == {"open": 5, "conversations_per_hour": 3}


def test_a_place_of_the_limit_is_given_back_by_who_opened_too_late(pair: tuple[User, User]) -> None:
    one, other = pair
    open_ = partial(conversation_open, actor=one, participant_id=other.pk)
    outcomes(open_, open_, open_, open_)
    # One of the five is taken.
    rest = [partial(conversation_open, actor=one, participant_id=BothFactory().pk) for _ in range(5)]
    found = Counter(str(found) if isinstance(found, str) else "open" for found in map(outcome, rest))
    assert found == {"open": 4, "conversations_per_hour": 1}


def test_a_task_deleted_while_somebody_writes_about_it_is_either_gone_or_kept_whole() -> None:
    seen = Counter[str]()
    for _ in range(12):
        task, asker = TaskFactory(), BothFactory()
        deleted, opened = outcomes(
            partial(task_delete, actor=task.client, task_id=task.pk),
            partial(conversation_open, actor=asker, participant_id=task.client_id, task_id=task.pk),
        )
        there = Conversation.objects.filter(low_user_id__in=[asker.pk, task.client_id], task=task.pk).exists()
        if deleted is True:
            assert opened == "unknown_task"
            assert not there
        else:
            assert Task.objects.get(pk=task.pk).status == "CANCELLED"
        seen[f"{deleted} {opened if isinstance(opened, str) else 'open'}"] += 1
    assert set(seen) <= {"True unknown_task", "False open", "False not_about_this_task"}


def test_writing_to_an_account_that_ends_at_the_same_moment_is_sent_or_refused(
    pair: tuple[User, User],
) -> None:
    for _ in range(6):
        gone = FreelancerFactory()
        conversation = ConversationFactory(users=(pair[0], gone))
        send = partial(
            message_send, actor=pair[0], conversation_id=conversation.pk, content="x", limited=False
        )
        answer = partial(
            message_send, actor=gone, conversation_id=conversation.pk, content="y", limited=False
        )
        found = outcomes(partial(account_erase, user=gone), send, answer)
        assert found[0] is None
        assert all(
            not isinstance(one, str) or one in {"conversation_closed", "not_found"} for one in found[1:]
        )
        conversation.refresh_from_db()
        assert not conversation.is_active
        assert outcome(send) == "conversation_closed"
    counters_are_true()


def test_a_file_deleted_while_it_is_sent_is_either_sent_or_gone(pair: tuple[User, User]) -> None:
    conversation = ConversationFactory(users=pair)
    for _ in range(10):
        stored = StoredFileFactory(owner=pair[0])
        removed, sent = outcomes(
            partial(file_remove, actor=pair[0], file_id=stored.pk),
            partial(
                message_send,
                actor=pair[0],
                conversation_id=conversation.pk,
                content="",
                attachment_id=stored.pk,
                limited=False,
            ),
        )
        assert (removed, isinstance(sent, Message)) in {("file_attached", True), (None, False)}
        assert StoredFile.objects.filter(pk=stored.pk).exists() == isinstance(sent, Message)
        assert isinstance(sent, Message) or sent == "unknown_file"


def test_a_line_written_by_two_jobs_at_once_is_one(pair: tuple[User, User]) -> None:
    found = [ConversationFactory(users=(pair[0], FreelancerFactory())) for _ in range(5)]
    lines = [Line(one.pk, "completed", "completed", {"task": "x"}) for one in found]
    written = outcomes(partial(lines_write, lines), partial(lines_write, lines[::-1]))
    assert sum(written) == 5
    assert Message.objects.count() == 5
    assert UserEvent.objects.count() == 10


def test_reading_while_the_notification_is_written_never_leaves_it_unread(pair: tuple[User, User]) -> None:
    conversation = ConversationFactory(users=pair)
    message = message_send(actor=pair[0], conversation_id=conversation.pk, content="x", limited=False)
    looked = Event()

    def tell() -> None:
        with transaction.atomic():
            notices = messages_new([message.pk])
            looked.set()
            time.sleep(0.5)  # a slow job: there is time to read
            notify_many(notices)

    def read() -> None:
        assert looked.wait(10)
        messages_read(actor=pair[1], conversation_id=conversation.pk, up_to=message.pk)

    outcomes(tell, read)
    assert Notification.objects.get().is_read
