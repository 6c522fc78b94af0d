"""Whom to tell of which message, read from the rows as they are now."""

from __future__ import annotations

from collections.abc import Collection

from multitask.accounts.models import User
from multitask.messaging.models import Conversation, Message, Participant
from multitask.messaging.selectors.wires import preview
from multitask.notifications.models import NotificationType
from multitask.notifications.services.notify import Notice


def conversation_group(conversation_id: int) -> str:
    """The group of a conversation's notifications: what is unread of it is one line that counts."""
    return f"conversation:{conversation_id}"


def _name(user: User) -> str:
    return user.get_full_name() or user.username


def messages_new(ids: Collection[int]) -> list[Notice]:
    """Each message for who has not read it, in the order they were written.

    Inside a transaction: the conversations are locked, so that what is read at the same moment is either left out
    here, or finds the notification that it marks.
    """
    rows = Message.objects.filter(pk__in=ids, sender__isnull=False)
    conversations = set(rows.values_list("conversation_id", flat=True))
    # Rising ids, as everything locks.
    list(
        Conversation.objects.select_for_update().filter(pk__in=conversations).order_by("pk").values_list("pk")
    )
    sides = Participant.objects.filter(conversation__in=conversations)
    read = {(side.conversation_id, side.user_id): side.read_up_to for side in sides}
    notices = []
    for row in rows.select_related("conversation", "sender", "attachment").order_by("pk"):
        assert row.sender is not None
        reader = row.conversation.other_id(row.sender.pk)
        if read.get((row.conversation_id, reader), 0) >= row.pk:
            continue
        notices.append(
            Notice(
                recipient_id=reader,
                notification_type=NotificationType.NEW_MESSAGE,
                dedupe_key=f"message:{row.pk}",
                params={"sender": _name(row.sender), "text": preview(row)},
                sender_id=row.sender.pk,
                task_id=row.conversation.task_id,
                message_id=row.pk,
                conversation_id=row.conversation_id,
                group_key=conversation_group(row.conversation_id),
                link=f"/messages/{row.conversation_id}",
            )
        )
    return notices
