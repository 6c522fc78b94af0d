"""The assistant as it goes over the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from multitask.chatbot.models import (
    CLIENT_ID_LIMIT,
    MESSAGE_LIMIT,
    PAGE_LIMIT,
    ChatMessage,
    ChatSession,
    Intent,
    MessageState,
    Sender,
    SessionType,
)
from multitask.chatbot.selectors.wires import chat_wire
from multitask.common.fields import SparseFieldsMixin

LARGEST = 2**63 - 1


class ChatContextSerializer(serializers.Serializer[Any]):
    current_page = serializers.CharField(
        max_length=PAGE_LIMIT, required=False, allow_blank=True, help_text="Path of the page the user is on."
    )


class ChatRequestSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(max_length=MESSAGE_LIMIT, help_text="What the user says.")
    session_id = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST,
        required=False,
        allow_null=True,
        help_text="null begins a conversation.",
    )
    client_id = serializers.CharField(
        max_length=CLIENT_ID_LIMIT,
        allow_blank=True,
        default="",
        help_text="The client's own name for the message, such as a UUID: sent twice it is one message.",
    )
    context = ChatContextSerializer(required=False, allow_null=True)  # type: ignore[assignment]


class ChatActionSerializer(serializers.Serializer[Any]):
    """What the client may offer; `path` is one of the application's own routes."""

    type = serializers.ChoiceField(choices=["NAVIGATE"], read_only=True)
    path = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True, allow_null=True)  # type: ignore[assignment]


class ChatButtonSerializer(serializers.Serializer[Any]):
    """An answer that is offered; `value` is the message that pressing it sends."""

    label = serializers.CharField(read_only=True)  # type: ignore[assignment]
    value = serializers.CharField(read_only=True)


class ChatMessageSerializer(SparseFieldsMixin, serializers.Serializer[ChatMessage]):
    """A line. While `state` is pending its words come as `chatbot.token`, and its end as `chatbot.message`."""

    id = serializers.IntegerField(read_only=True)
    session = serializers.IntegerField(read_only=True)
    sender = serializers.ChoiceField(choices=Sender.choices, read_only=True)
    message = serializers.CharField(read_only=True)
    detected_intent = serializers.ChoiceField(choices=Intent.choices, read_only=True, allow_null=True)
    ai_model_used = serializers.CharField(
        read_only=True, allow_null=True, help_text="null where no model wrote it."
    )
    response_time_ms = serializers.IntegerField(read_only=True, allow_null=True)
    action = ChatActionSerializer(read_only=True, allow_null=True)
    buttons = ChatButtonSerializer(many=True, read_only=True)
    state = serializers.ChoiceField(choices=MessageState.choices, read_only=True)
    user_rating = serializers.IntegerField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, instance: ChatMessage) -> dict[str, Any]:
        """What an event says of the line."""
        shown = chat_wire(instance).model_dump(mode="json")
        return {name: shown[name] for name in list(self.fields)}


class ChatAnswerSerializer(serializers.Serializer[Any]):
    """The user's line and the assistant's."""

    session_id = serializers.IntegerField(read_only=True)
    messages = ChatMessageSerializer(many=True, read_only=True)


class ChatSessionSerializer(SparseFieldsMixin, serializers.ModelSerializer[ChatSession]):
    session_type = serializers.ChoiceField(choices=SessionType.choices, read_only=True)

    class Meta:
        model = ChatSession
        fields = ("id", "session_type", "title", "is_active", "started_at", "last_message_at", "ended_at")
        read_only_fields = fields


class RatingSerializer(serializers.Serializer[Any]):
    rating = serializers.IntegerField(min_value=1, max_value=5, help_text="1 (of no use) to 5.")


class HelpLinkSerializer(serializers.Serializer[Any]):
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]
    path = serializers.CharField(read_only=True)


class HelpEntrySerializer(serializers.Serializer[Any]):
    """A question about the platform with its answer, in the caller's language."""

    id = serializers.CharField(read_only=True)
    question = serializers.CharField(read_only=True)
    answer = serializers.CharField(read_only=True)
    links = HelpLinkSerializer(many=True, read_only=True)
