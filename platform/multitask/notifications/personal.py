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
                "link",
                "is_read",
                "read_at",
                "created_at",
            ),
        ),
        Holding(
            "notifications.NotificationPreference",
            "user",
            Fate.ERASE,
            name="notification_preferences",
            export=(
                "email_task_applications",
                "email_task_updates",
                "email_messages",
                "email_task_reminders",
                "email_marketing",
                "push_task_applications",
                "push_task_updates",
                "push_messages",
                "push_task_reminders",
            ),
        ),
    )
    on_leaving(name_forget)
