"""Conversations of two people, their messages, and how far each has read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value

from multitask.common.text import words

CONTENT_LIMIT = 2_000
PREVIEW_LIMIT = 100
CLIENT_ID_LIMIT = 64


class MessageType(models.TextChoices):
    TEXT = "TEXT", words("Text", "نص")
    IMAGE = "IMAGE", words("Picture", "صورة")
    FILE = "FILE", words("File", "ملف")
    SYSTEM = "SYSTEM", words("System", "النظام")


# What a user may write; system lines are the platform's alone.
WRITABLE = [choice for choice in MessageType.choices if choice[0] != MessageType.SYSTEM]


class Conversation(models.Model):
    """Two people, about one task or none. Its row is the lock under which messages get their order."""

    low_user_id = models.BigIntegerField(help_text="The smaller id of the two.")
    high_user_id = models.BigIntegerField()
    participants = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Participant", related_name="conversations"
    )
    # A task that somebody has written about is cancelled rather than deleted, as one that somebody has applied to.
    task = models.ForeignKey(
        "tasks.Task",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="conversations",
        db_index=False,
    )
    last_message = models.ForeignKey(
        "Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    last_message_content = models.TextField(
        blank=True, default="", help_text="Its first characters; of a system line in English."
    )
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_message_sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    is_active = models.BooleanField(
        default=True, help_text="No once the account of one side has ended: it is read, and not written in."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(F("last_message_at").desc(), name="conversation_newest"),
            models.Index(fields=["task"], name="conversation_task"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["low_user_id", "high_user_id", "task"], name="conversation_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(low_user_id__lt=F("high_user_id")), name="conversation_of_two"
            ),
        ]

    def __str__(self) -> str:
        return f"Conversation {self.pk}"

    def other_id(self, user_id: int) -> int:
        """The id of who is not `user_id`."""
        return self.high_user_id if user_id == self.low_user_id else self.low_user_id


class Participant(models.Model):
    """One side of a conversation: what has reached it, what it has read, and how much it has not."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="sides", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    delivered_up_to = models.BigIntegerField(
        default=0, db_default=0, help_text="Id of the newest message that has reached one of their devices."
    )
    read_up_to = models.BigIntegerField(default=0, db_default=0, help_text="Id of the newest message read.")
    unread_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Messages of the other side above `read_up_to`."
    )
    read_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(
        help_text="When the conversation last had something new: its place in the list."
    )

    class Meta:
        indexes = [
            models.Index(
                F("user"), F("moved_at").desc(), F("conversation").desc(), name="participant_newest"
            ),
            models.Index(fields=["user"], name="participant_unread", condition=Q(unread_count__gt=0)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="participant_once"),
            models.CheckConstraint(
                condition=Q(delivered_up_to__gte=F("read_up_to")), name="participant_read_is_delivered"
            ),
        ]

    def __str__(self) -> str:
        return f"User {self.user_id} in conversation {self.conversation_id}"


def lexemes(column: Any) -> Func:
    """`search_text` as a tsvector: its words as they stand, without a parser that would split `node.js` anew."""
    split = Func(column, Value(" "), function="string_to_array")
    return Func(split, function="array_to_tsvector")


class Message(models.Model):
    """One message; ids rise within a conversation in the order of commits. Nobody edits or deletes one."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sent_messages",
        db_index=False,
        help_text="Empty for a system line.",
    )
    message_type = models.CharField(max_length=6, choices=MessageType.choices, default=MessageType.TEXT)
    content = models.TextField(blank=True, help_text="Of a system line in English; it is made on reading.")
    code = models.CharField(max_length=40, blank=True, default="", help_text="Which system line.")
    params = models.JSONField(default=dict, blank=True, help_text="What fills the line's places.")
    attachment = models.ForeignKey(
        "files.StoredFile", on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    client_id = models.CharField(
        max_length=80,
        blank=True,
        default="",
        help_text="The sender's own name for it: the same twice is one.",
    )
    search_text = models.TextField(
        blank=True, default="", editable=False, help_text="Its words in one spelling, and who may find them."
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    # Of this instance, not of the row: whether it was written now, so that nobody can have read it yet.
    is_new: bool = False

    class Meta:
        indexes = [
            models.Index(F("conversation"), F("id").desc(), name="message_newest"),
            models.Index(fields=["sender"], name="message_sender"),
            GinIndex(lexemes(F("search_text")), name="message_words", fastupdate=False),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "sender", "client_id"],
                name="message_once",
                nulls_distinct=False,
                condition=~Q(client_id=""),
            ),
            models.CheckConstraint(
                condition=Q(message_type__in=MessageType.values), name="message_type_known"
            ),
            models.CheckConstraint(
                condition=Q(message_type="SYSTEM", sender__isnull=True)
                | (~Q(message_type="SYSTEM") & Q(sender__isnull=False)),
                name="message_system_has_no_sender",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk} of conversation {self.conversation_id}"
