"""What `GET /api/tasks/` can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from multitask.tasks.models import ListingType, Task, TaskStatus, TaskType

ID_DIGITS = 18


class StableOrdering(django_filters.OrderingFilter):
    """Equals go by id, the newest first: without an order among them pages would repeat some and lose others."""

    def filter(self, qs: QuerySet[Task], value: Any) -> QuerySet[Task]:
        ordered: QuerySet[Task] = super().filter(qs, value)
        return ordered.order_by(*ordered.query.order_by, "-id") if value else ordered


class TaskFilter(django_filters.FilterSet):
    category = django_filters.CharFilter(field_name="category__slug", help_text="Slug of a category.")
    status = django_filters.ChoiceFilter(choices=TaskStatus.choices)
    task_type = django_filters.ChoiceFilter(choices=TaskType.choices)
    listing_type = django_filters.ChoiceFilter(choices=ListingType.choices)
    min_budget = django_filters.NumberFilter(field_name="budget", lookup_expr="gte")
    max_budget = django_filters.NumberFilter(field_name="budget", lookup_expr="lte")
    city = django_filters.CharFilter(field_name="city", lookup_expr="iexact")
    is_remote = django_filters.BooleanFilter()
    client = django_filters.NumberFilter(field_name="client_id")
    assigned_to = django_filters.NumberFilter(field_name="assigned_to_id")
    posted_since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    skills = django_filters.CharFilter(
        method="with_skills", help_text="Ids of skills, with commas between: any of them."
    )
    search = django_filters.CharFilter(method="with_words", help_text="Words of the title or description.")
    ordering = StableOrdering(
        fields=[("created_at", "created_at"), ("budget", "budget"), ("deadline", "deadline")]
    )

    class Meta:
        model = Task
        fields: list[str] = []

    def with_skills(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        # No id has more digits than a bigint; thousands of them would make int() itself refuse.
        ids = [int(part) for part in value.split(",") if part.strip().isdecimal() and len(part) <= ID_DIGITS]
        through: Any = Task.required_skills.through
        return queryset.filter(pk__in=through.objects.filter(skill__in=ids).values("task_id"))

    def with_words(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        wanted = Q()
        for word in value.split()[:8]:
            wanted &= Q(title__icontains=word) | Q(description__icontains=word)
        return queryset.filter(wanted)
