from django.contrib import admin

from multitask.tasks.models import Category, Review, Task, TaskApplication


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("slug", "name_en", "name_ar", "order", "is_active")
    list_editable = ("order", "is_active")
    search_fields = ("slug", "name_en", "name_ar")


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):
    """To look things up; changes go through the services, which keep counters, events and lists true."""

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
    list_filter = ("status", "listing_type", "category", "task_type", "city")
    search_fields = ("title", "client__username", "=id")
    list_select_related = ("client", "category")
    date_hierarchy = "created_at"
    show_full_result_count = False

    def get_readonly_fields(self, request: object, obj: object = None) -> list[str]:
        return [field.name for field in Task._meta.fields] + ["required_skills"]

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(TaskApplication)
class TaskApplicationAdmin(admin.ModelAdmin):
    list_display = ("id", "task", "freelancer", "status", "offered_price", "created_at")
    list_filter = ("status",)
    search_fields = ("task__title", "freelancer__username")
    list_select_related = ("task", "freelancer")
    show_full_result_count = False

    def get_readonly_fields(self, request: object, obj: object = None) -> list[str]:
        return [field.name for field in TaskApplication._meta.fields]

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ("id", "task", "reviewer", "reviewee", "rating", "is_public", "created_at")
    list_filter = ("rating", "is_public")
    search_fields = ("reviewer__username", "reviewee__username", "comment")
    list_select_related = ("task", "reviewer", "reviewee")
    show_full_result_count = False

    def get_readonly_fields(self, request: object, obj: object = None) -> list[str]:
        return [field.name for field in Review._meta.fields]

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False
