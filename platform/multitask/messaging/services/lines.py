"""System lines: what happens to a task is written into the conversations about it, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from multitask.messaging.models import Conversation, Message, MessageType
from multitask.messaging.services.keeping import message_insert
from multitask.messaging.texts import line
from multitask.realtime.publish import Outgoing, publish


@dataclass(frozen=True, slots=True)
class Line:
    """One line for one conversation: `code` of `texts.LINES`, `key` names what happened, which is written once."""

    conversation_id: int
    code: str
    key: str
    params: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def lines_write(lines: Sequence[Line], *, before: Sequence[Outgoing] = ()) -> int:
    """Write those of the lines that are not there. Returns how many. The last step of its transaction.

    `before` is published first.
    """
    outgoing = list(before)
    written = 0
    for one in sorted(lines, key=lambda one: (one.conversation_id, one.key)):
        # The conversation's row, as for any message; rising ids, so that two jobs never wait for each other.
        conversation = Conversation.objects.select_for_update().filter(pk=one.conversation_id).first()
        if conversation is None or _is_there(one):
            continue
        line_written = message_insert(
            conversation.pk,
            sender_id=None,
            message_type=MessageType.SYSTEM,
            content=line(one.code, one.params, "en"),
            code=one.code,
            params=one.params,
            client_id=one.key,
        )
        outgoing += line_written.outgoing
        written += 1
    publish(outgoing)
    return written


def _is_there(one: Line) -> bool:
    rows = Message.objects.filter(conversation=one.conversation_id, sender=None, client_id=one.key)
    return rows.exists()
