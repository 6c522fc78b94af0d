"""What notifications hold about a person."""

from __future__ import annotations

from multitask.accounts.personal import Fate, Holding, declare, on_leaving
from multitask.notifications.services.leaving import name_forget


def register() -> None:
    """Called once all models are there."""
    declare(
        Holding(
            "notifications.Notification",
            "recipient",
            Fate.ERASE,
            name="notifications",
            export=(
                "id",
                "notification_type",
                "title",
                "message",
                "count",
                "link",
                "is_read",
                "read_at",
                "bumped_at",
                "created_at",
            ),
        ),
        Holding(
            "notifications.NotificationDelivery",
            "recipient",
            Fate.ERASE,
            name="notification_deliveries",
            export=(
                "notification_id",
                "dedupe_key",
                "channel",
                "state",
                "reason",
                "due_at",
                "attempts",
                "settled_at",
                "created_at",
            ),
        ),
        Holding(
            "notifications.NotificationPreference",
            "user",
            Fate.ERASE,
            name="notification_preferences",
            export=("overrides", "quiet_from", "quiet_to", "digest", "digest_hour", "digest_weekday"),
        ),
        Holding(
            "notifications.Digest",
            "user",
            Fate.ERASE,
            name="digests",
            export=(
                "period",
                "rhythm",
                "since",
                "until",
                "content",
                "state",
                "reason",
                "prepared_at",
                "settled_at",
            ),
        ),
        Holding(
            "notifications.PushSubscription",
            "user",
            Fate.ERASE,
            name="push_subscriptions",
            export=(
                "id",
                "endpoint",
                "user_agent",
                "last_sent_at",
                "expires_at",
                "renewed_at",
                "created_at",
            ),
        ),
        Holding("notifications.Inbox", "user", Fate.ERASE, why="A row that is only a lock; it says nothing."),
    )
    on_leaving(name_forget, last=True)
