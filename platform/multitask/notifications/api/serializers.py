"""Notifications as they go over the wire."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from multitask.common.strict import StrictMixin
from multitask.notifications.defaults import ALIASES
from multitask.notifications.models import (
    Channel,
    DeliveryState,
    DigestRhythm,
    Notification,
    NotificationDelivery,
    NotificationType,
)
from multitask.notifications.reasons import explanation_of
from multitask.notifications.selectors.notifications import message_of, title_of
from multitask.notifications.selectors.preferences import Preferences


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """A line of the list; `title` and `message` are in the caller's language, and tell of `count` events.

    Events of one group join a line while it is unread: `bumped_at` is when the newest came, and the list's order.
    """

    title = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = [
            "id",
            "notification_type",
            "title",
            "message",
            "count",
            "task_id",
            "application_id",
            "message_id",
            "conversation_id",
            "sender_id",
            "link",
            "is_read",
            "read_at",
            "created_at",
            "bumped_at",
        ]
        read_only_fields = fields

    @extend_schema_field(str)
    def get_title(self, notification: Notification) -> str:
        return title_of(notification)

    @extend_schema_field(str)
    def get_message(self, notification: Notification) -> str:
        return message_of(notification)


class DeliverySerializer(serializers.ModelSerializer[NotificationDelivery]):
    """What became of one event on one channel; `explanation` says it and why, in the caller's language."""

    notification_type = serializers.ChoiceField(
        choices=NotificationType.choices, source="notification.notification_type", read_only=True
    )
    title = serializers.SerializerMethodField()
    channel = serializers.ChoiceField(choices=Channel.choices, read_only=True)
    state = serializers.ChoiceField(choices=DeliveryState.choices, read_only=True)
    explanation = serializers.SerializerMethodField()

    class Meta:
        model = NotificationDelivery
        fields = [
            "id",
            "notification",
            "notification_type",
            "title",
            "channel",
            "state",
            "reason",
            "explanation",
            "due_at",
            "settled_at",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(str)
    def get_title(self, delivery: NotificationDelivery) -> str:
        return title_of(delivery.notification)

    @extend_schema_field(str)
    def get_explanation(self, delivery: NotificationDelivery) -> str:
        return explanation_of(delivery).show()


class UnreadSerializer(serializers.Serializer[Any]):
    unread_count = serializers.IntegerField()


class ReadSerializer(serializers.Serializer[Any]):
    is_read = serializers.BooleanField()


class MarkedSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()
    count = serializers.IntegerField()


class ChannelsSerializer(StrictMixin, serializers.Serializer[Any]):
    in_app = serializers.BooleanField(required=False)
    email = serializers.BooleanField(required=False)
    push = serializers.BooleanField(required=False)


class MatrixSerializer(StrictMixin, serializers.Serializer[Any]):
    """Each type by each channel."""

    def get_fields(self) -> dict[str, Any]:
        return {kind: ChannelsSerializer(required=False) for kind in NotificationType.values}


class NotificationPreferencesSerializer(StrictMixin, serializers.Serializer[Any]):
    """By which ways one is told of what, and when not. What is not sent stays as it is.

    The switches that begin with `email_` and `push_` stand for parts of `matrix`. Types in `locked` are always told.
    Times are Cairo's; `quiet_from` and `quiet_to` may lie on two sides of midnight, and the same twice is never.
    """

    matrix = MatrixSerializer(required=False)
    locked = serializers.ListField(
        child=serializers.ChoiceField(choices=NotificationType.choices), read_only=True
    )
    quiet_from = serializers.TimeField(format="%H:%M", required=False, allow_null=True)
    quiet_to = serializers.TimeField(format="%H:%M", required=False, allow_null=True)
    digest = serializers.ChoiceField(choices=DigestRhythm.choices, required=False)
    digest_hour = serializers.IntegerField(min_value=0, max_value=23, required=False)
    digest_weekday = serializers.IntegerField(
        min_value=0, max_value=6, required=False, help_text="0 is Monday, 6 is Sunday."
    )

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {name: serializers.BooleanField(required=False) for name in ALIASES}

    def to_representation(self, instance: Preferences) -> dict[str, Any]:
        def clock(value: Any) -> str | None:
            return None if value is None else f"{value:%H:%M}"

        return {
            "matrix": instance.matrix,
            "locked": instance.locked,
            "quiet_from": clock(instance.quiet_from),
            "quiet_to": clock(instance.quiet_to),
            "digest": instance.digest,
            "digest_hour": instance.digest_hour,
            "digest_weekday": instance.digest_weekday,
            **instance.aliases,
        }
