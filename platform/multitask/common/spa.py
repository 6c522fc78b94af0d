"""The built single-page application, at every address that is nobody else's."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from multitask.common.health import front_page

# What belongs to somebody else: what is not found there is not a page of the application.
OTHERS = r"^(?!(?:api|admin|static|media|ws|i18n|webhooks|mailbox|assets|healthz|readyz|metrics)(?:/|$))"


@lru_cache(maxsize=1)
def _shell(changed: float) -> bytes:
    return bytes((settings.FRONTEND_DIST / "index.html").read_bytes())


def spa_page(request: HttpRequest, path: str = "") -> HttpResponseBase:
    """The application's shell, never taken from a cache unasked, so that a new build is seen at once.

    Where nothing was built the first page says where to go. Files have an extension, and are not pages.
    """
    if request.method not in {"GET", "HEAD"} or "." in path.rsplit("/", 1)[-1]:
        raise Http404
    try:
        changed = (settings.FRONTEND_DIST / "index.html").stat().st_mtime
        shell = _shell(changed)
    except OSError:
        if path:
            raise Http404 from None
        return front_page(request)
    response = HttpResponse(shell, content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
