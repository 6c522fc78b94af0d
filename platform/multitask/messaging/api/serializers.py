"""Conversations and messages as they go over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from multitask.accounts.api.serializers import UserCardSerializer
from multitask.common.fields import SparseFieldsMixin
from multitask.common.text import current_language
from multitask.files.api.serializers import StoredFileSerializer, UploadField
from multitask.messaging.models import CLIENT_ID_LIMIT, CONTENT_LIMIT, WRITABLE, Message, MessageType
from multitask.messaging.selectors.conversations import Sides
from multitask.messaging.selectors.wires import message_wire, preview
from multitask.realtime.events import Said
from multitask.tasks.models import TaskStatus

LARGEST = 2**63 - 1
Presence = Mapping[int, tuple[bool | None, datetime | None]]


class TaskOfConversationSerializer(serializers.Serializer[Any]):
    """The task that a conversation is about."""

    id = serializers.IntegerField(read_only=True)
    title = serializers.CharField(read_only=True)
    status = serializers.ChoiceField(choices=TaskStatus.choices, read_only=True)


class OtherSideSerializer(serializers.Serializer[Any]):
    """The other side: whether they are there, and how far they have got and read."""

    user = serializers.IntegerField(source="user_id", read_only=True)
    is_active = serializers.BooleanField(source="user.is_active", read_only=True)
    online = serializers.SerializerMethodField(help_text="null where it cannot be told at the moment.")
    last_seen = serializers.SerializerMethodField()
    delivered_up_to = serializers.IntegerField(read_only=True)
    read_up_to = serializers.IntegerField(read_only=True)

    def _presence(self, side: Any) -> tuple[bool | None, datetime | None]:
        known: Presence = self.context.get("presence", {})
        return known.get(side.user_id, (None, None))

    @extend_schema_field(serializers.BooleanField(allow_null=True))
    def get_online(self, side: Any) -> bool | None:
        return self._presence(side)[0]

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_last_seen(self, side: Any) -> str | None:
        seen = self._presence(side)[1]
        return None if seen is None else str(serializers.DateTimeField().to_representation(seen))


class ConversationSerializer(SparseFieldsMixin, serializers.Serializer[Sides]):
    """A conversation as one side sees it; `unread_count`, `delivered_up_to` and `read_up_to` are the caller's."""

    id = serializers.IntegerField(source="conversation.pk", read_only=True)
    task = TaskOfConversationSerializer(source="conversation.task", read_only=True, allow_null=True)
    participants = serializers.SerializerMethodField()
    other = OtherSideSerializer(read_only=True)
    last_message_content = serializers.SerializerMethodField(
        help_text="The first 100 characters of the newest message, or the name of its file."
    )
    last_message_type = serializers.SerializerMethodField()
    last_message_at = serializers.DateTimeField(
        source="conversation.last_message_at", read_only=True, allow_null=True
    )
    last_message_sender = serializers.IntegerField(
        source="conversation.last_message_sender_id",
        read_only=True,
        allow_null=True,
        help_text="null for a line of the platform.",
    )
    unread_count = serializers.IntegerField(source="mine.unread_count", read_only=True)
    delivered_up_to = serializers.IntegerField(source="mine.delivered_up_to", read_only=True)
    read_up_to = serializers.IntegerField(source="mine.read_up_to", read_only=True)
    is_active = serializers.SerializerMethodField(
        help_text="No where the other side's account is closed: nothing can be written any more."
    )
    created_at = serializers.DateTimeField(source="conversation.created_at", read_only=True)
    updated_at = serializers.DateTimeField(source="conversation.updated_at", read_only=True)

    @extend_schema_field(UserCardSerializer(many=True))
    def get_participants(self, sides: Sides) -> Any:
        users = sorted((sides.mine.user, sides.other.user), key=lambda user: user.pk)
        return UserCardSerializer(users, many=True, context=self.context).data

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_last_message_content(self, sides: Sides) -> str | None:
        last = sides.conversation.last_message
        if last is None:
            return None
        is_line = last.message_type == MessageType.SYSTEM
        return preview(last, current_language()) if is_line else sides.conversation.last_message_content

    @extend_schema_field(serializers.ChoiceField(choices=MessageType.choices, allow_null=True))
    def get_last_message_type(self, sides: Sides) -> str | None:
        last = sides.conversation.last_message
        return None if last is None else last.message_type

    def get_is_active(self, sides: Sides) -> bool:
        return sides.conversation.is_active and sides.other.user.is_active


