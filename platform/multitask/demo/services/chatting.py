"""Bring the conversations of the demo into the database, as long ago as the demo says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from multitask.accounts.models import User
from multitask.demo.records import DemoChat, DemoTask
from multitask.messaging.models import Conversation, Message, Participant
from multitask.messaging.services.conversations import conversation_open
from multitask.messaging.services.following import conversation_open_accepted, task_step_note
from multitask.messaging.services.messages import message_send
from multitask.messaging.services.receipts import messages_read
from multitask.tasks.models import TaskStatus

# A conversation begins when so much of its task's life is over, and ends when so much is left.
BEGUN, ENDED_OPEN, ENDED_DONE = 0.5, 0.02, 0.25


def chat_seed(
    chat: DemoChat,
    *,
    task: DemoTask,
    task_id: int,
    application_id: int | None,
    users: Mapping[str, User],
    now: datetime,
) -> None:
    """Let the two write to each other about the task. Inside the transaction that makes the task, so that the jobs
    find the lines of the platform written, in their places.
    """
    client, freelancer = users[chat.client_ref], users[chat.freelancer_ref]
    conversation = conversation_open(
        actor=freelancer, participant_id=client.pk, task_id=task_id, limited=False
    ).conversation
    if application_id is not None:
        conversation_open_accepted(application_id=application_id)
    for sender_ref, content in chat.messages:
        message_send(actor=users[sender_ref], conversation_id=conversation.pk, content=content, limited=False)
    written = list(conversation.messages.order_by("pk").values_list("pk", flat=True))
    is_done = task.final_status == TaskStatus.COMPLETED and application_id is not None
    if is_done:
        task_step_note(topic="task.completed", task_id=task_id)
    for ref, reader in ((chat.client_ref, client), (chat.freelancer_ref, freelancer)):
        known = written[:-1] if ref == chat.unread_by else written
        if known:
            messages_read(actor=reader, conversation_id=conversation.pk, up_to=known[-1])
    ended = ENDED_DONE if is_done else ENDED_OPEN
    age = timedelta(days=task.created_days_ago)
    _set_times(conversation, begun=now - age * BEGUN, ended=now - age * ended)


def _set_times(conversation: Conversation, *, begun: datetime, ended: datetime) -> None:
    """Spread what was written between two times, in its order."""
    rows = list(conversation.messages.order_by("pk").only("pk"))
    for place, row in enumerate(rows, 1):
        at = begun + (ended - begun) * place / len(rows)
        Message.objects.filter(pk=row.pk).update(created_at=at, updated_at=at)
    Conversation.objects.filter(pk=conversation.pk).update(
        created_at=begun, last_message_at=ended, updated_at=ended
    )
    Participant.objects.filter(conversation=conversation).update(moved_at=ended)
