"""Send messages. The conversation's row is locked first: ids rise in the order of commits, and counters stay true."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import connection, transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.accounts.services.attempts import Full, attempt_take, hashed
from multitask.common.errors import DomainError, Invalid, NotFound
from multitask.common.parsers import storable
from multitask.files.models import StoredFile
from multitask.files.selectors.files import access_file
from multitask.files.services.files import file_store
from multitask.messaging.models import (
    CLIENT_ID_LIMIT,
    CONTENT_LIMIT,
    Conversation,
    Message,
    MessageType,
)
from multitask.messaging.selectors.conversations import access_conversation
from multitask.messaging.selectors.messages import search_text
from multitask.messaging.selectors.wires import message_wire, preview
from multitask.outbox.emit import emit
from multitask.realtime.events import MessageNew
from multitask.realtime.publish import Outgoing, publish

MINUTE = 60
_CLIENT_ID = re.compile(rf"[\x21-\x7e]{{1,{CLIENT_ID_LIMIT}}}")


def content_check(value: str, *, required: bool) -> str:
    """The stripped text. Raises Invalid bad_character, too_long, or blank where something must be read in it."""
    if not storable(value):
        raise Invalid("bad_character", field="content")
    stripped = value.strip()
    if len(stripped) > CONTENT_LIMIT:
        raise Invalid("too_long", field="content", limit=CONTENT_LIMIT, length=len(stripped))
    # Direction marks, joiners and spaces of every kind show nothing.
    if required and all(unicodedata.category(char)[0] in "CZ" for char in stripped):
        raise Invalid("blank", field="content")
    return stripped


def message_send(
    *,
    actor: User,
    conversation_id: int,
    content: str,
    message_type: str | None = None,
    attachment_id: UUID | str | None = None,
    upload: File[Any] | None = None,
    client_id: str = "",
    limited: bool = True,
) -> Message:
    """Write into one of the actor's conversations; the same `client_id` in it twice is one message, the first.

    `attachment_id` is a file of the actor's own, `upload` one that is kept first; the type follows from it where
    `message_type` is None. `limited` is False for the demo. Raises NotFound, Invalid, what `file_store` raises,
    DomainError conversation_closed (409) or messages_per_minute (429).
    """
    if client_id and not _CLIENT_ID.fullmatch(client_id):
        raise Invalid("client_id_invalid", field="client_id", limit=CLIENT_ID_LIMIT)
    has_file = attachment_id is not None or upload is not None
    content = content_check(content, required=not has_file)
    if upload is not None:
        # Before the conversation is locked: looking at a picture takes its time.
        conversation = access_conversation(actor=actor, conversation_id=conversation_id)
        was = _sent_before(conversation, actor, client_id)
        if was is not None:
            return was
        _check_open(conversation, actor)
    with transaction.atomic():
        if upload is not None:
            attachment_id = file_store(actor_id=actor.pk, upload=upload).pk
        return _send(actor, conversation_id, content, message_type, attachment_id, client_id, limited)


def _send(
    actor: User,
    conversation_id: int,
    content: str,
    message_type: str | None,
    attachment_id: UUID | str | None,
    client_id: str,
    limited: bool,
) -> Message:
    # The conversation's row: its messages get their ids, and both sides their counters, one after the other.
    conversation = access_conversation(actor=actor, conversation_id=conversation_id, for_update=True)
    was = _sent_before(conversation, actor, client_id)
    if was is not None:
        return was
    _check_open(conversation, actor)
    stored = _attach(actor, attachment_id) if attachment_id is not None else None
    kind = _type_of(stored, message_type)
    if limited:
        _take_place(actor)
    written = message_insert(
        conversation,
        sender=actor,
        message_type=kind,
        content=content,
        attachment=stored,
        client_id=client_id,
        search_text=search_text(
            content,
            stored.name if stored else "",
            for_users=(conversation.low_user_id, conversation.high_user_id),
        ),
    )
    emit("message.created", key=f"conversation:{conversation.pk}", message=written.message.pk)
    publish(written.outgoing)
    return written.message


def _sent_before(conversation: Conversation, actor: User, client_id: str) -> Message | None:
    if not client_id:
        return None
    rows = Message.objects.filter(conversation=conversation, sender=actor, client_id=client_id)
    return rows.select_related("attachment").first()


def _check_open(conversation: Conversation, actor: User) -> None:
    both = (conversation.low_user_id, conversation.high_user_id)
    active = set(User.objects.filter(pk__in=both, is_active=True).values_list("pk", flat=True))
    if actor.pk not in active:
        raise NotFound  # closed while this waited
    if not conversation.is_active or len(active) < len(both):
        raise DomainError("conversation_closed")


def _attach(actor: User, attachment_id: UUID | str) -> StoredFile:
    try:
        # The file's row: what is deleted meanwhile, by its owner or for want of a holder, is not sent.
        stored = access_file(actor=actor, file_id=attachment_id, owned=True, for_update=True)
    except NotFound as error:
        raise Invalid("unknown_file", field="attachment") from error
    if stored.attached_at is None:
        stored.attached_at = timezone.now()
        stored.save(update_fields=["attached_at"])
    return stored


def _type_of(stored: StoredFile | None, wanted: str | None) -> str:
    found = MessageType.TEXT
    if stored is not None:
        is_image = stored.content_type.startswith("image/")
        found = MessageType.IMAGE if is_image else MessageType.FILE
    if wanted is None or wanted == found:
        return found
    if stored is None:
        raise Invalid("attachment_missing", field="attachment")
    raise Invalid("attachment_type", field="message_type")


def _take_place(actor: User) -> None:
    limit = settings.MESSAGES_PER_MINUTE
    taken = attempt_take(key=hashed("message", str(actor.pk)), limit=limit, seconds=MINUTE)
    if isinstance(taken, Full):
        raise DomainError("messages_per_minute", status=429, limit=limit, wait=taken.wait)


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


def message_insert(conversation: Conversation, **values: Any) -> Written:
    """Write a message, and what the conversation and its sides say of it. The conversation is locked."""
    now = timezone.now()
    message = Message.objects.create(conversation=conversation, created_at=now, **values)
    # The time of a change is the message's own: who has the message has it too.
    Conversation.objects.filter(pk=conversation.pk).update(
        last_message=message,
        last_message_content=preview(message, "en"),
        last_message_at=now,
        last_message_sender=message.sender_id,
        updated_at=now,
    )
    with connection.cursor() as cursor:
        # A line of the platform is no unread message: what it tells of is told by a notification.
        cursor.execute(
            """
            UPDATE messaging_participant SET moved_at = %(now)s,
                unread_count = unread_count + CASE WHEN user_id <> %(sender)s THEN 1 ELSE 0 END
            WHERE conversation_id = %(conversation)s RETURNING user_id, unread_count
            """,
            {"now": now, "sender": message.sender_id, "conversation": conversation.pk},
        )
        return Written(message, dict(cursor.fetchall()))
