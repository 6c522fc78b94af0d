"""Pages of tasks."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from multitask.common.pagination import PagePagination
from multitask.common.schema import MODE_HEADER
from multitask.tasks.selectors.tasks import tasks_furnish


class SearchedMixin:
    """For a view with `TaskFilterBackend`: lets its serializer mark what a search has found."""

    searched: Any = None

    def get_serializer_context(self) -> dict[str, Any]:
        context: dict[str, Any] = super().get_serializer_context()  # type: ignore[misc]
        return context | ({"wanted": self.searched.found.wanted} if self.searched is not None else {})


class TaskPagination(PagePagination):
    """Reads the skills and pictures of a page's tasks itself; after a search says how it was answered."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self.searched = getattr(view, "searched", None)
        page: list[Any] | None
        if self.searched is not None and self.searched.ranked:
            ids: list[int] = super().paginate_queryset(self.searched.found.ids, request, view) or []
            shown = {task.pk: task for task in self.searched.tasks.prefetch_related(None).filter(pk__in=ids)}
            page = [shown[pk] for pk in ids if pk in shown]
        else:
            page = super().paginate_queryset(queryset.prefetch_related(None), request, view)
        if page:
            tasks_furnish(page)
        return page

    def get_paginated_response(self, data: Any) -> Response:
        answer: Response = super().get_paginated_response(data)
        if self.searched is not None:
            assert isinstance(answer.data, dict)
            answer.data["did_you_mean"] = self.searched.found.did_you_mean
            answer[MODE_HEADER] = self.searched.found.mode
        return answer

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = super().get_paginated_response_schema(schema)
        made["properties"]["did_you_mean"] = {
            "type": "string",
            "nullable": True,
            "description": "With `search` alone: the query in the spelling that was probably meant.",
        }
        return made
