"""`Idempotency-Key`: a POST that creates something, sent again by the same user, creates nothing again.

The key and what it created are committed together, so there is no moment in which one is there without the other.
Only an answer that had an effect (2xx) is kept: after an error nothing has happened, and the same key may be used
for the corrected request.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from multitask.common.errors import DomainError
from multitask.common.models import IdempotencyRecord

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEEP = timedelta(hours=24)
KEY_LIMIT = 200
_KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_LIMIT}}}")
_LOCK_NOT_AVAILABLE = "55P03"

Handler = TypeVar("Handler", bound=Callable[..., Response])


def idempotent(handler: Handler) -> Handler:
    """Decorates the `post` of a view that creates something (below `extend_schema`, which reads the mark)."""

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None or not request.user.is_authenticated:
            return handler(view, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            raise DomainError("idempotency_key_invalid", status=400, limit=KEY_LIMIT)
        return _once(request, key, lambda: handler(view, request, *args, **kwargs))

    once.is_idempotent = True  # type: ignore[attr-defined]
    return once  # type: ignore[return-value]


def idempotency_purge() -> int:
    """Delete records past their 24 hours. Returns how many there were."""
    return IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEEP).delete()[0]


def _once(request: Request, key: str, call: Callable[[], Response]) -> Response:
    place = f"{request.method} {request.path}"[:300]
    fingerprint = _fingerprint(request.data)
    user_id: Any = request.user.pk
    with transaction.atomic():
        mine = _claim(user_id=user_id, key=key, place=place, fingerprint=fingerprint)
        if mine is None:
            return _replay(user_id, key, place=place, fingerprint=fingerprint)
        response = call()
        if 200 <= response.status_code < 300:
            IdempotencyRecord.objects.filter(pk=mine).update(
                status=response.status_code, body=JSONRenderer().render(response.data).decode()
            )
        else:
            transaction.set_rollback(True)
    return response


def _claim(*, user_id: int, key: str, place: str, fingerprint: str) -> int | None:
    """The id of a new record, or None where the key is taken. Waits for a request under way with the same key."""
    now = timezone.now()
    try:
        with connection.cursor() as cursor:
            # The unique index is the lock: a second insert waits until the first request has committed or failed.
            cursor.execute(
                """
                INSERT INTO common_idempotencyrecord AS kept (user_id, key, place, fingerprint, status, body, created_at)
                VALUES (%s, %s, %s, %s, 0, '', %s)
                ON CONFLICT (user_id, key) DO UPDATE SET place = EXCLUDED.place, status = 0, body = '',
                    fingerprint = EXCLUDED.fingerprint, created_at = EXCLUDED.created_at
                WHERE kept.created_at < %s RETURNING id
                """,
                [user_id, key, place, fingerprint, now, now - KEEP],
            )
            row = cursor.fetchone()
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) == _LOCK_NOT_AVAILABLE:
            raise DomainError("idempotency_in_progress") from error
        raise
    return row[0] if row is not None else None


def _replay(user_id: Any, key: str, *, place: str, fingerprint: str) -> Response:
    record = IdempotencyRecord.objects.filter(user_id=user_id, key=key).first()
    if record is None:
        raise DomainError("idempotency_in_progress")
    if record.place != place or record.fingerprint != fingerprint:
        raise DomainError("idempotency_mismatch", status=422)
    body = json.loads(record.body) if record.body else None
    return Response(body, status=record.status, headers={REPLAYED: "true"})


def _fingerprint(data: Any) -> str:
    """SHA-256 of a parsed body: the order of fields, spaces and a form's boundary do not count, files' bytes do."""
    if isinstance(data, MultiValueDict):
        data = {name: [_plain(value) for value in values] for name, values in data.lists()}
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return {"name": value.name, "sha256": digest.hexdigest()}
