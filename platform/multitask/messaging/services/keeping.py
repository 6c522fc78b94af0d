"""Hold a conversation and write into it, each in one journey to the server: while it is held, others wait."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from multitask.common.errors import NotFound
from multitask.files.models import StoredFile
from multitask.messaging.models import Message, MessageType
from multitask.messaging.selectors.wires import message_wire, preview
from multitask.realtime.events import MessageNew
from multitask.realtime.publish import Outgoing


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation as one who is in it finds it before writing.

    `sent_before` is the id of their message with the `client_id` that was asked for; `writes` whether their account is
    active, `is_open` whether the conversation and both accounts are.
    """

    pk: int
    low_user_id: int
    high_user_id: int
    sent_before: int | None
    writes: bool
    is_open: bool


def conversation_standing(*, actor_id: int, conversation_id: int, client_id: str) -> Standing:
    """How a conversation stands that the actor is in. Raises NotFound. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT talk.id, talk.low_user_id, talk.high_user_id,
                (SELECT message.id FROM messaging_message message
                 WHERE message.conversation_id = talk.id AND message.sender_id = %(actor)s
                   AND message.client_id = %(client_id)s AND message.client_id <> ''),
                mine.is_active, talk.is_active AND mine.is_active AND other.is_active
            FROM messaging_conversation talk
            JOIN accounts_user mine ON mine.id = %(actor)s
            JOIN accounts_user other ON other.id = talk.low_user_id + talk.high_user_id - %(actor)s
            WHERE talk.id = %(conversation)s AND %(actor)s IN (talk.low_user_id, talk.high_user_id)
            """,
            {"actor": actor_id, "conversation": conversation_id, "client_id": client_id},
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return Standing(*row)


def conversation_hold(*, actor_id: int, conversation_id: int, client_id: str) -> Standing:
    """Lock the conversation's row, then see how it stands; raises NotFound.

    Two statements: one alone would read what was before the wait for the lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT 1 FROM messaging_conversation
            WHERE id = %s AND %s IN (low_user_id, high_user_id) FOR UPDATE
            """,
            [conversation_id, actor_id],
        )
    return conversation_standing(actor_id=actor_id, conversation_id=conversation_id, client_id=client_id)


@dataclass(frozen=True, slots=True)
class Written:
    """A message that was just written, and what is unread after it by side."""

    message: Message
    unread: dict[int, int]

    @property
    def outgoing(self) -> list[Outgoing]:
        """What to publish: to both sides, each with their own counter."""
        wire = message_wire(self.message)
        return [
            Outgoing(user_id, MessageNew(message=wire, unread_count=number))
            for user_id, number in sorted(self.unread.items())
        ]


def message_insert(
    conversation_id: int,
    *,
    sender_id: int | None,
    content: str,
    message_type: str = MessageType.TEXT,
    code: str = "",
    params: Mapping[str, Any] | None = None,
    attachment: StoredFile | None = None,
    client_id: str = "",
    search_text: str = "",
) -> Written:
    """Write a message, and what the conversation and its sides say of it. The conversation is locked. One statement."""
    now = timezone.now()
    message = Message(
        conversation_id=conversation_id,
        sender_id=sender_id,
        message_type=message_type,
        content=content,
        code=code,
        params=dict(params or {}),
        attachment=attachment,
        client_id=client_id,
        search_text=search_text,
        created_at=now,
        updated_at=now,
    )
    with connection.cursor() as cursor:
        # The time of a change is the message's own: who has the message has it too. A line of the platform is no unread
        # message: what it tells of is told by a notification.
        cursor.execute(
            """
            WITH written AS (
                INSERT INTO messaging_message (conversation_id, sender_id, message_type, content, code, params,
                    attachment_id, client_id, search_text, created_at, updated_at)
                VALUES (%(conversation)s, %(sender)s, %(type)s, %(content)s, %(code)s, %(params)s::jsonb,
                    %(attachment)s::uuid, %(client_id)s, %(search_text)s, %(now)s, %(now)s)
                RETURNING id),
            moved AS (
                UPDATE messaging_conversation SET last_message_id = written.id, last_message_at = %(now)s,
                    last_message_content = %(preview)s, last_message_sender_id = %(sender)s, updated_at = %(now)s
                FROM written WHERE messaging_conversation.id = %(conversation)s),
            sides AS (
                UPDATE messaging_participant SET moved_at = %(now)s,
                    unread_count = unread_count + CASE WHEN user_id <> %(sender)s THEN 1 ELSE 0 END
                WHERE conversation_id = %(conversation)s RETURNING user_id, unread_count)
            SELECT written.id, sides.user_id, sides.unread_count FROM written CROSS JOIN sides
            """,
            {
                "conversation": conversation_id,
                "sender": sender_id,
                "type": message_type,
                "content": content,
                "code": code,
                "params": json.dumps(message.params),
                "attachment": str(attachment.pk) if attachment is not None else None,
                "client_id": client_id,
                "search_text": search_text,
                "now": now,
                "preview": preview(message, "en"),
            },
        )
        rows = cursor.fetchall()
    message.pk, message.is_new = rows[0][0], True
    message._state.adding, message._state.db = False, connection.alias
    return Written(message, {user_id: unread for _, user_id, unread in rows})
