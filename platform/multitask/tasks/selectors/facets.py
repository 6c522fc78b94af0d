"""How many tasks there are of each kind, within a filter."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, F, QuerySet, Value, When

from multitask.common.pagination import EXACT_ROWS
from multitask.common.places import city_shown
from multitask.common.remember import key_of, remember
from multitask.tasks.models import MAX_BUDGET, MIN_BUDGET, Category, Task

# Lower ends of the budget bands in EGP; each ends a piastre below the next.
BAND_STARTS = (MIN_BUDGET, *(Decimal(start) for start in (500, 1_000, 5_000, 10_000, 50_000)))
CITIES = 50

_GROUPS = ("category_id", "city_key", "task_type", "listing_type", "band")


def budget_bands() -> list[tuple[Decimal, Decimal]]:
    """(least, most) of each band, both inclusive: what `min_budget` and `max_budget` take."""
    ends = [*(start - Decimal("0.01") for start in BAND_STARTS[1:]), MAX_BUDGET]
    return list(zip(BAND_STARTS, ends, strict=True))


def task_facets(tasks: QuerySet[Task]) -> dict[str, Any]:
    """{"count", "category", "city", "task_type", "listing_type", "budget"}, the fullest first; kinds without a task
    are left out.

    Two queries of the database for a filter with few tasks; above `EXACT_ROWS` the answer of
    `FACETS_CACHE_SECONDS` ago at most, so that it costs the same however many tasks there are.
    """
    try:
        statement = tasks.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return _shown([["total", None, None, 0]])
    return _shown(
        remember(
            key_of("facets", statement),
            lambda: _grouped(tasks),
            seconds=settings.FACETS_CACHE_SECONDS,
            worth=lambda found: any(row[0] == "total" and row[3] > EXACT_ROWS for row in found),
        )
    )


def _grouped(tasks: QuerySet[Task]) -> list[list[Any]]:
    """[which group, its value, a spelling of it, how many] of every group, and the total, in one statement."""
    bands = [When(budget__gte=start, then=Value(start)) for start in reversed(BAND_STARTS)]
    rows = (
        tasks.order_by()
        .annotate(band=Case(*bands, default=Value(MIN_BUDGET)), spelling=F("city"))
        .values_list(*_GROUPS, "spelling")
    )
    inner, params = rows.query.sql_with_params()
    columns = ", ".join(_GROUPS)
    sets = ", ".join(f"({column})" for column in _GROUPS)
    which = " ".join(f"WHEN GROUPING({column}) = 0 THEN '{column}'" for column in _GROUPS)
    value = ", ".join(f"{column}::text" for column in _GROUPS)
    with connection.cursor() as cursor:
        # Column names are constants, and the inner statement brings its own parameters.
        cursor.execute(
            f"""
            SELECT CASE {which} ELSE 'total' END, COALESCE({value}), min(spelling), count(*)
            FROM ({inner}) AS found ({columns}, spelling)
            GROUP BY GROUPING SETS ({sets}, ())
            """,  # noqa: S608
            params,
        )
        return [list(row) for row in cursor.fetchall()]


def _shown(groups: Sequence[Sequence[Any]]) -> dict[str, Any]:
    found: dict[str, list[tuple[str, str, int]]] = {name: [] for name in (*_GROUPS, "total")}
    for which, value, spelling, number in groups:
        found[which].append((value, spelling, number))
    for rows in found.values():
        rows.sort(key=lambda row: (-row[2], str(row[0])))
    categories = {str(row.pk): row for row in Category.objects.all()}
    ends = dict(budget_bands())
    bands = sorted((Decimal(value), number) for value, _, number in found["band"])
    return {
        "count": found["total"][0][2] if found["total"] else 0,
        "category": [
            {"value": categories[value].slug, "name": categories[value].name, "count": number}
            for value, _, number in found["category_id"]
            if value in categories
        ],
        "city": [
            {"value": value, "name": city_shown(value, spelling=spelling), "count": number}
            for value, spelling, number in found["city_key"]
            if value
        ][:CITIES],
        "task_type": [{"value": value, "count": number} for value, _, number in found["task_type"]],
        "listing_type": [{"value": value, "count": number} for value, _, number in found["listing_type"]],
        "budget": [{"min": start, "max": ends[start], "count": number} for start, number in bands],
    }
