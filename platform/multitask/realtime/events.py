"""What the server says on the sockets: closed classes, so that nothing leaves that nobody has thought about.

Events of the log change state; each has a `seq` in its user's stream. Those that are of the moment only (typing,
presence) are in `moments.py`.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from multitask.realtime.models import Stream


class Said(BaseModel):
    """A text in both languages; a socket sends the one it speaks, as a plain string."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    en: str
    ar: str


class Event(BaseModel):
    """An event of the log. Subclasses fix `type` and belong to one stream."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stream: ClassVar[Stream]
    type: str


class AttachmentWire(BaseModel):
    """A private file as the API gives it; `url` answers those who may read it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    name: str
    content_type: str
    size: int
    url: str
    created_at: str


class MessageWire(BaseModel):
    """A message as the API gives it. `content` of a system line is in both languages.

    `is_read` follows from receipts: of a message of one's own, whether the other side's `read_up_to` has reached it;
    of any other, whether one's own has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: int
    conversation: int
    sender: int | None
    message_type: Literal["TEXT", "IMAGE", "FILE", "SYSTEM"]
    content: str | Said
    attachment: AttachmentWire | None
    client_id: str
    is_read: bool = False
    created_at: str


class MessageNew(Event):
    """A message, to both sides. `unread_count` is the reader's for this conversation after it."""

    stream = Stream.CHAT
    type: Literal["message.new"] = "message.new"
    message: MessageWire
    unread_count: int


class Receipt(Event):
    """How far `user` has got and read; to both sides. `unread_count` is the reader's, of who is told, after it."""

    stream = Stream.CHAT
    type: Literal["receipt"] = "receipt"
    conversation: int
    user: int
    delivered_up_to: int
    read_up_to: int
    unread_count: int


class ConversationNew(Event):
    """A conversation that was not there before: to be fetched."""

    stream = Stream.CHAT
    type: Literal["conversation.new"] = "conversation.new"
    conversation: int


class NotificationWire(BaseModel):
    """A notification as the API gives it. Lists are in the order of `bumped_at` and `id`, the newest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: int
    notification_type: str
    title: str | Said
    message: str | Said
    count: int
    task_id: int | None
    application_id: int | None
    message_id: int | None
    conversation_id: int | None
    sender_id: int | None
    link: str
    is_read: bool
    read_at: str | None
    created_at: str
    bumped_at: str


class NotificationNew(Event):
    """A notification, or one that now speaks of more (the same id). `quiet`: within the reader's quiet hours."""

    stream = Stream.NOTIFICATIONS
    type: Literal["notification.new"] = "notification.new"
    notification: NotificationWire
    unread_count: int
    quiet: bool = False


class NotificationRead(Event):
    """One notification (`id`), or every one up to a time (`all_up_to`), was marked."""

    stream = Stream.NOTIFICATIONS
    type: Literal["notification.read"] = "notification.read"
    id: int | None = None
    all_up_to: str | None = None
    is_read: bool
    read_at: str | None
    unread_count: int


class UnreadCount(Event):
    """How many notifications are unread."""

    stream = Stream.NOTIFICATIONS
    type: Literal["unread_count"] = "unread_count"
    count: int


class ChatActionWire(BaseModel):
    """What a client is offered to do with an answer of the assistant; `path` is one of the application's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["NAVIGATE"] = "NAVIGATE"
    path: str
    label: str | None = None


class ChatButtonWire(BaseModel):
    """An answer that is offered; `value` is the message that pressing it sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str
    value: str


class ChatMessageWire(BaseModel):
    """A line of a conversation with the assistant as the API gives it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: int
    session: int
    sender: Literal["USER", "BOT"]
    message: str
    detected_intent: str | None
    ai_model_used: str | None
    response_time_ms: int | None
    action: ChatActionWire | None
    buttons: list[ChatButtonWire]
    state: Literal["done", "pending", "failed"]
    user_rating: int | None
    created_at: str


class ChatbotMessage(Event):
    """An answer of the assistant that was still to come: its end, or (`pending`) a word about when it comes."""

    stream = Stream.CHAT
    type: Literal["chatbot.message"] = "chatbot.message"
    message: ChatMessageWire


EVENTS: dict[str, type[Event]] = {
    kind.model_fields["type"].default: kind
    for kind in (
        MessageNew,
        Receipt,
        ConversationNew,
        NotificationNew,
        NotificationRead,
        UnreadCount,
        ChatbotMessage,
    )
}
