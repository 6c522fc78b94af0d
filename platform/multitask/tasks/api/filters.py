"""What `GET /api/tasks/` can be narrowed by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from multitask.tasks.models import Category, ListingType, Task, TaskStatus, TaskType

ID_DIGITS = 18


# Equals go by id, the newest first: without an order among them pages would repeat some and lose others.
ORDERINGS: dict[str, list[Any]] = {
    "created_at": ["created_at", "id"],
    "-created_at": ["-created_at", "-id"],
    "budget": ["budget", "-id"],
    "-budget": ["-budget", "-id"],
    "deadline": ["deadline", "-id"],
    "-deadline": [F("deadline").desc(nulls_last=True), "-id"],
    # By how well the words of `search` are met; without them, and as long as words only narrow, the newest first.
    "relevance": ["-created_at", "-id"],
}


def _declared() -> dict[str, Any]:
    """Every filter of `TaskFilter` by name; typed here, as the library has no types."""
    filters: dict[str, Any] = vars(TaskFilter)["base_filters"]
    return filters


class TaskFilterBackend(DjangoFilterBackend):
    """Makes no form where nothing is asked for: it costs as much as reading a page."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if not _declared().keys() & request.query_params.keys():
            return queryset
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found


class MomentField(IsoDateTimeField):
    """A time in UTC: PostgreSQL refuses offsets of 16 hours and more, which ISO 8601 allows."""

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        try:
            return found if found is None else found.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class TaskFilter(django_filters.FilterSet):
    category = django_filters.CharFilter(method="in_category", help_text="Slug of a category.")
    status = django_filters.ChoiceFilter(choices=TaskStatus.choices)
    task_type = django_filters.ChoiceFilter(choices=TaskType.choices)
    listing_type = django_filters.ChoiceFilter(choices=ListingType.choices)
    min_budget = django_filters.NumberFilter(field_name="budget", lookup_expr="gte")
    max_budget = django_filters.NumberFilter(field_name="budget", lookup_expr="lte")
    city = django_filters.CharFilter(field_name="city", lookup_expr="iexact")
    is_remote = django_filters.BooleanFilter()
    client = django_filters.NumberFilter(field_name="client_id")
    assigned_to = django_filters.NumberFilter(field_name="assigned_to_id")
    posted_since = MomentFilter(field_name="created_at", lookup_expr="gte")
    skills = django_filters.CharFilter(
        method="with_skills", help_text="Ids of skills, with commas between: any of them."
    )
    search = django_filters.CharFilter(method="with_words", help_text="Words of the title or description.")
    ordering = django_filters.ChoiceFilter(
        method="in_order",
        choices=[(name, name) for name in ORDERINGS],
        help_text="The newest first by default. `relevance` is by the words of `search`.",
    )

    class Meta:
        model = Task
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        # A filter that is not asked for narrows nothing, and making its field costs as much as one that is.
        asked = data or {}
        self.base_filters = {name: found for name, found in _declared().items() if name in asked}
        super().__init__(data, *args, **kwargs)

    def in_category(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        # A constant for the planner, which then walks the category's own index.
        return queryset.filter(category=Category.objects.filter(slug=value).order_by().values("pk")[:1])

    def in_order(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.order_by(*ORDERINGS[value])

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
