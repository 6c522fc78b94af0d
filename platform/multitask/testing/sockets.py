"""Real sockets for tests: the web process as it is served, on the database and Redis of the test run, and clients.

Tests that use it write in real transactions (`django_db(transaction=True)`): the process sees what is committed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit, urlunsplit

import psutil
from django.conf import settings
from django.db import connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.devstack.processes import free_port

ROOT = Path(__file__).resolve().parents[3]
CLOSED_SECONDS = 20.0
TALK = "multitask.testing.talk:application"


class Client:
    """One socket. Frames are dictionaries; `seen` keeps what `until` passed over."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self._context = connect(url, additional_headers=headers, compression=None, max_size=None)
        self.raw: ClientConnection = self._context.__enter__()
        self.seen: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye."""
        self._context.__exit__(None, None, None)

    def cut(self) -> None:
        """End the connection without a word, as a phone in a tunnel does."""
        self.raw.socket.close()

    def say(self, type: str, /, **fields: Any) -> None:
        self.raw.send(json.dumps({"type": type, **fields}))

    def receive(self, timeout: float = 5.0) -> dict[str, Any]:
        """The next frame. Raises TimeoutError, or ConnectionClosed."""
        frame: dict[str, Any] = json.loads(self.raw.recv(timeout))
        return frame

    def until(self, *types: str, timeout: float = 5.0) -> dict[str, Any]:
        """The next frame of one of these types."""
        end = time.monotonic() + timeout
        while True:
            frame = self.receive(max(0.0, end - time.monotonic()))
            if frame["type"] in types:
                return frame
            self.seen.append(frame)

    def quiet(self, seconds: float) -> list[dict[str, Any]]:
        """Every frame that comes within this time."""
        end, found = time.monotonic() + seconds, []
        while (left := end - time.monotonic()) > 0:
            try:
                found.append(self.receive(left))
            except TimeoutError:
                break
        return found

    def synced(self, since: int, timeout: float = 10.0) -> list[dict[str, Any]]:
        """Ask for everything since, and return it (or what says that it is gone, as the last)."""
        self.say("sync", since=since)
        found: list[dict[str, Any]] = []
        while True:
            frame = self.receive(timeout)
            if frame["type"] == "synced":
                return found
            found.append(frame)
            if frame["type"] == "resync_required":
                return found

    def code(self, timeout: float = CLOSED_SECONDS) -> int:
        """The code with which the server closes this socket."""
        end = time.monotonic() + timeout
        try:
            while True:
                self.raw.recv(max(0.0, end - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else 1006


class Deaf:
    """A socket whose client reads what it says and no more; its window is as small as it gets."""

    def __init__(self, web: WebProcess, user: User, path: str = "notifications") -> None:
        self.raw = socket.socket()
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.raw.connect(("127.0.0.1", web.port))
        token = tokens_issue(user=user).access
        key = b64encode(os.urandom(16)).decode()
        self.raw.sendall(
            f"GET /ws/{path}/?token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in self.raw.recv(1024)

    def say(self, text: str) -> None:
        data = text.encode()
        head = bytes([0x81]) + (
            bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0xFE]) + len(data).to_bytes(2, "big")
        )
        self.raw.sendall(head + b"\0\0\0\0" + data)

    def is_cut(self) -> bool:
        """Whether the server has ended the connection: what is read to the end shows it."""
        self.raw.settimeout(0.2)
        try:
            while self.raw.recv(65_536):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True


class WebProcess:
    """`python -m multitask.serve` on the test run's database and Redis. `environment` is added to its own.

    `talk` serves the application of multitask.testing.talk in place of the product's.
    """

    def __init__(self, log: Path, *, talk: bool = False, **environment: str) -> None:
        self._talk = talk
        self.port = free_port()
        self.log_file = log
        self._environment = environment
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        url = database_url()
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "multitask.settings.dev",
            "DATABASE_URL": url,
            "DIRECT_DATABASE_URL": url,
            "REDIS_URL": settings.REDIS_URL,
            "BROKER_URL": "",
            "CACHE_URL": "",
            "SECRET_KEY": settings.SECRET_KEY,
            "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
            "LOG_LEVEL": "DEBUG",
            **self._environment,
        }

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "multitask.serve", "--port", str(self.port)]
        if self._talk:
            code = (
                f"from multitask import serve; serve.APPLICATION = {TALK!r}; raise SystemExit(serve.main())"
            )
            command = [sys.executable, "-c", code, "--port", str(self.port)]
        with self.log_file.open("ab") as log:
            self.child = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.child.poll() is None, self.log()[-4000:]
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"The web process does not answer:\n{self.log()[-4000:]}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it (SIGKILL: without a word) and wait for that."""
        if self.child is not None:
            self.child.send_signal(number)
            self.child.wait(30)
            self.child = None

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def megabytes(self) -> float:
        """Resident memory."""
        assert self.child is not None
        return float(psutil.Process(self.child.pid).memory_info().rss) / 1024 / 1024

    def url(self, path: str, **query: str) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/{path}/" + (f"?{urlencode(query)}" if query else "")

    def open(self, path: str, *, headers: dict[str, str] | None = None, **query: str) -> Client:
        """A socket with whatever credential is in `query`."""
        return Client(self.url(path, **query), headers)

    def enter(self, user: User, path: str = "notifications", *, lang: str = "en") -> Client:
        """A socket of `user`, greeted; its `hello` is the first of `seen`."""
        client = self.open(path, token=tokens_issue(user=user).access, lang=lang)
        client.seen.append(client.until("hello"))
        return client


def database_url() -> str:
    """The address of the database of this test run."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def wait_until(condition: Callable[[], bool], *, what: str, timeout: float = 10.0) -> float:
    """Seconds until `condition` holds; AssertionError naming `what` after `timeout`."""
    begun = time.monotonic()
    while time.monotonic() - begun < timeout:
        if condition():
            return time.monotonic() - begun
        time.sleep(0.02)
    raise AssertionError(f"No {what} within {timeout} s")
