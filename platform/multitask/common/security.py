"""What a browser may do with our pages: nothing that we do not ask for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

SHARED = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"
PAGES = f"default-src 'self'; img-src 'self' data: blob:; {SHARED}"
# Swagger UI and Redoc write their styles into the page; Redoc searches in a worker made from a blob.
API_PAGES = (
    f"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    f"img-src 'self' data:; {SHARED}"
)
# The application writes places of menus and the look of toasts into the page, and talks to its own sockets.
APPLICATION = (
    f"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; "
    f"connect-src 'self'; worker-src 'self'; manifest-src 'self'; {SHARED}"
)
DATA = "default-src 'none'; frame-ancestors 'none'"
# What the service worker may fetch is said by its own file's policy.
WORKER = "default-src 'none'; connect-src 'self'"
FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class ContentPolicyMiddleware:
    """A Content-Security-Policy on every answer that has none of its own, and no device for any page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            policy = WORKER if request.path == "/sw.js" else DATA
        else:
            match = getattr(request, "resolver_match", None)
            is_application = match is not None and match.view_name in {"front", "spa"}
            is_schema = request.path.startswith("/api/schema/")
            policy = API_PAGES if is_schema else APPLICATION if is_application else PAGES
            response.headers.setdefault("Permissions-Policy", FEATURES)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response
