"""What the assistant looks up for somebody: tasks, their recommendations, how their own tasks and applications stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.db.models import Count, Q
from django.utils import timezone

from ml.chatbot.flow import Category as Choice
from multitask.accounts.models import User
from multitask.common.clock import local_date, moment_of
from multitask.common.places import city_key_of
from multitask.recommendations.selectors.lists import list_read
from multitask.tasks.models import Category, ListingType, Task, TaskApplication, TaskStatus
from multitask.tasks.selectors.search import tasks_found

RECOMMENDED = 5


def today() -> date:
    """The day in Cairo."""
    return local_date(timezone.now())


def end_of(day: date) -> datetime:
    """The last second of a day of Cairo."""
    return moment_of(day, time(23, 59, 59)).astimezone(UTC)


def choices() -> tuple[Choice, ...]:
    """The categories that a task may have, in the order in which they are shown."""
    rows = Category.objects.filter(is_active=True).order_by("order", "id")
    return tuple(Choice(row.slug, row.name_en, row.name_ar) for row in rows)


def recommended_count(actor: User) -> int:
    """How many tasks of the actor's list are shown first, `RECOMMENDED` at most."""
    return len(list_read(user=actor, limit=RECOMMENDED).rows)


def tasks_count(filters: Mapping[str, str], *, actor: User) -> int:
    """How many open tasks of others `filters` leave: category, search, min_budget, max_budget, city, is_remote."""
    rows = Task.objects.filter(
        Q(deadline__isnull=True) | Q(deadline__gt=timezone.now()),
        status=TaskStatus.OPEN,
        listing_type=ListingType.TASK_REQUEST,
    ).exclude(client=actor)
    if "category" in filters:
        rows = rows.filter(category__slug=filters["category"])
    if "min_budget" in filters:
        rows = rows.filter(budget__gte=Decimal(filters["min_budget"]))
    if "max_budget" in filters:
        rows = rows.filter(budget__lte=Decimal(filters["max_budget"]))
    if filters.get("is_remote") == "true":
        rows = rows.filter(is_remote=True)
    if "city" in filters:
        key = city_key_of(filters["city"])
        rows = rows.filter(city_key=key) if key else rows.none()
    if filters.get("search", "").strip():
        return len(tasks_found(rows, filters["search"], near=actor.city_key).ids)
    return rows.count()


def tasks_by_status(actor: User) -> dict[str, int]:
    rows = Task.objects.filter(client=actor, listing_type=ListingType.TASK_REQUEST).order_by()
    return dict(rows.values_list("status").annotate(number=Count("pk")))


def applications_by_status(actor: User) -> dict[str, int]:
    rows = TaskApplication.objects.filter(freelancer=actor).order_by()
    return dict(rows.values_list("status").annotate(number=Count("pk")))
