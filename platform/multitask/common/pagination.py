"""`{"count", "next", "previous", "results"}`, 12 a page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils.functional import cached_property
from rest_framework.pagination import PageNumberPagination

from multitask.common.remember import key_of, remember

# Up to this many rows a list is counted at every request.
EXACT_ROWS = 1_000
_COUNT = "SELECT count(*) FROM (SELECT FROM ({}) AS every_row LIMIT %s) AS counted"


def counted(queryset: QuerySet[Any]) -> int:
    """How many rows there are: exact up to `EXACT_ROWS`, above that as of `FACETS_CACHE_SECONDS` ago at most.

    Counting reads every row, so that without a bound a page would cost more with every task that is posted.
    """
    some = queryset.order_by().select_related(None).prefetch_related(None)
    try:
        statement = some.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0

    def count() -> int:
        # The statement that makes the key: to have the ORM make another of it costs as much as running it.
        with connections[some.db].cursor() as cursor:
            for limit in (EXACT_ROWS + 1, None):
                cursor.execute(_COUNT.format(statement[0]), (*statement[1], limit))
                number: int = cursor.fetchone()[0]
                if number <= EXACT_ROWS:
                    break
        return number

    # Asked for first: finding out that a filter leaves more than `EXACT_ROWS` may read far more rows than that.
    key = key_of("count", str(queryset.model._meta.label), statement)
    return remember(
        key, count, seconds=settings.FACETS_CACHE_SECONDS, worth=lambda number: number > EXACT_ROWS
    )


class BoundedPaginator(Paginator):  # not generic outside the stubs
    @cached_property
    def count(self) -> int:
        return counted(self.object_list) if isinstance(self.object_list, QuerySet) else len(self.object_list)


class PagePagination(PageNumberPagination):
    page_size = 12
    page_size_query_param = "page_size"
    max_page_size = 100
    django_paginator_class = BoundedPaginator
