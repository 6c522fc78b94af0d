"""Skills and recommendations as they go over the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from multitask.recommendations.models import Proficiency, Skill, UserSkill


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
