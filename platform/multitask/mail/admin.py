"""What was mailed to whom and what became of it, and the addresses that mails no longer go to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from multitask.common.admin import ReadOnlyAdmin
from multitask.common.text import Text, words
from multitask.mail.addresses import address_key, is_address
from multitask.mail.models import AddressState, MailGate, MailReport, SentMail
from multitask.mail.selectors.addresses import is_stopped
from multitask.mail.services.addresses import address_clear

CLEARED = Text("{number} cleared.", "مُسح: {number}.")


class ByAddressAdmin(ReadOnlyAdmin):
    """Found by a whole address, of which the table keeps a hash alone."""

    search_help_text = words("A whole e-mail address, or what names it", "بريد إلكتروني كامل، أو ما يُعرَّف به")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if is_address(search_term.strip()):
            return queryset.filter(address_key=address_key(search_term)), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(SentMail)
class SentMailAdmin(ByAddressAdmin):
    list_display = ("key", "user", "mail_class", "state", "reason", "attempts", "created_at", "settled_at")
    list_filter = ("state", "mail_class", "reason", "created_at")
    search_fields = ("key", "user__username", "=user__id", "=message_id")
    date_hierarchy = "created_at"
    list_select_related = ("user",)


@admin.register(AddressState)
class AddressStateAdmin(ByAddressAdmin):
    list_display = ("__str__", "score", "stopped", "hard_bounced_at", "complained_at", "updated_at")
    list_filter = ("updated_at", ("complained_at", admin.EmptyFieldListFilter))
    search_fields = ("=domain", "=address_key")
    actions = ["clear"]

    @admin.display(description=words("stopped", "متوقف"), boolean=True)
    def stopped(self, state: AddressState) -> bool:
        return is_stopped(state)

    @admin.action(
        description=words("Clear: send to them again", "مسح: الإرسال إليها من جديد"), permissions=["clear"]
    )
    def clear(self, request: HttpRequest, queryset: QuerySet[AddressState]) -> None:
        def do(found: Model) -> None:
            address_clear(state_id=found.pk)

        self.carry_out(request, list(queryset), do=do, done=CLEARED)

    def has_clear_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")


@admin.register(MailReport)
class MailReportAdmin(ByAddressAdmin):
    list_display = ("kind", "provider", "mail", "detail", "created_at")
    list_filter = ("kind", "provider", "created_at")
    search_fields = ("=report_id", "mail__key")
    date_hierarchy = "created_at"
    list_select_related = ("mail",)


@admin.register(MailGate)
class MailGateAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "failures", "closed_until", "detail", "updated_at")
