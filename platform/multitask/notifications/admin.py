"""What people were told, and what they want to be told."""

from __future__ import annotations

from django.contrib import admin

from multitask.common.admin import ReadOnlyAdmin
from multitask.notifications.models import Notification, NotificationPreference


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("id", "recipient", "notification_type", "title", "is_read", "created_at")
    list_filter = ("notification_type", "is_read", "created_at")
    search_fields = ("recipient__username", "=task_id", "=dedupe_key")
    date_hierarchy = "created_at"
    list_select_related = ("recipient",)


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "email_task_applications", "email_messages", "push_messages", "updated_at")
    list_filter = ("email_marketing", "email_messages", "push_messages")
    search_fields = ("user__username", "=user__id")
    list_select_related = ("user",)
