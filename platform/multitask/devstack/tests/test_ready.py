from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from multitask.devstack.ready import answers, missing_parts


class Answer(BaseHTTPRequestHandler):
    status = 200
    body = b""

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[tuple[type[Answer], str]]:
    handler = type("Handler", (Answer,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield handler, f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def test_the_site_is_ready_when_every_part_says_so(server: tuple[type[Answer], str]) -> None:
    handler, url = server
    handler.body = json.dumps(
        {"status": "ok", "parts": {"database": {"ok": True}, "relay": {"ok": True}}}
    ).encode()
    assert missing_parts(url) == {}


def test_a_part_that_is_not_ready_is_named_with_its_reason(server: tuple[type[Answer], str]) -> None:
    handler, url = server
    parts = {
        "database": {"ok": True},
        "relay": {"ok": False, "detail": "no heartbeat"},
        "queue:embed": {"ok": False},
    }
    handler.status = 503
    handler.body = json.dumps({"status": "error", "parts": parts}).encode()
    assert missing_parts(url) == {"relay": "no heartbeat", "queue:embed": "not ready"}


@pytest.mark.parametrize("body", [b"", b"<h1>Not Found</h1>", b"[]", b'{"status": "ok"}'])
def test_an_answer_that_is_not_understood_is_not_ready(server: tuple[type[Answer], str], body: bytes) -> None:
    handler, url = server
    handler.body = body
    assert missing_parts(url) == {"web": "answers 200"}


def test_a_site_that_does_not_answer_is_not_ready() -> None:
    assert missing_parts("http://127.0.0.1:1") == {"web": "does not answer yet"}


def test_flower_that_asks_for_a_login_counts_as_answering(server: tuple[type[Answer], str]) -> None:
    handler, url = server
    handler.status = 401
    assert answers(url)
    handler.status = 502
    assert not answers(url)
    assert not answers("http://127.0.0.1:1")


def test_a_sign_of_life_from_the_run_before_does_not_count(server: tuple[type[Answer], str]) -> None:
    handler, url = server
    parts = {
        "relay": {"ok": True, "detail": "seen 2 s ago"},
        "beat": {"ok": True, "detail": "seen 40 s ago"},
        "database": {"ok": True, "detail": ""},
    }
    handler.body = json.dumps({"status": "ok", "parts": parts}).encode()
    assert missing_parts(url, since=10) == {"beat": "seen 40 s ago"}
    assert missing_parts(url) == {}
