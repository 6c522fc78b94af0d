"""One HTTP request to a push service, within a fixed time, of which little is read and no redirect is followed."""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from multitask.notifications.push.addresses import Destination

# What is read of an answer, for the log.
ANSWER_LIMIT = 2_000


class Away(Exception):
    """The service did not answer: `reason` is timeout, unreachable, address or broken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer's status, its Retry-After as it was written, the beginning of its body."""

    status: int
    retry_after: str
    body: str


def post(to: Destination, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Reply:
    """Send `body`. `seconds` is for all of it together: a service that answers a byte at a time is cut off too.

    Only looking up the host's name is not within them; the resolver has its own limits. Raises Away.
    """
    deadline = time.monotonic() + seconds
    connection = http.client.HTTPConnection(to.host, to.port)
    try:
        with _connect(to, deadline) as plain:
            connection.sock = _Timed(plain, deadline)
            connection.request("POST", to.target, body=body, headers=dict(headers))
            answer = connection.getresponse()
            said = b"" if 200 <= answer.status < 300 else answer.read(ANSWER_LIMIT)
    except TimeoutError as error:
        raise Away("timeout") from error
    except http.client.HTTPException as error:
        raise Away("broken") from error
    except OSError as error:
        raise Away("unreachable") from error
    return Reply(answer.status, answer.headers.get("Retry-After", "")[:100], said.decode("utf-8", "replace"))


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _connect(to: Destination, deadline: float) -> socket.socket:
    """A connection to the first of the host's addresses that answers; to public ones only, but for our own."""
    found = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
    places = [place for place in found if to.own or ipaddress.ip_address(place[4][0]).is_global]
    if not places:
        raise Away("address")
    failure: OSError | None = None
    for family, kind, protocol, _, place in places:
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(_left(deadline))
            plain.connect(place)
            if to.scheme == "http":
                return plain
            plain.settimeout(_left(deadline))
            return _context().wrap_socket(plain, server_hostname=to.host)
        except OSError as error:
            plain.close()
            failure = error
    raise failure if failure is not None else Away("address")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Timed:
    """A socket of which every read and write must be over by the deadline; a socket's own time-out begins anew at
    every byte. As much of one as http.client asks for."""

    def __init__(self, inner: socket.socket, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def sendall(self, data: Any) -> None:
        self._inner.settimeout(_left(self._deadline))
        self._inner.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reads(self._inner, self._deadline))

    def close(self) -> None:
        """http.client closes before it has read the answer; whoever connected closes."""


class _Reads(io.RawIOBase):
    def __init__(self, inner: socket.socket, deadline: float) -> None:
        super().__init__()
        self._inner = inner
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._inner.settimeout(_left(self._deadline))
        return self._inner.recv_into(buffer)
