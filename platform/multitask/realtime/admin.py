"""How far each user's streams have come, and when people were last there."""

from __future__ import annotations

from django.contrib import admin

from multitask.common.admin import ReadOnlyAdmin
from multitask.realtime.models import EventCursor, Presence


@admin.register(EventCursor)
class EventCursorAdmin(ReadOnlyAdmin):
    list_display = ("user", "stream", "last_seq", "kept_after")
    list_filter = ("stream",)
    search_fields = ("user__username", "=user__id")
    list_select_related = ("user",)


@admin.register(Presence)
class PresenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "seen_at")
    search_fields = ("user__username", "=user__id")
    date_hierarchy = "seen_at"
    list_select_related = ("user",)
