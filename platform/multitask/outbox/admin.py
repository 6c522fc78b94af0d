"""Operators see here what waits, what failed and why, send it again, and run a schedule now."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat.admin import PeriodicTaskAdmin
from django_celery_beat.models import PeriodicTask

from multitask.common.admin import ReadOnlyAdmin, ReadOnlyInline, record
from multitask.common.text import Text, words
from multitask.outbox import relay
from multitask.outbox.models import DeliveryStatus, Heartbeat, OutboxDelivery, OutboxEvent
from multitask.outbox.services import schedule_run

RETRIED = Text("Dead letters that will run again: {number}", "رسائل ميتة ستعمل من جديد: {number}")
STARTED = Text("Will run now: {number}", "ستعمل الآن: {number}")


class DeliveryInline(ReadOnlyInline):
    model = OutboxDelivery
    fields = ("handler", "queue", "status", "attempts", "last_error", "available_at", "done_at")
    readonly_fields = fields


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "topic", "key", "request_id", "created_at", "fanned_out_at")
    list_filter = ("topic", "created_at")
    search_fields = ("=key", "=request_id", "=topic")
    date_hierarchy = "created_at"
    inlines = (DeliveryInline,)


@admin.register(OutboxDelivery)
class OutboxDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "handler", "key", "queue", "status", "attempts", "available_at", "short_error")
    list_filter = ("status", "queue", "handler", "created_at")
    search_fields = ("=key", "last_error", "=event__request_id")
    list_select_related = ("event",)
    actions = ("retry",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    @admin.display(description=words("error", "الخطأ"))
    def short_error(self, delivery: OutboxDelivery) -> str:
        return delivery.last_error[:120]

    @admin.action(
        description=words("Retry the chosen dead letters", "إعادة محاولة الرسائل الميتة المختارة"),
        permissions=["retry"],
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxDelivery]) -> None:
        chosen = list(queryset.filter(status=DeliveryStatus.DEAD))
        number = relay.retry_dead([delivery.pk for delivery in chosen])
        if chosen:
            record(request, chosen, RETRIED.show(number=1))
        self.message_user(
            request, RETRIED.show(number=number), messages.SUCCESS if number else messages.WARNING
        )


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "seen_at", "detail")
    search_fields = ("name",)


admin.site.unregister(PeriodicTask)


@admin.register(PeriodicTask)
class ScheduleAdmin(PeriodicTaskAdmin):
    """Schedules, and running one now: by the outbox, as beat does it, never past it to the broker."""

    actions = ("enable_tasks", "disable_tasks", "toggle_tasks", "run_now")
    list_select_related = ("interval", "crontab", "solar", "clocked")

    def has_run_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_change_permission(request))

    @admin.action(description=words("Run now", "تشغيل الآن"), permissions=["run"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        chosen = list(queryset)
        for entry in chosen:
            schedule_run(topic=entry.task)
        record(request, chosen, STARTED.show(number=1))
        self.message_user(request, STARTED.show(number=len(chosen)), messages.SUCCESS)
