"""Skills, what people want, and why somebody sees what they see."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from multitask.common.admin import OperatorAdmin, ReadOnlyAdmin, ReadOnlyInline
from multitask.common.text import Text, words
from multitask.recommendations.learned import MatchStatistics, PersonExposure, TaskExposure
from multitask.recommendations.models import (
    LexicalModelVersion,
    RecommendationEntry,
    RecommendationFeedback,
    RecommendationList,
    RecommendationLog,
    SearchPhrase,
    SearchTerm,
    Skill,
    UserPreference,
    UserSkill,
    VectorIndex,
)
from multitask.recommendations.selectors.indexes import progress

SHARE = Text("{done} of {total}", "{done} من {total}")


@admin.register(Skill)
class SkillAdmin(OperatorAdmin):
    list_display = ("name_en", "name_ar", "category", "usage_count", "is_active")
    list_filter = ("category", "is_active")
    search_fields = ("name_en", "name_ar", "slug")
    list_select_related = ("category",)
    autocomplete_fields = ("category",)
    readonly_fields = ("usage_count", "created_at", "updated_at")


@admin.register(UserSkill)
class UserSkillAdmin(ReadOnlyAdmin):
    list_display = ("user", "skill", "proficiency_level", "years_experience", "is_verified", "created_at")
    list_filter = ("proficiency_level", "is_verified")
    search_fields = ("user__username", "=user__id", "skill__name_en", "skill__name_ar")
    list_select_related = ("user", "skill")


@admin.register(UserPreference)
class UserPreferenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "onboarding_completed", "min_budget", "max_budget", "prefer_remote", "updated_at")
    list_filter = ("onboarding_completed", "prefer_remote", "prefer_physical")
    search_fields = ("user__username", "=user__id", "preferred_location")
    list_select_related = ("user",)


@admin.register(LexicalModelVersion)
class LexicalModelVersionAdmin(ReadOnlyAdmin):
    list_display = ("identifier", "documents", "created_at")
    search_fields = ("identifier",)
    exclude = ("data",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LexicalModelVersion]:
        found: QuerySet[LexicalModelVersion] = super().get_queryset(request)
        return found.defer("data")


@admin.register(VectorIndex)
class VectorIndexAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "encoder_model",
        "encoder_revision",
        "dimensions",
        "state",
        "created_at",
        "activated_at",
    )
    list_filter = ("state",)
    search_fields = ("encoder_model", "=encoder_revision")
    readonly_fields = ("share_done",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[VectorIndex]:
        found: QuerySet[VectorIndex] = super().get_queryset(request)
        return found.select_related("lexical").defer("lexical__data")

    @admin.display(description=words("done", "أُنجز"))
    def share_done(self, index: VectorIndex) -> str:
        found = progress(index)
        return SHARE.show(done=found.done, total=found.total)


class EntryInline(ReadOnlyInline):
    model = RecommendationEntry
    fields = ("task", "match_percentage", "score", "algorithm", "parts", "computed_at")
    readonly_fields = fields
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecommendationEntry]:
        found: QuerySet[RecommendationEntry] = super().get_queryset(request)
        return found.select_related("task").order_by("-score")


@admin.register(RecommendationList)
class RecommendationListAdmin(ReadOnlyAdmin):
    """Why does this user see what they see."""

    list_display = (
        "user",
        "algorithm",
        "computed_at",
        "inputs_changed_at",
        "is_full",
        "ranking_version",
        "statistics",
    )
    list_filter = ("algorithm", "is_full")
    search_fields = ("user__username", "=user__id")
    list_select_related = ("user",)
    inlines = (EntryInline,)


@admin.register(RecommendationLog)
class RecommendationLogAdmin(ReadOnlyAdmin):
    list_display = ("user", "recommendation_type", "algorithm_used", "created_at")
    list_filter = ("recommendation_type", "algorithm_used")
    search_fields = ("user__username", "=user__id")
    date_hierarchy = "created_at"
    list_select_related = ("user",)


@admin.register(RecommendationFeedback)
class RecommendationFeedbackAdmin(ReadOnlyAdmin):
    list_display = ("user", "task", "action", "reason", "created_at")
    list_filter = ("action",)
    search_fields = ("user__username", "=user__id", "=task__id")
    date_hierarchy = "created_at"
    list_select_related = ("user", "task")


@admin.register(MatchStatistics)
class MatchStatisticsAdmin(ReadOnlyAdmin):
    """What scores are computed with, and what the log has taught."""

    list_display = ("id", "created_at", "sets", "learned")
    date_hierarchy = "created_at"
    ordering = ("-id",)


@admin.register(TaskExposure)
class TaskExposureAdmin(ReadOnlyAdmin):
    """Which tasks do people get to see."""

    list_display = ("task", "readings", "updated_at")
    search_fields = ("=task__id",)
    list_select_related = ("task",)
    ordering = ("readings", "task")
    show_full_result_count = False


@admin.register(PersonExposure)
class PersonExposureAdmin(ReadOnlyAdmin):
    """Which freelancers do clients get to see."""

    list_display = ("user", "readings", "updated_at")
    search_fields = ("user__username", "=user__id")
    list_select_related = ("user",)
    ordering = ("readings", "user")
    show_full_result_count = False


@admin.register(SearchTerm)
class SearchTermAdmin(ReadOnlyAdmin):
    """What do people write, and how often."""

    list_display = ("term", "documents", "written", "counted_at")
    search_fields = ("term__startswith",)
    ordering = ("-documents", "term")
    exclude = ("near",)
    show_full_result_count = False


@admin.register(SearchPhrase)
class SearchPhraseAdmin(ReadOnlyAdmin):
    """What is suggested as one types."""

    list_display = ("shown", "documents")
    search_fields = ("key__startswith",)
    ordering = ("-documents", "key")
