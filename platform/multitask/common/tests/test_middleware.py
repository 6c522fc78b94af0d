"""What the middleware refuses before a view is asked, over ASGI as the server speaks it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.test import Client, RequestFactory

from multitask.common.middleware import BodyMiddleware
from multitask.conftest import AsUser
from multitask.tasks.models import Task


def _over_asgi(body: bytes, *headers: tuple[bytes, bytes]) -> tuple[int, dict[str, Any]]:
    """Status and JSON of a POST to /api/auth/login/, its body in pieces of 64 kB."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/auth/login/",
        "headers": [(b"content-type", b"application/json"), *headers],
        "query_string": b"",
    }
    pieces = [body[first : first + 65_536] for first in range(0, len(body), 65_536)] or [b""]
    messages = [
        {"type": "http.request", "body": piece, "more_body": place < len(pieces) - 1}
        for place, piece in enumerate(pieces)
    ]
    sent: list[dict[str, Any]] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(ASGIHandler()(scope, receive, send))
    content = b"".join(message.get("body", b"") for message in sent)
    return int(sent[0]["status"]), json.loads(content)


CHUNKED = (b"transfer-encoding", b"chunked")


@pytest.mark.django_db
def test_a_body_sent_in_chunks_is_read() -> None:
    status, answer = _over_asgi(b'{"username": "nobody"}', CHUNKED)
    assert status == 400
    assert set(answer["errors"]) == {"password"}


@pytest.mark.django_db
def test_a_body_sent_in_chunks_is_limited_as_any_other() -> None:
    status, answer = _over_asgi(b'{"username": "' + b"x" * 2_000_000 + b'"}', CHUNKED)
    assert (status, answer["code"]) == (413, "too_large")


@pytest.mark.django_db
def test_a_body_that_is_larger_than_it_says_is_no_defect() -> None:
    status, _ = _over_asgi(b'{"username": "' + b"x" * 2_000_000 + b'"}', (b"content-length", b"20"))
    assert status in {400, 413}


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    read: list[int] = []

    class Watched(tempfile.SpooledTemporaryFile):  # type: ignore[type-arg]
        def read(self, *args: int) -> bytes:
            read.append(1)
            return b""

    def never(request: Any) -> Any:
        raise AssertionError("a view was asked")

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/tasks/",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"5000000")],
        "query_string": b"",
    }
    answer = BodyMiddleware(never)(ASGIRequest(scope, Watched()))
    assert answer.status_code == 413
    assert not read


@pytest.mark.parametrize(
    ("content_type", "length", "status"),
    [
        ("application/json", 1_000_000, 200),
        ("application/json", 1_000_001, 413),
        ("multipart/form-data; boundary=x", 15_000_000, 200),
        ("multipart/form-data; boundary=x", 16_000_001, 413),
        ("", 1_000_001, 413),
        ("application/json; charset=UTF-8", 5, 200),
        ("application/json; charset=utf-16", 5, 415),
        ("application/json; charset=zlib", 5, 415),
    ],
)
def test_the_limit_follows_from_the_kind_of_body(content_type: str, length: int, status: int) -> None:
    from django.http import HttpResponse

    request = RequestFactory().generic("POST", "/api/tasks/", b"")
    request.META["CONTENT_LENGTH"] = str(length)
    request.content_type, _, charset = content_type.partition("; charset=")
    if content_type.startswith("multipart"):
        request.content_type = "multipart/form-data"
    request.content_params = {"charset": charset} if charset else {}
    assert BodyMiddleware(lambda _: HttpResponse())(request).status_code == status


@pytest.mark.django_db
def test_a_form_of_too_many_fields_is_bad_input(as_user: AsUser, client_user: Any) -> None:
    part = '--x\r\nContent-Disposition: form-data; name="a{}"\r\n\r\n1\r\n'
    body = "".join(part.format(number) for number in range(2_000)) + "--x--\r\n"
    client = as_user(client_user)
    answer = client.generic("PATCH", "/api/auth/user/", body, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert not Task.objects.exists()


def test_a_host_that_is_not_served_is_told_so_in_json(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["multitask.example"]
    answer = Client(raise_request_exception=False).get("/api/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.django_db
def test_too_many_parameters_are_bad_input() -> None:
    query = "&".join(f"a{number}=1" for number in range(3_000))
    answer = Client(raise_request_exception=False).get(f"/api/tasks/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
