"""Hand a stored file to the caller: by the reverse proxy where there is one, by a short-lived address of the object
store, or from this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from multitask.files.kinds import KINDS

# Nothing in an uploaded file may run, load or be framed, whatever a browser takes it for.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
PUBLIC_AGE = 31_536_000
CHUNK = 64 * 1024


def file_response(
    request: HttpRequest, *, name: str, storage: str, content_type: str, shown: str = ""
) -> HttpResponseBase:
    """The file `name` of `storage`; with `shown` it is saved under that name rather than opened.

    Raises Http404 where it is not there. The permission is the caller's to check.
    """
    store = storages[storage]
    if storage == "private" and not isinstance(store, FileSystemStorage) and settings.MEDIA_STORAGE == "s3":
        parameters = {"ResponseContentDisposition": content_disposition_header(True, shown)} if shown else {}
        address = store.url(name, parameters=parameters)  # type: ignore[call-arg]  # S3Storage's own
        return _no_store(HttpResponseRedirect(address))
    if settings.ACCEL_REDIRECT:
        response: HttpResponseBase = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{settings.ACCEL_REDIRECT.rstrip('/')}/{storage}/{quote(name)}"
    else:
        try:
            response = _streamed(request, store.open(name), content_type)
        except (FileNotFoundError, IsADirectoryError, SuspiciousFileOperation, ValueError) as error:
            raise Http404 from error
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    if shown:
        response["Content-Disposition"] = str(content_disposition_header(True, shown))
    if storage == "private":
        return _no_store(response)
    response["Cache-Control"] = f"public, max-age={PUBLIC_AGE}, immutable"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _no_store(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "private, no-store"
    return response


def _streamed(request: HttpRequest, opened: File[Any], content_type: str) -> HttpResponseBase:
    if not isinstance(request, ASGIRequest):
        return FileResponse(opened, content_type=content_type)
    response = StreamingHttpResponse(_chunks(opened), content_type=content_type)
    response["Content-Length"] = str(opened.size)
    return response


async def _chunks(opened: File[Any]) -> AsyncIterator[bytes]:
    """Read beside the event loop: under ASGI a plain iterator would be read whole before the first byte goes out."""
    try:
        while data := await asyncio.to_thread(opened.read, CHUNK):
            yield data
    finally:
        opened.close()


@require_safe
def public_media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Pictures that anyone may see, where no reverse proxy serves them. Only kinds that we write are served."""
    kind = KINDS.get(path.rsplit(".", 1)[-1].lower())
    if kind is None or settings.MEDIA_STORAGE != "local":
        raise Http404
    return file_response(request, name=path, storage="default", content_type=kind.content_type)
