from __future__ import annotations

from django.contrib import admin

from multitask.common.admin import ReadOnlyAdmin
from multitask.exchange.models import ImportRef


@admin.register(ImportRef)
class ImportRefAdmin(ReadOnlyAdmin):
    """Which imported line became which row."""

    list_display = ("kind", "ref", "object_id", "created_at")
    list_filter = ("kind",)
    search_fields = ("=ref", "=object_id")
    date_hierarchy = "created_at"
