"""What conversations with the assistant hold about a person."""

from __future__ import annotations

from multitask.accounts.personal import Fate, Holding, declare


def register() -> None:
    """Called once all models are there."""
    declare(
        Holding(
            "chatbot.ChatSession",
            "user",
            Fate.ERASE,
            name="assistant_conversations",
            export=(
                "id",
                "session_type",
                "title",
                "language",
                "started_at",
                "last_message_at",
                "messages__sender",
                "messages__message",
                "messages__created_at",
                "messages__user_rating",
            ),
        ),
        Holding(
            "chatbot.DailyUse",
            "user",
            Fate.ERASE,
            name="assistant_use",
            export=("day", "messages", "tokens"),
        ),
    )
