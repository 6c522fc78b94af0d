"""`{"count", "next", "previous", "results"}`, 12 a page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property
from rest_framework.pagination import PageNumberPagination

from multitask.common.remember import key_of, remember

# Up to this many rows a list is counted at every request.
EXACT_ROWS = 1_000


def counted(queryset: QuerySet[Any]) -> int:
    """How many rows there are: exact up to `EXACT_ROWS`, above that as of `FACETS_CACHE_SECONDS` ago at most.

    Counting reads every row, so that without a bound a page would cost more with every task that is posted.
    """
    some = queryset.order_by().select_related(None).prefetch_related(None)
    number = some[: EXACT_ROWS + 1].count()
    if number <= EXACT_ROWS:
        return number
    key = key_of("count", str(queryset.model._meta.label), some.values("pk").query.sql_with_params())
    return remember(key, some.count, seconds=settings.FACETS_CACHE_SECONDS)


class BoundedPaginator(Paginator):  # not generic outside the stubs
    @cached_property
    def count(self) -> int:
        return counted(self.object_list) if isinstance(self.object_list, QuerySet) else len(self.object_list)


class PagePagination(PageNumberPagination):
    page_size = 12
    page_size_query_param = "page_size"
    max_page_size = 100
    django_paginator_class = BoundedPaginator
