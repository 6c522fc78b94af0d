"""Messages as they go over the wire: the API and the sockets say the same because both ask here."""

from __future__ import annotations

from datetime import UTC, datetime

from django.urls import reverse

from multitask.files.models import StoredFile
from multitask.messaging.models import PREVIEW_LIMIT, Message, MessageType, Participant
from multitask.messaging.texts import line
from multitask.realtime.events import AttachmentWire, MessageWire, Said


def time_wire(at: datetime) -> str:
    """ISO 8601 in UTC, as the API writes times."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def attachment_wire(stored: StoredFile) -> AttachmentWire:
    return AttachmentWire(
        id=str(stored.pk),
        name=stored.name,
        content_type=stored.content_type,
        size=stored.size,
        url=reverse("file-detail", args=[stored.pk]),
        created_at=time_wire(stored.created_at),
    )


def message_wire(message: Message, *, is_read: bool = False) -> MessageWire:
    """A message with its attachment, which is read with it where it was not selected."""
    is_line = message.message_type == MessageType.SYSTEM
    return MessageWire(
        id=message.pk,
        conversation=message.conversation_id,
        sender=message.sender_id,
        message_type=message.message_type,  # type: ignore[arg-type]  # a constraint knows the four
        content=(
            Said(en=line(message.code, message.params, "en"), ar=line(message.code, message.params, "ar"))
            if is_line
            else message.content
        ),
        attachment=attachment_wire(message.attachment) if message.attachment else None,
        client_id="" if is_line else message.client_id,
        is_read=is_read,
        created_at=time_wire(message.created_at),
    )


def message_shown(message: Message, *, reader_id: int) -> MessageWire:
    """A message as one side sees it at the moment. One query, none for what was written now."""
    if message.is_new:
        return message_wire(message)
    sides = Participant.objects.filter(conversation=message.conversation_id)
    read = dict(sides.values_list("user_id", "read_up_to"))
    mine = read.pop(reader_id, 0)
    others = max(read.values(), default=0)
    return message_wire(message, is_read=message.pk <= (others if message.sender_id == reader_id else mine))


def preview(message: Message, language: str | None = None) -> str:
    """What a list of conversations shows of a message: 100 characters of it, or its file's name."""
    if message.message_type == MessageType.SYSTEM:
        return line(message.code, message.params, language)[:PREVIEW_LIMIT]
    if message.content or message.attachment is None:
        return message.content[:PREVIEW_LIMIT]
    return message.attachment.name[:PREVIEW_LIMIT]
