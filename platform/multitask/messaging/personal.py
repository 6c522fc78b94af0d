"""What conversations hold about a person."""

from __future__ import annotations

from multitask.accounts.personal import Fate, Holding, declare, on_leaving
from multitask.messaging.services.leaving import conversations_close


def register() -> None:
    """Called once all models are there."""
    declare(
        # The other side's conversation stays whole: who wrote is an account that no longer says who it was.
        Holding(
            "messaging.Message",
            "sender",
            Fate.KEEP,
            name="messages_sent",
            export=("id", "conversation_id", "message_type", "content", "attachment_id", "created_at"),
        ),
        Holding(
            "messaging.Conversation",
            "participants",
            Fate.KEEP,
            name="conversations",
            export=("id", "task_id", "is_active", "last_message_at", "created_at"),
        ),
        Holding(
            "messaging.Participant",
            "user",
            Fate.KEEP,
            name="conversations_read",
            export=("conversation_id", "delivered_up_to", "read_up_to", "unread_count", "read_at"),
        ),
        Holding(
            "messaging.Conversation",
            "last_message_sender",
            Fate.KEEP,
            why="repeats who sent a message that this export shows",
        ),
    )
    on_leaving(conversations_close)
