"""The log of what each user's sockets are told: the truth, of which a socket is only a hint."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from multitask.common.text import words


class Stream(models.TextChoices):
    CHAT = "chat", words("Conversations", "المحادثات")
    NOTIFICATIONS = "notifications", words("Notifications", "الإشعارات")


class EventCursor(models.Model):
    """How far a user's stream has come. Its row is the lock under which events get their numbers."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="event_cursors")
    stream = models.CharField(max_length=16, choices=Stream.choices)
    last_seq = models.BigIntegerField(default=0, db_default=0)
    kept_after = models.BigIntegerField(
        default=0, db_default=0, help_text="Events up to this number are gone: who is further behind resyncs."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "stream"], name="event_cursor_one"),
            models.CheckConstraint(condition=Q(stream__in=Stream.values), name="event_cursor_stream_known"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} of user {self.user_id} at {self.last_seq}"


class UserEvent(models.Model):
    """One event of a user's stream. `seq` counts up by one, in the order of commits."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="live_events")
    stream = models.CharField(max_length=16, choices=Stream.choices)
    seq = models.BigIntegerField()
    type = models.CharField(max_length=40)
    body = models.JSONField(help_text="The event as it is sent; a text of both languages as {en, ar}.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="user_event_created")]
        constraints = [models.UniqueConstraint(fields=["user", "stream", "seq"], name="user_event_seq")]

    def __str__(self) -> str:
        return f"{self.type} #{self.seq} of user {self.user_id}"


class Presence(models.Model):
    """When a user was last there. Whether they are there now, Redis knows."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="presence"
    )
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"user {self.user_id}, {self.seen_at:%Y-%m-%d %H:%M}"
