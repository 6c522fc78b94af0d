"""What happens to a task is a line of its conversation, once, in the reader's language; messages are notified."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.messaging.factories import ConversationFactory
from multitask.messaging.models import Conversation, Message
from multitask.messaging.services.conversations import conversation_open
from multitask.messaging.services.following import conversation_open_accepted, task_step_note
from multitask.messaging.services.messages import message_send
from multitask.messaging.services.receipts import messages_read
from multitask.notifications.models import Notification
from multitask.outbox.models import OutboxDelivery
from multitask.realtime.models import UserEvent
from multitask.tasks.factories import ApplicationFactory, StartedTaskFactory, TaskFactory
from multitask.tasks.models import Task, TaskApplication
from multitask.tasks.services.applications import application_accept, application_create
from multitask.tasks.services.deadlines import tasks_close_overdue
from multitask.tasks.services.tasks import task_cancel, task_complete, task_deliver, task_request_changes
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


def accepted(pipeline: Pipeline, title: str = "Online shop") -> tuple[User, User, Task]:
    client, freelancer = ClientFactory(), FreelancerFactory()
    task = TaskFactory(client=client, title=title)
    application = application_create(
        actor=freelancer,
        task_id=task.pk,
        proposal="I can.",
        offered_price=Decimal(1400),
        estimated_time="a week",
    )
    application_accept(actor=client, application_id=application.pk)
    pipeline.drain()
    return client, freelancer, task


def lines(as_user: AsUser, user: User, task: Task, language: str = "en") -> list[str]:
    caller = as_user(user)
    headers = {"Accept-Language": language}
    rows = caller.get("/api/messages/conversations/", headers=headers).json()["results"]
    (row,) = [row for row in rows if (row["task"] or {}).get("id") == task.pk]
    page = caller.get(f"/api/messages/conversations/{row['id']}/messages/", headers=headers).json()["results"]
    for line in page:
        assert (line["sender"], line["message_type"], line["client_id"]) == (None, "SYSTEM", "")
    assert row["last_message_content"] == page[0]["content"][:100]
    assert (row["last_message_type"], row["last_message_sender"], row["unread_count"]) == ("SYSTEM", None, 0)
    return [line["content"] for line in reversed(page)]


def test_an_accepted_application_opens_the_conversation_and_each_step_is_a_line_in_both_languages(
    as_user: AsUser, pipeline: Pipeline
) -> None:
    client, freelancer, task = accepted(pipeline)
    task_deliver(actor=freelancer, task_id=task.pk)
    task_request_changes(actor=client, task_id=task.pk, reason="The logo {is} too small")
    task_deliver(actor=freelancer, task_id=task.pk)
    task_complete(actor=client, task_id=task.pk)
    pipeline.drain()
    assert pipeline.dead() == []
    said = lines(as_user, client, task)
    assert said == lines(as_user, freelancer, task)
    assert [line.split("“")[0] for line in said] == [
        "",
        "The work on ",
        "The client asked for changes to ",
        "The work on ",
        "",
    ]
    assert said[2].endswith("“Online shop”: The logo {is} too small")
    assert said[0].startswith("“Online shop” was given")
    arabic = lines(as_user, client, task, "ar")
    assert arabic[-1] == "اكتملت «Online shop». يمكنكما الآن تبادل التقييم."
    assert len(arabic) == 5


def test_a_line_is_written_once_however_often_its_event_is_delivered(pipeline: Pipeline) -> None:
    _, freelancer, task = accepted(pipeline)
    application = TaskApplication.objects.get()
    task_deliver(actor=freelancer, task_id=task.pk)
    pipeline.drain()
    before = Message.objects.count()
    events = UserEvent.objects.filter(type="message.new").count()
    assert (before, events) == (2, 4)
    payloads = [
        delivery.event.payload for delivery in OutboxDelivery.objects.filter(handler="messaging.note_step")
    ]
    for _ in range(3):
        conversation_open_accepted(application_id=application.pk)
        for payload in payloads:
            task_step_note(topic="task.delivered", task_id=payload["task"], at=payload["at"])
    assert Message.objects.count() == before
    assert UserEvent.objects.filter(type="message.new").count() == events
    assert Conversation.objects.count() == 1


def test_lines_of_one_task_stand_in_the_order_of_its_steps_whatever_the_workers_do(
    as_user: AsUser, pipeline: Pipeline
) -> None:
    client, freelancer, task = accepted(pipeline)
    for number in range(4):
        task_deliver(actor=freelancer, task_id=task.pk)
        task_request_changes(actor=client, task_id=task.pk, reason=f"change {number}")
    Pipeline(shuffle=random.Random(5)).drain()
    said = lines(as_user, client, task)[1:]
    assert [("delivered" in line, line[-1]) for line in said[1::2]] == [
        (False, str(number)) for number in range(4)
    ]
    assert all("was delivered" in line for line in said[0::2])


def test_a_cancelled_task_says_so_where_it_was_written_about(as_user: AsUser, pipeline: Pipeline) -> None:
    task = TaskFactory(title="Open one")
    askers = [FreelancerFactory(), FreelancerFactory()]
    for asker in askers:
        conversation_open(actor=asker, participant_id=task.client_id, task_id=task.pk)
    elsewhere = conversation_open(actor=askers[0], participant_id=task.client_id).conversation
    task_cancel(actor=task.client, task_id=task.pk, reason="Put off")
    pipeline.drain()
    for asker in askers:
        assert lines(as_user, asker, task) == ["“Open one” was cancelled: Put off"]
    assert not elsewhere.messages.exists()


def test_a_running_task_that_is_cancelled_says_so_to_its_parties_alone(
    as_user: AsUser, pipeline: Pipeline
) -> None:
    client, freelancer, task = accepted(pipeline)
    rejected = ApplicationFactory(task=task, status="REJECTED").freelancer
    other = conversation_open(actor=rejected, participant_id=client.pk, task_id=task.pk).conversation
    task_cancel(actor=client, task_id=task.pk)
    pipeline.drain()
    assert lines(as_user, freelancer, task)[-1] == "“Online shop” was cancelled."
    assert not other.messages.exists()


def test_a_task_closed_by_its_deadline_says_that(as_user: AsUser, pipeline: Pipeline) -> None:
    task = TaskFactory(title="Too late")
    asker = FreelancerFactory()
    conversation_open(actor=asker, participant_id=task.client_id, task_id=task.pk)
    Task.objects.filter(pk=task.pk).update(deadline="2020-01-01T00:00:00Z")
    tasks_close_overdue()
    pipeline.drain()
    assert "before its deadline" in lines(as_user, asker, task)[0]


def test_a_task_that_began_before_there_were_conversations_gets_one_at_its_next_step(
    as_user: AsUser, pipeline: Pipeline
) -> None:
    task = StartedTaskFactory(title="Old one")
    task_deliver(actor=task.assigned_to, task_id=task.pk)
    pipeline.drain()
    assert len(lines(as_user, task.client, task)) == 1


# --- Notifications --------------------------------------------------------------------------------------------------


def _send(sender: User, conversation: Conversation, content: str) -> Message:
    return message_send(actor=sender, conversation_id=conversation.pk, content=content, limited=False)


@pytest.fixture
def pair() -> tuple[User, User]:
    return ClientFactory(first_name="Mona", last_name="Adel"), FreelancerFactory(language="en")


def test_messages_that_are_unread_are_one_notification_that_counts(
    pair: tuple[User, User], pipeline: Pipeline
) -> None:
    sender, reader = pair
    conversation = ConversationFactory(users=pair)
    for number in range(3):
        newest = _send(sender, conversation, f"Message {number}")
    pipeline.drain()
    assert pipeline.dead() == []
    line = Notification.objects.get()
    assert (line.recipient_id, line.notification_type, line.count) == (reader.pk, "new_message", 3)
    assert (line.conversation_id, line.message_id) == (conversation.pk, newest.pk)
    assert (line.sender_id, line.link) == (sender.pk, f"/messages/{conversation.pk}")
    assert "Mona Adel" in line.title
    assert "Message 2" in line.message


def test_reading_the_conversation_reads_its_notification(
    pair: tuple[User, User], pipeline: Pipeline, as_user: AsUser
) -> None:
    sender, reader = pair
    conversation = ConversationFactory(users=pair)
    first, second = (_send(sender, conversation, text) for text in ("one", "two"))
    pipeline.drain()
    messages_read(actor=reader, conversation_id=conversation.pk, up_to=first.pk)
    assert not Notification.objects.get().is_read
    messages_read(actor=reader, conversation_id=conversation.pk, up_to=second.pk)
    assert Notification.objects.get().is_read
    assert as_user(reader).get("/api/notifications/unread-count/").json()["unread_count"] == 0
    assert UserEvent.objects.filter(user=reader, type="notification.read").count() == 1


def test_a_message_that_was_read_before_its_notification_was_written_is_not_told(
    pair: tuple[User, User], pipeline: Pipeline
) -> None:
    sender, reader = pair
    conversation = ConversationFactory(users=pair)
    read, unread = (_send(sender, conversation, text) for text in ("read", "unread"))
    messages_read(actor=reader, conversation_id=conversation.pk, up_to=read.pk)
    pipeline.drain()
    assert [(line.message_id, line.count) for line in Notification.objects.all()] == [(unread.pk, 1)]


def test_lines_of_the_platform_are_no_new_messages(pipeline: Pipeline) -> None:
    accepted(pipeline)
    assert not Notification.objects.filter(notification_type="new_message").exists()


def test_the_link_of_a_notification_about_a_message_is_a_path_of_ours(
    pair: tuple[User, User], pipeline: Pipeline
) -> None:
    conversation = ConversationFactory(users=pair)
    _send(pair[0], conversation, "https://evil.example/\r\nBcc: a@b")
    pipeline.drain()
    row: Any = Notification.objects.get()
    assert row.link == f"/messages/{conversation.pk}"
