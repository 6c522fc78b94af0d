"""SMTP that knows whether the server may have taken a mail when the connection failed, and never waits for long."""

from __future__ import annotations

import functools
import os
import re
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from multitask.mail.handing import Away, Lost, answered
from multitask.mail.wire import mail_bytes

# A connection is used again while it is young, so that ten thousand digests do not greet ten thousand times.
KEPT_SECONDS = 20
KEPT_MAILS = 100
# How long a kept connection may take to say that it is still there.
KNOCK_SECONDS = 3


class _Lines:
    """What the server says, line by line: each wait for a piece of a line counts against the whole time."""

    def __init__(self, connection: _Careful) -> None:
        self.connection = connection
        self.left = b""

    def readline(self, limit: int = 8192) -> bytes:
        while b"\n" not in self.left and len(self.left) < limit:
            self.connection.hurry()
            sock = self.connection.sock
            piece = sock.recv(1024) if sock is not None else b""
            if not piece:
                break
            self.left += piece
        at = self.left.find(b"\n") + 1 or len(self.left)
        line, self.left = self.left[: min(at, limit)], self.left[min(at, limit) :]
        return line

    def close(self) -> None:
        self.left = b""


class _Careful(smtplib.SMTP):
    """A connection with a time by which all is to be said: a server that trickles cannot hold a worker."""

    ends_at: float = 0.0
    patience: float = 0.0

    def __init__(self, *args: Any, ends_at: float, **kwargs: Any) -> None:
        self.ends_at = ends_at
        self.patience = settings.EMAIL_TIMEOUT
        super().__init__(*args, **kwargs)

    def getreply(self) -> tuple[int, bytes]:
        self.hurry()
        if self.file is None and self.sock is not None:
            self.file = _Lines(self)
        return super().getreply()

    def send(self, s: Any) -> None:
        self.hurry()
        super().send(s)

    def hurry(self) -> None:
        """Give the next wait what is left of the time. Raises SMTPServerDisconnected where nothing is."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            self.close()
            raise smtplib.SMTPServerDisconnected("The server took too long over its answers.")
        sock = getattr(self, "sock", None)
        if sock is not None:
            sock.settimeout(min(self.patience, left))

    def hand_over(
        self, sender: str, recipient: str, content: bytes, *, before_end: Callable[[], None]
    ) -> None:
        """One mail. Raises Away, Refused, Lost, and what `before_end` raises; the connection is closed then, unless
        the server has only said no."""
        self.ehlo_or_helo_if_needed()
        self._expect("sender", {250}, *self.mail(sender))
        self._expect("recipient", {250, 251}, *self.rcpt(recipient))
        self.putcmd("data")
        self._expect("data", {354}, *self.getreply())
        try:
            # Without its end a server must throw a mail away (RFC 5321, 4.1.1.4).
            self.send(_quoted(content))
            before_end()
            self._still_there()
        except BaseException:
            self.close()
            raise
        self.ends_at = time.monotonic() + settings.EMAIL_END_TIMEOUT
        self.patience = settings.EMAIL_END_TIMEOUT
        try:
            smtplib.SMTP.send(self, b".\r\n")
            code, reply = self.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Lost(f"end: {error}") from error
        finally:
            self.patience = settings.EMAIL_TIMEOUT
        self._expect("end", {250}, code, reply)

    def _still_there(self) -> None:
        """Raises Away where the server has hung up, or spoken, before the mail was ended: it has not taken it then."""
        sock = self.sock
        if sock is None:
            raise Away("data: the connection is closed", server=True)
        sock.settimeout(0)
        try:
            said = sock.recv(512)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError as error:
            raise Away(f"data: {error}", server=True) from error
        raise Away(f"data: {said!r} before the end", server=True)

    def _expect(self, stage: str, hoped: set[int], code: int, reply: bytes) -> None:
        if code not in hoped:
            raise answered(stage, code, reply)


class _CarefulTls(_Careful, smtplib.SMTP_SSL):
    pass


def _quoted(content: bytes) -> bytes:
    """Lines that begin with a dot get another (RFC 5321, 4.5.2); the last line ends."""
    quoted = re.sub(rb"(?m)^\.", b"..", content)
    return quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n"


@dataclass
class _Kept:
    """The open connection of this thread."""

    connection: _Careful
    place: tuple[Any, ...]
    process: int
    used_at: float
    mails: int


_thread = threading.local()


def drop_connection() -> None:
    """Close the connection of this thread, if it has one."""
    kept: _Kept | None = getattr(_thread, "kept", None)
    _thread.kept = None
    if kept is not None and kept.process == os.getpid():
        kept.connection.close()


class EmailBackend(smtp.EmailBackend):
    """As Django's, with `hand_over`, and a bound on everything that is waited for."""

    @property
    def connection_class(self) -> Any:
        kind = _CarefulTls if self.use_ssl else _Careful
        return functools.partial(kind, ends_at=time.monotonic() + settings.EMAIL_SESSION_TIMEOUT)

    def hand_over(self, message: EmailMessage, *, before_end: Callable[[], None]) -> None:
        """Give one mail to the server. Raises Away, Refused, Lost, and what `before_end` raises."""
        encoding = message.encoding or settings.DEFAULT_CHARSET
        sender = sanitize_address(message.from_email, encoding)
        (recipient,) = (sanitize_address(one, encoding) for one in message.recipients())
        content = mail_bytes(message)
        kept = self._kept() or self._opened()
        kept.connection.ends_at = time.monotonic() + settings.EMAIL_SESSION_TIMEOUT
        kept.mails += 1
        try:
            kept.connection.hand_over(_bare(sender), _bare(recipient), content, before_end=before_end)
        except (Away, Lost):
            drop_connection()
            raise
        except (OSError, smtplib.SMTPException) as error:
            drop_connection()
            raise Away(f"{type(error).__name__}: {error}", server=True) from error
        finally:
            if kept.connection.sock is None:
                drop_connection()
            kept.used_at = time.monotonic()

    def _place(self) -> tuple[Any, ...]:
        return (self.host, self.port, self.username, self.password, self.use_tls, self.use_ssl)

    def _kept(self) -> _Kept | None:
        """The connection of this thread, where the server still answers on it."""
        kept: _Kept | None = getattr(_thread, "kept", None)
        if kept is None:
            return None
        young = time.monotonic() - kept.used_at < KEPT_SECONDS and kept.mails < KEPT_MAILS
        if young and kept.process == os.getpid() and kept.place == self._place():
            kept.connection.ends_at = time.monotonic() + KNOCK_SECONDS
            try:
                if kept.connection.rset()[0] == 250:
                    return kept
            except (OSError, smtplib.SMTPException):
                pass
        drop_connection()
        return None

    def _opened(self) -> _Kept:
        try:
            self.open()
        except smtplib.SMTPResponseException as error:
            self._forget()
            stage = "login" if isinstance(error, smtplib.SMTPAuthenticationError) else "greeting"
            raise answered(stage, error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            self._forget()
            raise Away(f"greeting: {type(error).__name__}: {error}", server=True) from error
        connection: Any = self.connection
        self.connection = None
        if connection is None:
            raise Away("greeting: no connection", server=True)
        kept = _Kept(connection, self._place(), os.getpid(), time.monotonic(), 0)
        _thread.kept = kept
        return kept

    def _forget(self) -> None:
        """Close a connection that was only half opened, without a word to the server."""
        partial: smtplib.SMTP | None = getattr(self, "_partial_connection", None)
        self._partial_connection = None
        if partial is not None:
            partial.close()


def _bare(address: str) -> str:
    """The address without the name before it, as the envelope has it."""
    return parseaddr(address)[1]
