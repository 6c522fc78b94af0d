from django.contrib import admin

from multitask.outbox.admin import ReadOnlyAdmin
from multitask.recommendations.models import RecommendationEntry, RecommendationList, Skill, VectorIndex
from multitask.recommendations.selectors.indexes import progress


@admin.register(Skill)
class SkillAdmin(admin.ModelAdmin):
    list_display = ("name_en", "name_ar", "category", "usage_count", "is_active")
    list_filter = ("category", "is_active")
    search_fields = ("name_en", "name_ar", "slug")
    list_select_related = ("category",)
    readonly_fields = ("usage_count", "created_at", "updated_at")


@admin.register(VectorIndex)
class VectorIndexAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "encoder_model",
        "encoder_revision",
        "dimensions",
        "state",
        "share_done",
        "created_at",
    )
    list_filter = ("state",)

    @admin.display(description="done")
    def share_done(self, index: VectorIndex) -> str:
        found = progress(index)
        return f"{found.done} of {found.total}"


class EntryInline(admin.TabularInline):
    model = RecommendationEntry
    fields = ("task", "match_percentage", "score", "algorithm", "parts", "computed_at")
    readonly_fields = fields
    extra = 0
    max_num = 0
    can_delete = False


@admin.register(RecommendationList)
class RecommendationListAdmin(ReadOnlyAdmin):
    """Why does this user see what they see."""

    list_display = ("user", "algorithm", "computed_at", "inputs_changed_at", "is_full", "ranking_version")
    list_filter = ("algorithm", "is_full")
    search_fields = ("user__username", "=user__id")
    list_select_related = ("user",)
    inlines = [EntryInline]
    show_full_result_count = False
