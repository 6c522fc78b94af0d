"""Every response carries X-Request-ID, every log line of the request the same id; the API speaks UTC."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from multitask.common import request_id
from multitask.common.errors import too_large, unsupported_media_type

UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        identifier = request_id.sane(request.headers.get(request_id.HEADER))
        with request_id.bound(identifier):
            response = self.get_response(request)
        response[request_id.HEADER] = identifier
        return response


class ApiTimeMiddleware:
    """Times of the API are UTC, read and written; the platform's own clock (schedules, admin) is Cairo's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        with timezone.override("UTC"):
            return self.get_response(request)


class BodyMiddleware:
    """A body that says it is too large, or is not UTF-8, is refused before a byte of it is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        charset = (request.content_params or {}).get("charset", "utf-8")
        # Python knows "encodings" such as zlib, which are no character sets and would swell a body or break the reader.
        if charset.lower() not in UTF8:
            return unsupported_media_type(request)
        is_form = request.content_type == "multipart/form-data"
        limit = settings.MULTIPART_MAX_SIZE if is_form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if _length(request) > limit:
            return too_large(request)
        return self.get_response(request)


def _length(request: HttpRequest) -> int:
    """Bytes of the body. Sent in chunks it has no Content-Length, and without one nothing reads it: note it."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    stream: Any = getattr(request, "_stream", None)
    if not length and "HTTP_TRANSFER_ENCODING" in request.META and hasattr(stream, "seek"):
        # The ASGI server hands the whole body over as a file.
        length = str(stream.seek(0, io.SEEK_END))
        stream.seek(0)
        request.META["CONTENT_LENGTH"] = length
    return int(length[:20]) if length.isdecimal() else 0
