"""Conversations with the assistant, and what it has done in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from multitask.chatbot.gate import DailyUse, ModelGate
from multitask.common.text import words

MESSAGE_LIMIT = 2_000
CLIENT_ID_LIMIT = 64
PAGE_LIMIT = 200


class SessionType(models.TextChoices):
    GENERAL = "GENERAL", words("General", "عامة")
    TASK_CREATION = "TASK_CREATION", words("Creating a task", "إنشاء مهمة")
    TASK_SEARCH = "TASK_SEARCH", words("Looking for tasks", "بحث عن مهام")
    SUPPORT = "SUPPORT", words("Help", "مساعدة")


class Sender(models.TextChoices):
    USER = "USER", words("User", "المستخدم")
    BOT = "BOT", words("Assistant", "المساعد")


class MessageState(models.TextChoices):
    DONE = "done", words("Done", "تمت")
    PENDING = "pending", words("Being answered", "قيد الرد")
    FAILED = "failed", words("Not answered", "بلا رد")


class Outcome(models.TextChoices):
    """Who wrote an answer: `help` where the help base stood in for the model."""

    RULES = "rules", words("Rules", "القواعد")
    MODEL = "model", words("Language model", "النموذج اللغوي")
    HELP = "help", words("Help base in its place", "قاعدة المساعدة بدلًا منه")


class Intent(models.TextChoices):
    RECOMMEND_TASKS = "RECOMMEND_TASKS", words("Suitable tasks", "مهام مناسبة")
    CREATE_TASK = "CREATE_TASK", words("Create a task", "إنشاء مهمة")
    NAVIGATION = "NAVIGATION", words("Open a page", "فتح صفحة")
    HELP = "HELP", words("Help", "مساعدة")
    GENERAL_CHAT = "GENERAL_CHAT", words("Free conversation", "محادثة حرة")


class ChatSession(models.Model):
    """One conversation with the assistant. Its row is the lock under which messages follow each other."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_sessions", db_index=False
    )
    session_type = models.CharField(max_length=13, choices=SessionType.choices, default=SessionType.GENERAL)
    context_data = models.JSONField(default=dict, blank=True, help_text="Where the conversation stands.")
    language = models.CharField(
        max_length=5, default="ar", help_text="en, ar, or latin for Arabic in Latin letters."
    )
    title = models.CharField(max_length=80, blank=True, default="", help_text="How it began.")
    opened_by = models.CharField(
        max_length=80,
        blank=True,
        default="",
        help_text="The client's name for the first message: sent twice it opens one conversation.",
    )
    is_active = models.BooleanField(default=True)
    started_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(F("user"), F("started_at").desc(), name="chat_session_started"),
            models.Index(F("user"), F("last_message_at").desc(), F("id").desc(), name="chat_session_newest"),
            models.Index(fields=["last_message_at"], name="chat_session_active", condition=Q(is_active=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "opened_by"], name="chat_session_opened_once", condition=~Q(opened_by="")
            ),
            models.CheckConstraint(
                condition=Q(session_type__in=SessionType.values), name="chat_session_type_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Chat session {self.pk}"


class ChatMessage(models.Model):
    """One line. An answer that is still to come is a row too: its end is written into it, once."""

    session = models.ForeignKey(
        ChatSession, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    sender = models.CharField(max_length=4, choices=Sender.choices)
    message = models.TextField(blank=True)
    state = models.CharField(max_length=7, choices=MessageState.choices, default=MessageState.DONE)
    reply_to = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="reply"
    )
    client_id = models.CharField(
        max_length=80,
        blank=True,
        default="",
        help_text="The client's own name for it: the same twice is one.",
    )
    language = models.CharField(max_length=5, default="ar")
    page = models.CharField(
        max_length=PAGE_LIMIT, blank=True, default="", help_text="The page on which it was written."
    )
    detected_intent = models.CharField(max_length=15, choices=Intent.choices, null=True, blank=True)  # noqa: DJ001
    decided_by = models.CharField(max_length=200, blank=True, default="", help_text="The rule or example.")
    extracted_entities = models.JSONField(null=True, blank=True, help_text="What was said with the intent.")
    outcome = models.CharField(max_length=5, choices=Outcome.choices, blank=True, default="")
    reason = models.CharField(
        max_length=40, blank=True, default="", help_text="Why the model did not answer, where it did not."
    )
    ai_model_used = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001  (null: no model)
    response_time_ms = models.PositiveIntegerField(null=True, blank=True)
    tokens_in = models.PositiveIntegerField(null=True, blank=True)
    tokens_out = models.PositiveIntegerField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="How often an answer was begun: tokens carry it, and older ones are void."
    )
    action = models.JSONField(null=True, blank=True)
    buttons = models.JSONField(default=list, blank=True)
    user_rating = models.PositiveSmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["session", "id"], name="chat_message_session"),
            models.Index(fields=["session", "created_at"], name="chat_message_created"),
            models.Index(fields=["sender"], name="chat_message_sender"),
            models.Index(fields=["created_at"], name="chat_message_pending", condition=Q(state="pending")),
            models.Index(fields=["created_at"], name="chat_message_answers", condition=Q(sender="BOT")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "client_id"], name="chat_message_once", condition=~Q(client_id="")
            ),
            models.CheckConstraint(condition=Q(sender__in=Sender.values), name="chat_message_sender_known"),
            models.CheckConstraint(
                condition=Q(state__in=MessageState.values), name="chat_message_state_known"
            ),
            models.CheckConstraint(
                condition=Q(user_rating__isnull=True) | Q(user_rating__range=(1, 5)),
                name="chat_message_rating",
            ),
            models.CheckConstraint(
                condition=Q(sender="BOT") | Q(state="done", reply_to__isnull=True), name="chat_message_user"
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk} of chat session {self.session_id}"


class ChatDraft(models.Model):
    """A draft that has become a task: the row that makes it one task however often the last answer is sent."""

    draft_id = models.CharField(max_length=64, unique=True)
    session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="drafts")
    task = models.ForeignKey(
        "tasks.Task", on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Draft {self.draft_id}"


# The rows that all workers share about the model: the migrations have to see them.


__all__ = [
    "ChatDraft",
    "ChatMessage",
    "ChatSession",
    "DailyUse",
    "Intent",
    "MessageState",
    "ModelGate",
    "Outcome",
    "Sender",
    "SessionType",
]
