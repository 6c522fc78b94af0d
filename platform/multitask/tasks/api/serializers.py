"""Tasks and categories as they go over the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from multitask.accounts.api.serializers import UserCardSerializer
from multitask.common.fields import SparseFieldsMixin
from multitask.tasks.models import (
    DESCRIPTION_LIMIT,
    TITLE_LIMIT,
    Category,
    ListingType,
    Task,
    TaskImage,
    TaskType,
)


class CategorySerializer(serializers.ModelSerializer[Category]):
    """A category; `name` and `description` are in the caller's language."""

    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)

    class Meta:
        model = Category
        fields = ["id", "slug", "name", "name_en", "name_ar", "description", "icon", "order"]
        read_only_fields = fields


class SkillOfTaskSerializer(serializers.Serializer[Any]):
    """A required skill; `name` is in the caller's language."""

    id = serializers.IntegerField(read_only=True)
    slug = serializers.SlugField(read_only=True)
    name = serializers.CharField(read_only=True)


class TaskImageSerializer(serializers.ModelSerializer[TaskImage]):
    class Meta:
        model = TaskImage
        fields = ["id", "image", "order"]
        read_only_fields = fields


class TaskSerializer(SparseFieldsMixin, serializers.ModelSerializer[Task]):
    """A task as anyone may see it. Money is EGP."""

    client = UserCardSerializer(read_only=True)
    assigned_to = UserCardSerializer(read_only=True, allow_null=True)
    category = CategorySerializer(read_only=True)
    required_skills = SkillOfTaskSerializer(many=True, read_only=True)
    images = TaskImageSerializer(many=True, read_only=True)

    class Meta:
        model = Task
        fields = [
            "id",
            "client",
            "category",
            "title",
            "description",
            "task_type",
            "listing_type",
            "budget",
            "is_negotiable",
            "location",
            "city",
            "is_remote",
            "deadline",
            "estimated_duration",
            "status",
            "assigned_to",
            "required_skills",
            "image",
            "images",
            "views_count",
            "applications_count",
            "created_at",
            "updated_at",
            "completed_at",
        ]
        read_only_fields = fields


class TaskCreateSerializer(serializers.Serializer[Task]):
    """What a client sends to post a task, or a freelancer to offer a service."""

    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.filter(is_active=True)
    )
    title = serializers.CharField(max_length=TITLE_LIMIT)
    description = serializers.CharField(max_length=DESCRIPTION_LIMIT)
    budget = serializers.DecimalField(max_digits=10, decimal_places=2, help_text="EGP, 10 to 10,000,000.")
    listing_type = serializers.ChoiceField(choices=ListingType.choices, default=ListingType.TASK_REQUEST)
    task_type = serializers.ChoiceField(choices=TaskType.choices, default=TaskType.DIGITAL)
    is_negotiable = serializers.BooleanField(default=False)
    location = serializers.CharField(max_length=255, allow_blank=True, default="")
    city = serializers.CharField(max_length=100, allow_blank=True, default="")
    is_remote = serializers.BooleanField(default=False)
    deadline = serializers.DateTimeField(allow_null=True, default=None)
    estimated_duration = serializers.CharField(max_length=100, allow_blank=True, default="")
    required_skills = serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=20, default=list, help_text="Ids of skills."
    )
