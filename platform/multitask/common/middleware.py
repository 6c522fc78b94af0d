"""Every response carries X-Request-ID, every log line of the request the same id; the API speaks UTC."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from multitask.common import request_id


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
