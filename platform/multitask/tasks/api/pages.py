"""Pages of tasks."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from multitask.common.pagination import PagePagination
from multitask.tasks.selectors.tasks import tasks_furnish


class TaskPagination(PagePagination):
    """Reads the skills and pictures of a page's tasks itself."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        page: list[Any] | None = super().paginate_queryset(queryset.prefetch_related(None), request, view)
        if page:
            tasks_furnish(page)
        return page
