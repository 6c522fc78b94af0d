"""Shapes that every part of the OpenAPI schema shares, and what every operation may answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

HEADER_OF_KEYS = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": (
        "Any unique text, such as a UUID. A repeat within 24 hours returns the first answer with "
        "`Idempotency-Replayed: true` and creates nothing; the same key with another body is a 422."
    ),
}


MODE_HEADER = "X-Search-Mode"
MODE_PARAMETER = OpenApiParameter(
    MODE_HEADER,
    str,
    OpenApiParameter.HEADER,
    enum=["hybrid", "lexical"],
    response=[200],
    description="After a search: whether words and meaning answered, or the words alone.",
)


class ErrorSerializer(serializers.Serializer[Any]):
    """Every error: a sentence in the caller's language, a code that never changes, the fields at fault."""

    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # the contract's name is also a property of DRF's
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


def _error(description: str, **headers: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    if headers:
        found["headers"] = {
            name.replace("_", "-"): {"schema": {"type": "integer"}, "description": text}
            for name, text in headers.items()
        }
    return found


_WAIT = "Seconds to wait."
# Written once under `components`, and referred to by every operation that may answer so.
ERRORS: dict[str, tuple[str, dict[str, Any]]] = {
    "400": ("Invalid", _error("The body, a parameter or a header is not valid; `errors` names the fields.")),
    "401": ("NotAuthenticated", _error("No token, or one that is not valid any more.")),
    "403": ("Forbidden", _error("The caller may not do this.")),
    "404": ("NotFound", _error("Not there, or not the caller's to know of.")),
    "406": ("NotAcceptable", _error("JSON is the only format that is offered.")),
    "409": ("Conflict", _error("The object is in a state that forbids this.")),
    "413": ("TooLarge", _error("The body is larger than what is taken.")),
    "415": ("UnsupportedMediaType", _error("The body is of a type that is not taken here.")),
    "422": ("KeyMismatch", _error("The idempotency key was used before, with another request.")),
    "429": ("Throttled", _error("Too many requests.", Retry_After=_WAIT)),
    "503": ("Unavailable", _error("A part this request needs is down.", Retry_After=_WAIT)),
}
ERROR_RESPONSES = dict(ERRORS.values())


def _is_plain_error(response: dict[str, Any]) -> bool:
    """Whether a view only said that this status is an error, without a description or example of its own."""
    contents = response.get("content", {}).values()
    error = {"$ref": "#/components/schemas/Error"}
    return not response.get("description") and any(content == {"schema": error} for content in contents)


def add_error_responses(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's last step: put the shared answers where the operations look for them."""
    result["components"]["responses"] = ERROR_RESPONSES
    return result


class ApiSchema(AutoSchema):
    """drf-spectacular's, with the errors every operation can have and the header of idempotency keys.

    A view documents what is its own: 403, 409 and its answers.
    """

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        self.resolve_serializer(ErrorSerializer, "response")
        if getattr(getattr(self.view, self.method.lower(), None), "is_idempotent", False):
            operation.setdefault("parameters", []).append(HEADER_OF_KEYS)
        responses = operation["responses"]
        plain = {status for status, response in responses.items() if _is_plain_error(response)}
        for status in (self._usual(operation) - set(responses)) | (plain & set(ERRORS)):
            responses[status] = {"$ref": f"#/components/responses/{ERRORS[status][0]}"}
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _get_examples(
        self, serializer: Any, direction: str, media_type: str, *args: Any, **kwargs: Any
    ) -> Any:
        found = super()._get_examples(serializer, direction, media_type, *args, **kwargs)
        if not found and direction == "request" and media_type == "multipart/form-data":
            # An example that names no media type holds for a form as it does for JSON.
            found = super()._get_examples(serializer, direction, "application/json", *args, **kwargs)
        return found

    def _usual(self, operation: dict[str, Any]) -> set[str]:
        """Statuses that follow from the form of the operation."""
        parameters = operation.get("parameters", [])
        places = {parameter["in"] for parameter in parameters}
        found = {"406", "429", "503"}
        if self.view.authentication_classes:
            found.add("401")
        if "path" in places or any(parameter["name"] == "page" for parameter in parameters):
            found.add("404")
        if "query" in places:
            found.add("400")
        if "requestBody" in operation:
            found |= {"400", "413", "415"}
        if HEADER_OF_KEYS in parameters:
            found |= {"400", "409", "422"}
        return found
