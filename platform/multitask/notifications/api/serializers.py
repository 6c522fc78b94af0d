"""Notifications as they go over the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from multitask.notifications.models import Notification
from multitask.notifications.selectors.notifications import message_of, title_of


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """A notification; `title` and `message` are in the caller's language."""

    title = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = [
            "id",
            "notification_type",
            "title",
            "message",
            "task_id",
            "application_id",
            "message_id",
            "sender_id",
            "link",
            "is_read",
            "read_at",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(str)
    def get_title(self, notification: Notification) -> str:
        return title_of(notification)

    @extend_schema_field(str)
    def get_message(self, notification: Notification) -> str:
        return message_of(notification)


class UnreadSerializer(serializers.Serializer[Any]):
    unread_count = serializers.IntegerField()


class ReadSerializer(serializers.Serializer[Any]):
    is_read = serializers.BooleanField()


class MarkedSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    count = serializers.IntegerField()
