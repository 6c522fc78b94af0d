"""Send messages. The conversation's row is locked first: ids rise in the order of commits, and counters stay true."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.accounts.services.attempts import Full, attempt_take, hashed
from multitask.common.errors import DomainError, Invalid, NotFound
from multitask.common.parsers import storable
from multitask.files.models import StoredFile
from multitask.files.selectors.files import access_file
from multitask.files.services.files import file_store
from multitask.messaging.models import CLIENT_ID_LIMIT, CONTENT_LIMIT, Message, MessageType
from multitask.messaging.selectors.messages import search_text
from multitask.messaging.services.keeping import (
    Standing,
    conversation_hold,
    conversation_standing,
    message_insert,
)
from multitask.outbox.emit import emit
from multitask.realtime.publish import publish

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

    Its `is_new` says whether it was written now. `attachment_id` is a file of the actor's own, `upload` one that is
    kept first; the type follows from it where `message_type` is None. `limited` is False for the demo. Raises NotFound,
    Invalid, what `file_store` raises, DomainError conversation_closed (409) or messages_per_minute (429).
    """
    if client_id and not _CLIENT_ID.fullmatch(client_id):
        raise Invalid("client_id_invalid", field="client_id", limit=CLIENT_ID_LIMIT)
    has_file = attachment_id is not None or upload is not None
    content = content_check(content, required=not has_file)
    if upload is not None:
        # Before the conversation is locked: looking at a picture takes its time.
        was = _sent_before(
            conversation_standing(actor_id=actor.pk, conversation_id=conversation_id, client_id=client_id)
        )
        if was is not None:
            return was
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
    held = conversation_hold(actor_id=actor.pk, conversation_id=conversation_id, client_id=client_id)
    was = _sent_before(held)
    if was is not None:
        return was
    stored = _attach(actor, attachment_id) if attachment_id is not None else None
    kind = _type_of(stored, message_type)
    if limited:
        _take_place(actor)
    written = message_insert(
        held.pk,
        sender_id=actor.pk,
        message_type=kind,
        content=content,
        attachment=stored,
        client_id=client_id,
        search_text=search_text(
            content, stored.name if stored else "", for_users=(held.low_user_id, held.high_user_id)
        ),
    )
    emit("message.created", key=f"conversation:{held.pk}", message=written.message.pk)
    publish(written.outgoing)
    return written.message


def _sent_before(found: Standing) -> Message | None:
    """The message, where it was sent before. Raises NotFound or conversation_closed where it can no longer be sent."""
    if found.sent_before is not None:
        return Message.objects.select_related("attachment").get(pk=found.sent_before)
    if not found.writes:
        raise NotFound  # closed while this waited
    if not found.is_open:
        raise DomainError("conversation_closed")
    return None


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
