"""A local push service that reads what it is sent as a browser and its service do. Nothing of ours is called by it."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RETRY_AFTER = 90
HUGE = 50_000_000


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Received:
    """A push that a browser could read."""

    payload: dict[str, Any]
    headers: dict[str, str]
    size: int


@dataclass
class Browser:
    """One browser's subscription, and what it received. `mood` is how the service answers for it."""

    endpoint: str
    mood: str = "201"
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    asked: int = 0
    received: list[Received] = field(default_factory=list)

    @property
    def subscription(self) -> dict[str, Any]:
        """As the browser's `PushSubscription.toJSON()` writes it."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": self.endpoint,
            "expirationTime": None,
            "keys": {"p256dh": b64(point), "auth": b64(self.auth)},
        }

    def read(self, body: bytes) -> dict[str, Any]:
        """RFC 8291. Raises where the body was not meant for this browser."""
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        found: dict[str, Any] = json.loads(plain.decode("utf-8"))
        return found


@dataclass
class PushService:
    """`public_key` is that of the server whose signatures are taken; "" takes none."""

    address: str = ""
    public_key: str = ""
    browsers: dict[str, Browser] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    hung: threading.Event = field(default_factory=threading.Event)

    def browser(self, mood: str = "201") -> Browser:
        path = f"/push/{secrets.token_urlsafe(16)}"
        self.browsers[path] = Browser(f"{self.address}{path}", mood)
        return self.browsers[path]

    def check(self, headers: dict[str, str]) -> None:
        """RFC 8292: who sends this? Raises where the signature is not of the known key, for us, and fresh."""
        scheme, _, rest = headers["authorization"].partition(" ")
        assert scheme.lower() == "vapid"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert parts["k"] == self.public_key, "another server's key"
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
        claims = jwt.decode(
            parts["t"],
            point,
            algorithms=["ES256"],
            audience=self.address,
            options={"require": ["exp", "aud", "sub"]},
        )
        assert claims["exp"] - time.time() <= 24 * 60 * 60
        assert claims["sub"].startswith(("mailto:", "https://"))
        assert headers["content-encoding"] == "aes128gcm"
        assert int(headers["ttl"]) >= 0
        assert headers["urgency"] in {"very-low", "low", "normal", "high"}
        assert 0 < len(headers["topic"]) <= 32
        unb64(headers["topic"])


def _handler(service: PushService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            service.elsewhere.append(self.path)
            self._answer(200)

        def do_POST(self) -> None:
            browser = service.browsers.get(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if browser is None:
                service.elsewhere.append(self.path)
                self._answer(404)
                return
            browser.asked += 1
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                service.check(headers)
                payload = browser.read(body)
            except Exception as error:  # noqa: BLE001  (whatever a browser cannot read)
                service.refusals.append(repr(error))
                self._answer(403, b"bad signature")
                return
            with suppress(ConnectionError):
                self._misbehave(browser, Received(payload, headers, len(body)))

        def _misbehave(self, browser: Browser, push: Received) -> None:
            mood = browser.mood
            if mood == "hang":
                service.hung.wait(30)
            elif mood == "drip":
                self._drip()
            elif mood == "drop":
                self.connection.close()
            elif mood == "nonsense":
                self.wfile.write(b"what?\r\n\r\n")
            elif mood == "redirect":
                self._answer(307, Location=f"{service.address}/internal")
            elif mood in {"huge", "huge_error"}:
                self._huge(201 if mood == "huge" else 400)
                if mood == "huge":
                    browser.received.append(push)
            elif mood == "429":
                self._answer(429, Retry_After=str(RETRY_AFTER))
            elif mood == "413" and push.size > 1500:
                self._answer(413)
            else:
                status = 201 if mood == "413" else int(mood)
                if status < 300:
                    browser.received.append(push)
                self._answer(status, b"{}")

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 201 Created\r\n")
            for number in range(300):
                self.wfile.write(f"X-{number}: a\r\n".encode())
                self.wfile.flush()
                if service.hung.wait(0.1):
                    return

        def _huge(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(HUGE))
            self.end_headers()
            for _ in range(HUGE // 100_000):
                self.wfile.write(b"x" * 100_000)

        def log_message(self, *arguments: Any) -> None:
            """Quiet."""

    return Handler


@contextmanager
def serving(public_key: str = "") -> Iterator[PushService]:
    """The service on a free loopback port."""
    service = PushService(public_key=public_key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    server.daemon_threads = True
    server.block_on_close = False
    service.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.hung.set()
        server.shutdown()
        thread.join()
        server.server_close()
