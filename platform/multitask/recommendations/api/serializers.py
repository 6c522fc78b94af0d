"""Skills and recommendations as they go over the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from multitask.recommendations.models import Algorithm, FeedbackAction, Proficiency, Skill, UserSkill
from multitask.tasks.api.serializers import TaskSerializer


class SkillSerializer(serializers.ModelSerializer[Skill]):
    """A skill; `name` is in the caller's language."""

    name = serializers.CharField(read_only=True)
    category: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)

    class Meta:
        model = Skill
        fields = ["id", "slug", "name", "name_en", "name_ar", "category", "usage_count"]
        read_only_fields = fields


class UserSkillSerializer(serializers.ModelSerializer[UserSkill]):
    skill = SkillSerializer(read_only=True)

    class Meta:
        model = UserSkill
        fields = ["id", "skill", "proficiency_level", "years_experience", "is_verified", "created_at"]
        read_only_fields = fields


class UserSkillCreateSerializer(serializers.Serializer[UserSkill]):
    skill_id = serializers.IntegerField(min_value=1)
    proficiency_level = serializers.ChoiceField(choices=Proficiency.choices, default=Proficiency.INTERMEDIATE)
    years_experience = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=0, max_value=70, allow_null=True, default=None
    )


class UserSkillChangeSerializer(serializers.Serializer[UserSkill]):
    proficiency_level = serializers.ChoiceField(choices=Proficiency.choices, required=False)
    years_experience = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=0, max_value=70, required=False
    )


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    params = serializers.DictField()


class RecommendedSerializer(serializers.Serializer[Any]):
    """One recommended task; `score_parts` are the scorer's own terms and sum to the score (0 to 1)."""

    task = TaskSerializer(read_only=True)
    match_percentage = serializers.IntegerField(min_value=0, max_value=100)
    match_reasons = serializers.ListField(
        child=serializers.CharField(), help_text="In the caller's language."
    )
    reasons = ReasonSerializer(many=True)
    score_parts = serializers.DictField(child=serializers.FloatField(), source="parts")


class RecommendationsSerializer(serializers.Serializer[Any]):
    recommendations = RecommendedSerializer(many=True, source="rows")
    total_count = serializers.IntegerField(source="total")
    algorithm_used = serializers.ChoiceField(choices=Algorithm.choices, source="algorithm")
    computed_at = serializers.DateTimeField(allow_null=True)
    stale = serializers.BooleanField(help_text="The profile has changed since; a fresh list is on its way.")


class LimitSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)


class FeedbackSerializer(serializers.Serializer[Any]):
    task = serializers.IntegerField(min_value=1, source="task_id")
    action = serializers.ChoiceField(choices=FeedbackAction.choices)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")
