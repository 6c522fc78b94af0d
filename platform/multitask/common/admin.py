"""What every page of the administration has in common: both languages, no row changed past the services, and a record
of who did what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Model
from django.http import HttpRequest

from multitask.common.errors import DomainError
from multitask.common.models import IdempotencyRecord
from multitask.common.text import Text, words

admin.site.site_header = words("Multitask administration", "إدارة Multitask")
admin.site.site_title = words("Multitask", "Multitask")
admin.site.index_title = words("What would you like to look after?", "بماذا تريد أن تعتني؟")
admin.site.enable_nav_sidebar = True

REFUSED = Text("{name}: {reason}", "{name}: {reason}")
REASON_MISSING = Text(
    "Write a reason beside the action: the people concerned will read it.",
    "اكتب السبب بجوار الإجراء: سيقرؤه أصحاب الشأن.",
)
REASON_LIMIT = 500


class OperatorAdmin(admin.ModelAdmin):
    """Lists of any length: no count of the whole table beside the one of the filtered rows."""

    show_full_result_count = False
    list_per_page = 50

    def carry_out(
        self,
        request: HttpRequest,
        objects: Iterable[Model],
        *,
        do: Callable[[Any], Any],
        done: Text,
        note: str = "",
    ) -> None:
        """Do something to each object by a service, tell what was done and what was refused and why, and record it.

        `done` has one place, `number`.
        """
        worked = []
        for found in objects:
            try:
                do(found)
            except DomainError as error:
                self.message_user(request, REFUSED.show(name=str(found), reason=error.detail), messages.ERROR)
            else:
                worked.append(found)
        if worked:
            said = done.show(number=len(worked))
            record(request, worked, f"{done.show(number=1)} {note}".strip())
            self.message_user(request, said, messages.SUCCESS)


class ReadOnlyAdmin(OperatorAdmin):
    """Looked at, never edited by hand: services and jobs own these rows."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def may(self, request: HttpRequest, verb: str) -> bool:
        """Whether the operator was given `verb` (change, delete) on this model, for actions that go by a service."""
        options = self.opts
        user: Any = request.user
        return bool(user.has_perm(f"{options.app_label}.{verb}_{options.model_name}"))


class ReadOnlyInline(admin.TabularInline):
    """Rows of another model below, to look at."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ReasonForm(ActionForm):
    """The bar of actions, with a place for the reason."""

    reason = forms.CharField(
        required=False,
        max_length=REASON_LIMIT,
        label=words("Reason", "السبب"),
        widget=forms.TextInput(attrs={"size": 30, "dir": "auto"}),
    )


def reason_of(model_admin: admin.ModelAdmin, request: HttpRequest) -> str:
    """The reason written beside the action, "" (and the operator is told) where there is none."""
    reason = str(request.POST.get("reason", "")).strip()[:REASON_LIMIT]
    if not reason:
        model_admin.message_user(request, REASON_MISSING.show(), messages.ERROR)
    return reason


def record(request: HttpRequest, objects: list[Any], message: str) -> None:
    """Write who did what to which objects; shown under each object's history and in the list of all actions."""
    LogEntry.objects.log_actions(
        user_id=int(request.user.pk),  # type: ignore[arg-type]  # an operator is logged in
        queryset=objects,  # any iterable of objects of one model
        action_flag=CHANGE,
        change_message=message,
    )


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Who did what in this administration."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag", "what")
    list_filter = ("action_flag", "content_type")
    search_fields = ("user__username", "=object_id", "object_repr", "change_message")
    date_hierarchy = "action_time"
    list_select_related = ("user", "content_type")

    @admin.display(description=words("what", "ماذا"))
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message()


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    list_display = ("user", "place", "status", "created_at")
    list_filter = ("status",)
    search_fields = ("=key", "user__username")
    date_hierarchy = "created_at"
    list_select_related = ("user",)
    exclude = ("body",)
