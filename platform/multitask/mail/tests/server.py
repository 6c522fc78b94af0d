"""A real SMTP server on a socket of this machine that misbehaves as it is told.

`plan(number, recipient)` says how it treats the mail of the nth DATA or, before that, connection: see BEHAVIOURS.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Self

BEHAVIOURS = (
    "accept",
    "slow",  # accepts, after a while
    "refuse",  # 421 instead of a greeting
    "hang",  # never greets
    "hang_end",  # takes the whole mail, keeps it, and never answers
    "drop",  # takes the whole mail, keeps it, and hangs up without an answer
    "drop_data",  # hangs up before the mail has ended
    "unknown",  # 550 for the recipient
    "full",  # 552 for the recipient
    "policy",  # 550 for the recipient, for who we are
    "later",  # 450 for the recipient
    "spam",  # 554 after the mail
    "later_end",  # 451 after the mail
    "trickle",  # a byte a second, for ever
    "no_login",  # 535
    "no_sender",  # 550 for who sends
)


class Server:
    """`mails` holds what it has kept: (recipient, whole message as bytes). What it kept has arrived."""

    def __init__(
        self,
        behaviour: str | Callable[[], str] = "accept",
        *,
        slow: float = 0.5,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.behaviour = behaviour
        self.slow = slow
        self.tls = tls
        self.mails: list[tuple[str, bytes]] = []
        self.connections = 0
        self.treated: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def arrived(self) -> Counter[str]:
        """How often each recipient got a mail."""
        with self._lock:
            return Counter(recipient for recipient, _ in self.mails)

    def _next(self) -> str:
        with self._lock:
            found = self.behaviour if isinstance(self.behaviour, str) else self.behaviour()
            self.treated[found] += 1
            return found

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with connection.makefile("rb") as lines:
                Session(self, connection, lines).run()
            connection.close()

    def keep(self, recipient: str, content: bytes) -> None:
        with self._lock:
            self.mails.append((recipient, content))

    def wait(self, seconds: float) -> None:
        self._stopping.wait(seconds)


class Session:
    """One connection; each mail on it is treated anew."""

    def __init__(self, server: Server, connection: socket.socket, lines: object) -> None:
        self.server, self.connection, self.lines = server, connection, lines
        self.recipient = ""
        self.treat = server._next()

    def say(self, line: str) -> None:
        self.connection.sendall(line.encode() + b"\r\n")

    def run(self) -> None:
        if not self.begin():
            return
        self.say("220 test ready")
        while True:
            line = self.lines.readline()  # type: ignore[attr-defined]
            if not line:
                return
            if not self.command(line.decode("utf-8", "replace").strip()):
                return

    def begin(self) -> bool:
        """What is done before anything is said about a mail; False where nothing more is."""
        if self.treat == "refuse":
            self.say("421 4.3.2 Come back later")
        elif self.treat == "hang":
            self.server.wait(60)
        elif self.treat == "trickle":
            while not self.server._stopping.is_set():
                self.connection.sendall(b"2")
                time.sleep(1)
        return self.treat not in {"refuse", "hang", "trickle"}

    def command(self, line: str) -> bool:
        verb = line.partition(" ")[0].upper()
        if verb == "EHLO":
            login = ["250-AUTH PLAIN LOGIN"] if self.treat == "no_login" else []
            for said in ("250-test", *login, "250 8BITMIME"):
                self.say(said)
        elif verb == "AUTH":
            self.say("535 5.7.8 Wrong login")
        elif verb == "MAIL":
            if not self.treat:
                self.treat = self.server._next()
                if not self.begin():
                    return False
            self.say("550 5.7.1 You may not send" if self.treat == "no_sender" else "250 ok")
        elif verb == "RCPT":
            self.recipient = line.partition("<")[2].partition(">")[0]
            self.say(
                {
                    "unknown": "550 5.1.1 No such user",
                    "full": "552 5.2.2 Mailbox full",
                    "policy": "550 5.7.1 Your address is blocked",
                    "later": "450 4.2.1 Greylisted",
                }.get(self.treat, "250 ok")
            )
        elif verb == "DATA":
            return self.data()
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("250 ok")
        return True

    def data(self) -> bool:
        self.say("354 go on")
        content = []
        while True:
            line = self.lines.readline()  # type: ignore[attr-defined]
            if not line:
                return False  # not ended: it never was a mail
            if self.treat == "drop_data":
                return False
            if line == b".\r\n":
                break
            content.append(line[1:] if line.startswith(b"..") else line)
        treat = self.treat
        if treat in {"spam", "later_end"}:
            self.say("554 5.7.1 Looks like spam" if treat == "spam" else "451 4.3.0 Try again later")
        else:
            self.server.keep(self.recipient, b"".join(content))
            if treat == "drop":
                return False
            if treat == "hang_end":
                self.server.wait(60)
                return False
            if treat == "slow":
                self.server.wait(self.server.slow)
            self.say("250 2.0.0 kept")
        self.treat = ""
        return True
