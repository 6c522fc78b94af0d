"""What people were told and by which ways, and what they want to be told."""

from __future__ import annotations

from django.contrib import admin

from multitask.common.admin import ReadOnlyAdmin
from multitask.common.text import words
from multitask.notifications.models import (
    Digest,
    Notification,
    NotificationDelivery,
    NotificationPreference,
    PushHost,
    PushSubscription,
    Reminder,
)
from multitask.notifications.push.fan import host_of


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("id", "recipient", "notification_type", "title", "count", "is_read", "bumped_at")
    list_filter = ("notification_type", "is_read", "shown", "bumped_at")
    search_fields = ("recipient__username", "=task_id", "=dedupe_key", "=group_key")
    date_hierarchy = "bumped_at"
    list_select_related = ("recipient",)


@admin.register(NotificationDelivery)
class NotificationDeliveryAdmin(ReadOnlyAdmin):
    """Why somebody was or was not told something."""

    list_display = ("id", "recipient", "dedupe_key", "channel", "state", "reason", "due_at", "settled_at")
    list_filter = ("channel", "state", "reason", "created_at")
    search_fields = ("recipient__username", "=recipient__id", "=dedupe_key", "=notification__id")
    date_hierarchy = "created_at"
    list_select_related = ("recipient",)
    raw_id_fields = ("recipient", "notification")


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "overrides", "quiet_from", "quiet_to", "digest", "digest_next_at", "updated_at")
    list_filter = ("digest",)
    search_fields = ("user__username", "=user__id")
    list_select_related = ("user",)


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    """The address and the keys are secrets: who has them can push to that browser."""

    list_display = ("id", "user", "service", "failures", "last_error", "last_sent_at", "renewed_at")
    list_filter = ("last_error", "renewed_at")
    search_fields = ("user__username", "=user__id")
    list_select_related = ("user",)
    exclude = ("endpoint", "p256dh", "auth")
    readonly_fields = ("service",)

    @admin.display(description=words("push service", "خدمة التنبيهات"))
    def service(self, row: PushSubscription) -> str:
        return host_of(row.endpoint)


@admin.register(PushHost)
class PushHostAdmin(ReadOnlyAdmin):
    """Push services that fail just now."""

    list_display = ("host", "paused_until", "pauses", "last_error", "updated_at")
    search_fields = ("host",)


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    """What became of each digest. What one holds is its reader's; it is forgotten once it has ended."""

    list_display = ("id", "user", "period", "rhythm", "state", "reason", "prepared_at", "settled_at")
    list_filter = ("state", "rhythm", "reason", "prepared_at")
    search_fields = ("user__username", "=user__id")
    date_hierarchy = "period"
    list_select_related = ("user",)
    exclude = ("content",)


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "subject_id", "step", "occasion", "created_at")
    list_filter = ("kind", "step", "created_at")
    search_fields = ("=subject_id",)
    date_hierarchy = "created_at"
