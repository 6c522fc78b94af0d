"""Conversations, to look at in a dispute."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from multitask.common.admin import ReadOnlyAdmin, ReadOnlyInline
from multitask.messaging.models import Conversation, Message, Participant


class ParticipantInline(ReadOnlyInline):
    model = Participant
    fields = ("user", "delivered_up_to", "read_up_to", "unread_count", "read_at")
    readonly_fields = fields
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participant]:
        return super().get_queryset(request).select_related("user")


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "last_message_sender", "last_message_at", "is_active", "created_at")
    list_filter = ("is_active", "last_message_at")
    search_fields = ("=id", "=task__id", "participants__username")
    date_hierarchy = "created_at"
    list_select_related = ("task", "last_message_sender")
    ordering = ("-last_message_at", "-id")
    exclude = ("last_message", "last_message_content")
    inlines = (ParticipantInline,)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("id", "conversation", "sender", "message_type", "created_at")
    list_filter = ("message_type", "created_at")
    search_fields = ("=id", "=conversation__id", "sender__username")
    date_hierarchy = "created_at"
    list_select_related = ("conversation", "sender")
    ordering = ("-id",)
