from django.contrib import admin

from multitask.notifications.models import Notification
from multitask.outbox.admin import ReadOnlyAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("id", "recipient", "notification_type", "title", "is_read", "created_at")
    list_filter = ("notification_type", "is_read")
    search_fields = ("recipient__username", "=task_id", "=dedupe_key")
    list_select_related = ("recipient",)
    show_full_result_count = False
