"""`?fields=id,title` on lists and details."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter

FIELDS_PARAMETER = OpenApiParameter(
    "fields", str, description="Names of fields, with commas between: only those are returned."
)


class SparseFieldsMixin:
    """Leaves out, at the top level of a request's answer, every field that `?fields=` does not name."""

    context: dict[str, Any]

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()  # type: ignore[misc]
        request = self.context.get("request")
        wanted = (
            request.query_params.get("fields") if request is not None and request.method == "GET" else None
        )
        if not wanted:
            return fields
        names = {name.strip() for name in wanted.split(",")}
        return {name: field for name, field in fields.items() if name in names}
