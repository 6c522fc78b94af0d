"""Operators see here what waits, what failed and why, send it again, and run a schedule now."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat.admin import CrontabScheduleAdmin, PeriodicTaskAdmin, PeriodicTaskForm
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from multitask.common.admin import ReadOnlyAdmin, ReadOnlyInline, record
from multitask.common.text import Text, words
from multitask.outbox import relay
from multitask.outbox.entries import FIELDS, fault_of_crontab, fault_of_json
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
admin.site.unregister(CrontabSchedule)


class CrontabForm(forms.ModelForm):  # type: ignore[type-arg]  # generic to its stubs alone
    """Times that can come."""

    class Meta:
        model = CrontabSchedule
        fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and (fault := fault_of_crontab(CrontabSchedule(**data))) is not None:
            raise forms.ValidationError(fault.show())
        return data


class ScheduleForm(PeriodicTaskForm):
    """An entry that beat can run."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        for field in FIELDS:
            if field in data and (fault := fault_of_json(field, data[field])) is not None:
                self.add_error(field, fault.show())
        crontab = data.get("crontab")
        if crontab is not None and (fault := fault_of_crontab(crontab)) is not None:
            self.add_error("crontab", fault.show())
        return data


@admin.register(CrontabSchedule)
class TimesAdmin(CrontabScheduleAdmin):
    form = CrontabForm


@admin.register(PeriodicTask)
class ScheduleAdmin(PeriodicTaskAdmin):
    """Schedules, and running one now: by the outbox, as beat does it, never past it to the broker."""

    form = ScheduleForm
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
