"""Operators see here what waits, what failed and why, and send it again."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from multitask.outbox import relay
from multitask.outbox.models import Heartbeat, OutboxDelivery, OutboxEvent


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Looked at, never edited by hand: the pipeline owns these rows."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class DeliveryInline(admin.TabularInline):  # type: ignore[type-arg]
    model = OutboxDelivery
    fields = ("handler", "queue", "status", "attempts", "last_error", "available_at", "done_at")
    readonly_fields = fields
    extra = 0
    can_delete = False


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "topic", "key", "request_id", "created_at", "fanned_out_at")
    list_filter = ("topic", "created_at")
    search_fields = ("=key", "=request_id", "=topic")
    inlines = [DeliveryInline]
    show_full_result_count = False


@admin.register(OutboxDelivery)
class OutboxDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "handler", "key", "queue", "status", "attempts", "available_at", "short_error")
    list_filter = ("status", "queue", "handler")
    search_fields = ("=key", "last_error", "=event__request_id")
    list_select_related = ("event",)
    actions = ["retry"]
    show_full_result_count = False

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outbox.change_outboxdelivery")

    @admin.display(description="error")
    def short_error(self, delivery: OutboxDelivery) -> str:
        return delivery.last_error[:120]

    @admin.action(
        description="Retry the chosen dead letters / إعادة محاولة الرسائل الميتة", permissions=["retry"]
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxDelivery]) -> None:
        number = relay.retry_dead(queryset.values_list("id", flat=True))
        self.message_user(
            request,
            ngettext("%d dead letter will run again.", "%d dead letters will run again.", number) % number,
            messages.SUCCESS if number else messages.WARNING,
        )


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "seen_at", "detail")
