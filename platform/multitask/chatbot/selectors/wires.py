"""Lines of the assistant as they go over the wire: the API and the sockets say the same because both ask here."""

from __future__ import annotations

from datetime import UTC, datetime

from multitask.chatbot.models import ChatMessage
from multitask.realtime.events import ChatActionWire, ChatbotMessage, ChatButtonWire, ChatMessageWire


def time_wire(at: datetime) -> str:
    """ISO 8601 in UTC, as the API writes times."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def chat_wire(message: ChatMessage) -> ChatMessageWire:
    return ChatMessageWire(
        id=message.pk,
        session=message.session_id,
        sender=message.sender,  # type: ignore[arg-type]  # a constraint knows both
        message=message.message,
        detected_intent=message.detected_intent,
        ai_model_used=message.ai_model_used,
        response_time_ms=message.response_time_ms,
        action=ChatActionWire(**message.action) if message.action else None,
        buttons=[ChatButtonWire(**one) for one in message.buttons],
        state=message.state,  # type: ignore[arg-type]
        user_rating=message.user_rating,
        created_at=time_wire(message.created_at),
    )


def chat_event(message: ChatMessage) -> ChatbotMessage:
    return ChatbotMessage(message=chat_wire(message))