class ConversationCreateSerializer(serializers.Serializer[Any]):
    participant = serializers.IntegerField(min_value=1, max_value=LARGEST, help_text="The other person's id.")
    task = serializers.IntegerField(
        min_value=1, max_value=LARGEST, required=False, allow_null=True, help_text="What it is about."
    )


class MessageSerializer(SparseFieldsMixin, serializers.Serializer[Message]):
    """A message. A line of the platform (SYSTEM) has no sender, and its content is in the caller's language."""

    id = serializers.IntegerField(read_only=True)
    conversation = serializers.IntegerField(read_only=True)
    sender = serializers.IntegerField(read_only=True, allow_null=True, help_text="The id of who wrote it.")
    message_type = serializers.ChoiceField(choices=MessageType.choices, read_only=True)
    content = serializers.CharField(read_only=True)
    attachment = StoredFileSerializer(read_only=True, allow_null=True)
    client_id = serializers.CharField(read_only=True)
    is_read = serializers.BooleanField(
        read_only=True, help_text="Whether who received it has read it, by the receipts of the conversation."
    )
    created_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, instance: Message) -> dict[str, Any]:
        """What an event says of the message, in the caller's language. Needs `sides` by conversation in the context.

        What was written now needs none.
        """
        is_read = False
        if not instance.is_new:
            sides: Sides = self.context["sides"][instance.conversation_id]
            is_read = sides.is_read(message_id=instance.pk, sender_id=instance.sender_id)
        wire = message_wire(instance, is_read=is_read)
        shown = wire.model_dump(mode="json")
        if isinstance(wire.content, Said):
            shown["content"] = getattr(wire.content, current_language())
        return {name: shown[name] for name in list(self.fields)}


class MessageCreateSerializer(serializers.Serializer[Any]):
    content = serializers.CharField(
        max_length=CONTENT_LIMIT,
        allow_blank=True,
        default="",
        help_text="Needed where there is no attachment.",
    )
    message_type = serializers.ChoiceField(
        choices=WRITABLE, required=False, help_text="Follows from the attachment where it is left out."
    )
    attachment = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="The id of a file of one's own that was sent to /api/files/.",
    )
    client_id = serializers.CharField(
        max_length=CLIENT_ID_LIMIT,
        allow_blank=True,
        default="",
        help_text="The sender's own name for the message, such as a UUID: sent twice it is one message.",
    )


class MessageFormSerializer(MessageCreateSerializer):
    """The same as a form, with the file itself."""

    attachment = UploadField(  # type: ignore[assignment]
        required=False, help_text="JPG, PNG, GIF, WebP, PDF, DOC, DOCX or TXT, at most 10 MB."
    )


class UpToSerializer(serializers.Serializer[Any]):
    up_to = serializers.IntegerField(
        min_value=1, max_value=LARGEST, help_text="The id of the newest message that is meant."
    )


class ReceiptSerializer(serializers.Serializer[Any]):
    """How far the caller has got and read, and how much is left."""

    conversation = serializers.IntegerField(source="conversation_id", read_only=True)
    user = serializers.IntegerField(source="user_id", read_only=True)
    delivered_up_to = serializers.IntegerField(read_only=True)
    read_up_to = serializers.IntegerField(read_only=True)
    unread_count = serializers.IntegerField(read_only=True)


class SearchSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=200, help_text="Words, in any spelling; the last may be begun only.")


class UnreadMessagesSerializer(serializers.Serializer[Any]):
    unread_count = serializers.IntegerField(source="messages", help_text="Messages.")
    conversations = serializers.IntegerField(help_text="Conversations with something unread.")
