"""Conversations with the assistant, and how it does day by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from multitask.chatbot.models import ChatDraft, ChatMessage, ChatSession, DailyUse, Intent, ModelGate
from multitask.chatbot.selectors.analytics import DAYS, Day, days_told
from multitask.common.admin import ReadOnlyAdmin
from multitask.common.text import Text

TITLE = Text("The assistant, day by day", "المساعد يومًا بيوم")
HEADS = (
    Text("Day", "اليوم"),
    Text("Answers", "الإجابات"),
    Text("By the model", "بالنموذج"),
    Text("Help in its place", "بالمساعدة بدلًا منه"),
    Text("Not answered", "بلا رد"),
    Text("p95 of rules, ms", "p95 القواعد، مللي ثانية"),
    Text("p95 of the model, ms", "p95 النموذج، مللي ثانية"),
    Text("Ratings", "التقييمات"),
    Text("Average", "المتوسط"),
    Text("Tokens", "الوحدات"),
)


def table(days: Sequence[Day]) -> dict[str, Any]:
    """Title, heads and rows of the days, in the reader's language."""
    intents = list(Intent)
    rows = [
        [
            day.day.isoformat(),
            day.answers,
            day.by_model,
            day.fallbacks,
            day.failed,
            *("–" if value is None else value for value in (day.rules_p95, day.model_p95)),
            day.rated,
            "–" if day.rating is None else day.rating,
            day.tokens,
            *(day.intents.get(intent, 0) for intent in intents),
        ]
        for day in days
    ]
    heads = [*(head.show() for head in HEADS), *(intent.label for intent in intents)]
    return {"title": TITLE.show(), "heads": heads, "rows": rows}


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "session_type", "language", "is_active", "started_at", "last_message_at")
    list_filter = ("session_type", "language", "is_active", "last_message_at")
    search_fields = ("=id", "user__username")
    date_hierarchy = "started_at"
    list_select_related = ("user",)
    ordering = ("-last_message_at", "-id")


@admin.register(ChatMessage)
class ChatMessageAdmin(ReadOnlyAdmin):
    """Above the list: intents, who answered, how fast and how it was rated, by day."""

    list_display = (
        "id",
        "session",
        "sender",
        "detected_intent",
        "state",
        "outcome",
        "reason",
        "response_time_ms",
        "user_rating",
        "created_at",
    )
    list_filter = ("sender", "detected_intent", "state", "outcome", "user_rating", "created_at")
    search_fields = ("=id", "=session__id")
    date_hierarchy = "created_at"
    list_select_related = ("session",)
    ordering = ("-id",)
    change_list_template = "admin/chatbot/chatmessage/change_list.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"days": table(days_told(days=DAYS))} | (extra_context or {})
        answer: HttpResponse = super().changelist_view(request, context)
        return answer


@admin.register(ChatDraft)
class ChatDraftAdmin(ReadOnlyAdmin):
    list_display = ("id", "draft_id", "session", "task", "created_at")
    search_fields = ("=draft_id", "=session__id", "=task__id")
    date_hierarchy = "created_at"
    list_select_related = ("session", "task")
    ordering = ("-id",)


@admin.register(ModelGate)
class ModelGateAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "calls_total",
        "waits_total",
        "failures_total",
        "opened_total",
        "opened_at",
        "updated_at",
    )
    search_fields = ("name",)


@admin.register(DailyUse)
class DailyUseAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "day", "messages", "tokens")
    list_filter = ("day",)
    search_fields = ("user__username",)
    list_select_related = ("user",)
    ordering = ("-day", "-id")
