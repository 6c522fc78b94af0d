"""Categories, tasks, applications and reviews, for operators: to look things up, and to step in by the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from multitask.common.admin import OperatorAdmin, ReadOnlyAdmin, ReadOnlyInline, ReasonForm, reason_of
from multitask.common.text import Text, words
from multitask.tasks.models import Category, Review, Task, TaskApplication, TaskImage
from multitask.tasks.services.images import task_images_clear
from multitask.tasks.services.reviews import review_remove
from multitask.tasks.services.tasks import task_cancel

CANCELLED = Text("Cancelled: {number}", "أُلغي: {number}")
PICTURES_REMOVED = Text("Pictures removed: {number}", "أُزيلت الصور: {number}")
REMOVED = Text("Hidden: {number}", "أُخفي: {number}")


@admin.register(Category)
class CategoryAdmin(OperatorAdmin):
    list_display = ("slug", "name_en", "name_ar", "order", "is_active")
    list_editable = ("order", "is_active")
    list_filter = ("is_active",)
    search_fields = ("slug", "name_en", "name_ar")


class ImageInline(ReadOnlyInline):
    model = TaskImage
    fields = ("picture", "order", "created_at")
    readonly_fields = fields
    show_change_link = False

    @admin.display(description=words("picture", "الصورة"))
    def picture(self, image: TaskImage) -> str:
        return format_html('<img src="{}" alt="" height="96">', image.image.url)


class ApplicationInline(ReadOnlyInline):
    model = TaskApplication
    fk_name = "task"
    fields = ("freelancer", "status", "offered_price", "estimated_time", "created_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaskApplication]:
        return super().get_queryset(request).select_related("freelancer", "task", "client")


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """Changes go through the services, which keep counters, events and lists true."""

    list_display = (
        "id",
        "title",
        "client",
        "category",
        "listing_type",
        "status",
        "budget",
        "city",
        "created_at",
    )
    list_display_links = ("id", "title")
    list_filter = ("status", "listing_type", "category", "task_type", "is_remote", "created_at")
    search_fields = ("title", "client__username", "=id", "=city")
    search_help_text = words(
        "Title, client's user name, city or number", "العنوان أو اسم العميل أو المدينة أو الرقم"
    )
    list_select_related = ("client", "category")
    date_hierarchy = "created_at"
    inlines = (ApplicationInline, ImageInline)
    action_form = ReasonForm
    actions = ("cancel", "remove_pictures")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        found: QuerySet[Task] = super().get_queryset(request)
        return found.select_related("client", "category", "assigned_to", "cancelled_by")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    @admin.action(description=words("Cancel, with a reason", "إلغاء مع ذكر السبب"), permissions=["moderate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        actor: Any = request.user
        if reason := reason_of(self, request):
            self.carry_out(
                request,
                queryset,
                do=lambda task: task_cancel(actor=actor, task_id=task.pk, reason=reason),
                done=CANCELLED,
                note=reason,
            )

    @admin.action(description=words("Remove all pictures", "إزالة كل الصور"), permissions=["moderate"])
    def remove_pictures(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        actor: Any = request.user
        self.carry_out(
            request,
            queryset,
            do=lambda task: task_images_clear(actor=actor, task_id=task.pk),
            done=PICTURES_REMOVED,
        )


@admin.register(TaskApplication)
class TaskApplicationAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "freelancer", "status", "offered_price", "created_at")
    list_filter = ("status", "created_at")
    search_fields = ("task__title", "freelancer__username", "=task__id")
    list_select_related = ("task", "freelancer")
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaskApplication]:
        found: QuerySet[TaskApplication] = super().get_queryset(request)
        return found.select_related("task", "freelancer", "client")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "task",
        "reviewer",
        "reviewee",
        "rating",
        "published_at",
        "removed_at",
        "created_at",
    )
    list_filter = (
        "rating",
        ("published_at", admin.EmptyFieldListFilter),
        ("removed_at", admin.EmptyFieldListFilter),
        "created_at",
    )
    search_fields = ("reviewer__username", "reviewee__username", "comment", "=task__id")
    list_select_related = ("task", "reviewer", "reviewee")
    date_hierarchy = "created_at"
    action_form = ReasonForm
    actions = ("hide",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        found: QuerySet[Review] = super().get_queryset(request)
        return found.select_related("task", "reviewer", "reviewee", "removed_by")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "change")

    @admin.action(description=words("Hide, with a reason", "إخفاء مع ذكر السبب"), permissions=["moderate"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        actor: Any = request.user
        if reason := reason_of(self, request):
            self.carry_out(
                request,
                queryset,
                do=lambda review: review_remove(actor=actor, review_id=review.pk, reason=reason),
                done=REMOVED,
                note=reason,
            )
