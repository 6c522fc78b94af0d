"""Recommendations, feedback and wishes as they go over the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from multitask.accounts.api.serializers import PublicProfileSerializer
from multitask.common.strict import StrictMixin
from multitask.recommendations.api.serializers import UserSkillCreateSerializer
from multitask.recommendations.models import Algorithm, FeedbackAction, UserPreference
from multitask.recommendations.services.feedback import CAUSES
from multitask.tasks.api.serializers import TaskSerializer
from multitask.tasks.models import MAX_BUDGET, MIN_BUDGET, TaskType


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    params = serializers.DictField()


class WhySerializer(serializers.Serializer[Any]):
    part = serializers.CharField()
    name = serializers.CharField(help_text="In the caller's language.")
    points = serializers.IntegerField(help_text="What it gives or takes; the points sum to the percentage.")


class RowSerializer(serializers.Serializer[Any]):
    """What the rows of both lists share; `score_parts` are the scorer's own terms and sum to `score` (0 to 1)."""

    match_percentage = serializers.IntegerField(min_value=0, max_value=100)
    match_reasons = serializers.ListField(
        child=serializers.CharField(), help_text="In the caller's language."
    )
    reasons = ReasonSerializer(many=True)
    score = serializers.FloatField(min_value=0.0, max_value=1.0)
    score_parts = serializers.DictField(child=serializers.FloatField(), source="parts")
    why = WhySerializer(many=True, help_text="The score taken apart, the greatest part first.")
    explored = serializers.BooleanField(
        help_text="Stands in this place because few have seen it, not for its score: one place in ten."
    )


class RecommendedSerializer(RowSerializer):
    """One recommended task."""

    task = TaskSerializer(read_only=True)


class SuitedSerializer(RowSerializer):
    """One freelancer for a task. The percentage is the one the freelancer is told; the score adds their record to it."""

    user = PublicProfileSerializer(read_only=True)


class ListSerializer(serializers.Serializer[Any]):
    total_count = serializers.IntegerField(source="total")
    algorithm_used = serializers.ChoiceField(choices=Algorithm.choices, source="algorithm")
    computed_at = serializers.DateTimeField(allow_null=True)


class RecommendationsSerializer(ListSerializer):
    recommendations = RecommendedSerializer(many=True, source="rows")
    stale = serializers.BooleanField(help_text="The profile has changed since; a fresh list is on its way.")


class SuitedListSerializer(ListSerializer):
    recommendations = SuitedSerializer(many=True, source="rows")
    stale = serializers.BooleanField(help_text="The task has changed since; its freelancers are being found.")


class LimitSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)


class ForTaskSerializer(LimitSerializer):
    task = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class FeedbackSerializer(serializers.Serializer[Any]):
    task = serializers.IntegerField(min_value=1, max_value=2**63 - 1, source="task_id")
    action = serializers.ChoiceField(choices=FeedbackAction.choices)
    reason = serializers.CharField(
        max_length=200,
        allow_blank=True,
        default="",
        help_text=(
            f"Why it was dismissed: one of {', '.join(CAUSES)}, which lowers tasks that share that feature for a while; "
            "or `other`, or one's own words."
        ),
    )


class PreferencesSerializer(serializers.ModelSerializer[UserPreference]):
    """What somebody looks for; `updated_at` is null where nothing has been said yet."""

    updated_at = serializers.DateTimeField(allow_null=True, read_only=True)

    class Meta:
        model = UserPreference
        fields = [*UserPreference.WISHES, "onboarding_completed", "onboarding_completed_at", "updated_at"]
        read_only_fields = fields


class WishesSerializer(StrictMixin, serializers.Serializer[UserPreference]):
    """Any of them may be left out; null takes a limit away."""

    refused = frozenset({"onboarding_completed", "onboarding_completed_at", "updated_at"})

    interests = serializers.ListField(
        child=serializers.SlugField(max_length=100),
        max_length=50,
        required=False,
        help_text="Slugs of categories.",
    )
    preferred_task_types = serializers.ListField(
        child=serializers.ChoiceField(choices=TaskType.choices), max_length=len(TaskType), required=False
    )
    min_budget = serializers.DecimalField(
        max_digits=10,
        decimal_places=2,
        min_value=MIN_BUDGET,
        max_value=MAX_BUDGET,
        allow_null=True,
        required=False,
    )
    max_budget = serializers.DecimalField(
        max_digits=10,
        decimal_places=2,
        min_value=MIN_BUDGET,
        max_value=MAX_BUDGET,
        allow_null=True,
        required=False,
    )
    preferred_location = serializers.CharField(max_length=100, allow_blank=True, required=False)
    max_distance = serializers.IntegerField(
        min_value=1, max_value=2_000, allow_null=True, required=False, help_text="Kilometres."
    )
    prefer_remote = serializers.BooleanField(required=False)
    prefer_physical = serializers.BooleanField(required=False)


class OnboardingSerializer(WishesSerializer):
    skills = UserSkillCreateSerializer(many=True, required=False, help_text="The whole of one's skills.")
