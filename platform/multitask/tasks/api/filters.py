"""What `GET /api/tasks/` can be narrowed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from multitask.common.places import city_key_of
from multitask.tasks.models import Category, ListingType, Task, TaskStatus, TaskType
from multitask.tasks.selectors.search import TasksFound, tasks_found

ID_DIGITS = 18


# Equals go by id, the newest first: without an order among them pages would repeat some and lose others.
ORDERINGS: dict[str, list[Any]] = {
    "created_at": ["created_at", "id"],
    "-created_at": ["-created_at", "-id"],
    "budget": ["budget", "-id"],
    "-budget": ["-budget", "-id"],
    "deadline": ["deadline", "-id"],
    "-deadline": [F("deadline").desc(nulls_last=True), "-id"],
    # By how well `search` is met (`Searched`); without it the newest first.
    "relevance": ["-created_at", "-id"],
}


def _declared() -> dict[str, Any]:
    """Every filter of `TaskFilter` by name; typed here, as the library has no types."""
    filters: dict[str, Any] = vars(TaskFilter)["base_filters"]
    return filters


@dataclass(frozen=True, slots=True)
class Searched:
    """What a view's request has found. `tasks` are those of the other filters; `ranked`: the best are to come first."""

    found: TasksFound
    tasks: QuerySet[Task]
    ranked: bool


class TaskFilterBackend(DjangoFilterBackend):
    """Makes no form where nothing is asked for: it costs as much as reading a page.

    The other filters narrow first; `search` then finds among what they leave. The view's `searched` tells what.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        view.searched = None
        asked = request.query_params
        if not _declared().keys() & asked.keys():
            return queryset
        tasks: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        text = asked.get("search", "")
        if not text.strip():
            return tasks
        beside_counts = view.pagination_class is None
        near = getattr(request.user, "city_key", "")
        found = tasks_found(tasks, text, again=beside_counts or asked.get("page", "1") != "1", near=near)
        ranked = asked.get("ordering", "relevance") in {"relevance", ""}
        view.searched = Searched(found, tasks, ranked)
        # A page of the best is read by its ids alone (`TaskPagination`).
        return tasks if ranked and not beside_counts else tasks.filter(pk__in=found.ids)


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
    city = django_filters.CharFilter(
        method="in_city", help_text="In either language and any spelling; a district finds its whole city."
    )
    is_remote = django_filters.BooleanFilter()
    client = django_filters.NumberFilter(field_name="client_id")
    assigned_to = django_filters.NumberFilter(field_name="assigned_to_id")
    posted_since = MomentFilter(field_name="created_at", lookup_expr="gte")
    skills = django_filters.CharFilter(
        method="with_skills", help_text="Ids of skills, with commas between: any of them."
    )
    search = django_filters.CharFilter(
        method="found_later",
        help_text="Words in Arabic, English or both, in any spelling; 300 characters are read. The best come first, "
        "1,000 at most.",
    )
    ordering = django_filters.ChoiceFilter(
        method="in_order",
        choices=[(name, name) for name in ORDERINGS],
        help_text="The newest first by default; with `search` by `relevance`, which without it is the newest first.",
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

    def in_city(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        key = city_key_of(value)
        return queryset.filter(city_key=key) if key else queryset.none()

    def in_order(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.order_by(*ORDERINGS[value])

    def with_skills(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        # No id has more digits than a bigint; thousands of them would make int() itself refuse.
        ids = [int(part) for part in value.split(",") if part.strip().isdecimal() and len(part) <= ID_DIGITS]
        through: Any = Task.required_skills.through
        return queryset.filter(pk__in=through.objects.filter(skill__in=ids).values("task_id"))

    def found_later(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        # Searched for among what every other filter leaves: `TaskFilterBackend`.
        return queryset
