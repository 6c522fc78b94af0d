"""Lists that also take `?cursor=`: a place in the list rather than a number of rows, stable while rows are added."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from multitask.common.errors import Invalid
from multitask.common.pagination import PagePagination

LARGEST = 2**63 - 1
LENGTH_LIMIT = 200
ONWARD, BACK = "n", "p"
MEANING = (
    "A place in the list, from `next` or `previous`; empty for its beginning. Then there is no `count`, and pages do "
    "not shift while rows are added."
)
Place = tuple[int | datetime, ...]


class CursorOrPagePagination(PagePagination):
    """`?page=` as everywhere, or `?cursor=`, which gives {next, previous, results}.

    A subclass names the fields of the list's order, which all fall; the last one tells rows apart.
    """

    fields: tuple[str, ...] = ("id",)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self.by_cursor = "cursor" in request.query_params
        if not self.by_cursor:
            return super().paginate_queryset(queryset, request, view)
        self.request: Request = request
        return self._page(queryset, request)

    def _page(self, rows: QuerySet[Any], request: Request) -> list[Any]:
        size = self.get_page_size(request) or self.page_size
        way, place = self._read(request.query_params["cursor"])
        rows = rows.order_by(*(f"{'-' if way == ONWARD else ''}{name}" for name in self.fields))
        if place is not None:
            rows = rows.filter(_beyond(self.fields, place, "lt" if way == ONWARD else "gt"))
        found = list(rows[: size + 1])
        more, found = len(found) > size, found[:size]
        if way == BACK:
            found.reverse()
        # Whoever came from one side may go back there; on the other side there is more only where it was seen.
        self.next_place = self._place(found[-1]) if found and (more or way == BACK) else None
        is_later = place is not None and way == ONWARD
        self.previous_place = (
            self._place(found[0]) if found and (is_later or (more and way == BACK)) else None
        )
        return found

    def _place(self, row: Any) -> Place:
        return tuple(getattr(row, name) for name in self.fields)

    def _read(self, text: str) -> tuple[str, Place | None]:
        """(the way, the place) of a cursor. Raises Invalid bad_cursor."""
        if not text:
            return ONWARD, None
        try:
            if len(text) > LENGTH_LIMIT:
                raise ValueError(text)
            way, *values = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=="))
            place = tuple(_value(value) for value in values)
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise Invalid("bad_cursor", field="cursor") from error
        if way not in {ONWARD, BACK} or len(place) != len(self.fields):
            raise Invalid("bad_cursor", field="cursor")
        # A number where a time belongs would be an error of the database.
        if not all(
            isinstance(value, datetime) == name.endswith("_at")
            for name, value in zip(self.fields, place, strict=True)
        ):
            raise Invalid("bad_cursor", field="cursor")
        return way, place

    def _link(self, way: str, place: Place | None) -> str | None:
        if place is None:
            return None
        values = [value.isoformat() if isinstance(value, datetime) else value for value in place]
        token = base64.urlsafe_b64encode(json.dumps([way, *values], separators=(",", ":")).encode()).decode()
        parameters = {name: value for name, value in self.request.query_params.items() if name != "cursor"}
        address = self.request.build_absolute_uri(self.request.path)
        return f"{address}?{urlencode(parameters | {'cursor': token.rstrip('=')})}"

    def get_paginated_response(self, data: Any) -> Response:
        if not self.by_cursor:
            return super().get_paginated_response(data)
        return Response(
            {
                "next": self._link(ONWARD, self.next_place),
                "previous": self._link(BACK, self.previous_place),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = super().get_paginated_response_schema(schema)
        made["required"] = ["results"]
        made["properties"]["count"]["description"] = "Not with `cursor`."
        return made

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        return [
            *found,
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "schema": {"type": "string"},
                "description": MEANING,
            },
        ]


def _value(value: Any) -> int | datetime:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return value
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found


def _beyond(fields: tuple[str, ...], place: Place, side: str) -> Q:
    """Rows behind a place. The first field is bounded by itself as well, which is what an index can use."""
    wanted = Q()
    for number, (name, value) in enumerate(zip(fields, place, strict=True)):
        same = Q(**dict(zip(fields[:number], place[:number], strict=True)))
        wanted |= same & Q(**{f"{name}__{side}": value})
    return Q(**{f"{fields[0]}__{side}e": place[0]}) & wanted
