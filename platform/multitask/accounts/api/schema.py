"""OpenAPI for what drf-spectacular leaves out: the body of a DELETE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from multitask.common.schema import ApiSchema

Handler = TypeVar("Handler", bound=Callable[..., Any])


class BodyOnDeleteSchema(ApiSchema):
    """Documents the body of a DELETE as that of a POST would be."""

    def _get_request_body(self, direction: str = "request") -> Any:
        method = self.method
        self.method = "POST"
        try:
            return super()._get_request_body(direction)
        finally:
            self.method = method


def body_on_delete(handler: Handler) -> Handler:
    """Decorates the `delete` of a view, below `extend_schema`."""
    handler.schema = BodyOnDeleteSchema  # type: ignore[attr-defined]
    return handler
