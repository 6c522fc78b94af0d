"""People and their logins, for operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from multitask.accounts.models import ExternalIdentity, FormerAddress, TokenFamily, User
from multitask.accounts.services.moderation import (
    user_deactivate,
    user_edit,
    user_log_out,
    user_open,
    user_picture_remove,
    user_reactivate,
    user_unlock,
)
from multitask.common.admin import OperatorAdmin, ReadOnlyAdmin
from multitask.common.errors import DomainError
from multitask.common.text import Text, words

MARKETPLACE = words("Marketplace", "السوق")
DEACTIVATED = Text("Deactivated: {number}", "أُوقف: {number}")
REACTIVATED = Text("Reactivated: {number}", "أُعيد تفعيله: {number}")
LOGGED_OUT = Text("Logged out everywhere: {number}", "أُخرج من كل الأجهزة: {number}")
UNLOCKED = Text("Login unlocked: {number}", "رُفع قفل الدخول: {number}")
PICTURE_REMOVED = Text("Picture removed: {number}", "أُزيلت الصورة: {number}")


class NewPersonForm(AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email", "user_type")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True


@admin.register(User)
class PersonAdmin(OperatorAdmin, UserAdmin):
    """Accounts are changed by the services, which keep lists, tokens and mails in step; whoever is not a superuser
    cannot give rights."""

    add_form = NewPersonForm
    list_display = (
        "username",
        "email",
        "pending_email",
        "user_type",
        "city",
        "average_rating",
        "is_active",
        "created_at",
    )
    list_filter = ("user_type", "is_active", "is_verified", "is_staff", "language", "created_at")
    search_fields = ("username", "email", "pending_email", "first_name", "last_name", "=id")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    actions = ("deactivate", "reactivate", "log_out", "unlock", "remove_picture")
    filter_horizontal = ("groups", "user_permissions")
    own_fields = (
        "first_name",
        "last_name",
        "email",
        "bio",
        "phone_number",
        "city",
        "country",
        "user_type",
        "language",
    )
    right_fields = ("is_staff", "is_superuser", "groups", "user_permissions")
    readonly_fields = (
        "is_active",
        "is_verified",
        "pending_email",
        "average_rating",
        "total_reviews",
        "picture",
        "created_at",
        "updated_at",
        "last_login",
        "deleted_at",
    )
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (MARKETPLACE, {"fields": (*own_fields, "picture", "average_rating", "total_reviews")}),
        (
            words("Rights", "الصلاحيات"),
            {"fields": ("is_active", "is_verified", "pending_email", *right_fields)},
        ),
        (words("Times", "الأوقات"), {"fields": ("last_login", "created_at", "updated_at", "deleted_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "email", "user_type", "usable_password", "password1", "password2"),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        if obj is not None:
            fields += ("username",)
        if not getattr(request.user, "is_superuser", False):
            fields += self.right_fields
        return fields

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        above = obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", False)
        return allowed and not above

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # an account is deactivated here; to delete it whole is its owner's right

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    @admin.display(description=words("picture", "الصورة"))
    def picture(self, person: User) -> str:
        if not person.profile_picture:
            return "-"
        return format_html('<img src="{}" alt="" height="96">', person.profile_picture.url)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        try:
            if not change:
                user_open(actor=request.user, user=obj)
                return
            if "password" in form.changed_data:  # the page for passwords, which saves by itself
                super().save_model(request, obj, form, change)
                return
            names = {*self.own_fields, "is_staff", "is_superuser"} & set(form.cleaned_data)
            # Sent back as it was, the address that is owned must not end a change of it that is under way.
            names -= {"email"} - set(form.changed_data)
            user_edit(actor=request.user, user_id=obj.pk, **{name: form.cleaned_data[name] for name in names})
            obj.refresh_from_db()
        except DomainError as error:
            self.message_user(request, error.detail, messages.ERROR)
            raise PermissionDenied(error.detail) from error

    @admin.action(description=words("Deactivate", "إيقاف الحساب"), permissions=["moderate"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._moderate(request, queryset, user_deactivate, DEACTIVATED)

    @admin.action(description=words("Reactivate", "إعادة تفعيل الحساب"), permissions=["moderate"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._moderate(request, queryset, user_reactivate, REACTIVATED)

    @admin.action(
        description=words("Log out everywhere", "تسجيل الخروج من كل الأجهزة"), permissions=["moderate"]
    )
    def log_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._moderate(request, queryset, user_log_out, LOGGED_OUT)

    @admin.action(description=words("Unlock the login", "رفع قفل الدخول"), permissions=["moderate"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._moderate(request, queryset, user_unlock, UNLOCKED)

    @admin.action(description=words("Remove the picture", "إزالة الصورة"), permissions=["moderate"])
    def remove_picture(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._moderate(request, queryset, user_picture_remove, PICTURE_REMOVED)

    def _moderate(
        self, request: HttpRequest, queryset: QuerySet[User], service: Callable[..., User], done: Text
    ) -> None:
        actor = request.user
        self.carry_out(request, queryset, do=lambda user: service(actor=actor, user_id=user.pk), done=done)


@admin.register(FormerAddress)
class FormerAddressAdmin(ReadOnlyAdmin):
    """Addresses that were replaced lately, for who says that it was not them."""

    list_display = ("email", "user", "replaced_at")
    search_fields = ("user__username", "email", "=user__id")
    date_hierarchy = "replaced_at"
    list_select_related = ("user",)


@admin.register(TokenFamily)
class TokenFamilyAdmin(ReadOnlyAdmin):
    """Where somebody is logged in, and how a login ended."""

    list_display = ("user", "created_at", "ended_at", "reason", "address", "user_agent")
    list_filter = ("reason", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("user__username", "=user__id", "=address")
    date_hierarchy = "created_at"
    list_select_related = ("user",)


@admin.register(ExternalIdentity)
class ExternalIdentityAdmin(ReadOnlyAdmin):
    list_display = ("user", "provider", "email", "created_at")
    list_filter = ("provider",)
    search_fields = ("user__username", "email", "=subject")
    list_select_related = ("user",)
