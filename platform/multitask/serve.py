"""The web process: HTTP and WebSockets by uvicorn. `python -m multitask.serve --help`.

Why uvicorn, and why this protocol of its: docs/adr/0021.
"""

from __future__ import annotations

import argparse
import resource
import sys
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

APPLICATION = "multitask.asgi:application"
# The largest frame a socket takes, in bytes; above, the connection is closed with 1009.
FRAME_LIMIT = 65_536
# A connection that answers no ping is gone after 25 s at most.
PING_SECONDS = 10.0
PONG_SECONDS = 15.0
STOP_SECONDS = 8
# How long a peer may take to read what was written to it before its connection is closed.
LINGER_SECONDS = 5.0
# What is read and thrown away behind a frame that was refused, until its sender is quiet and has read why.
DISCARDED_BYTES = 16 * 1024 * 1024
QUIET_SECONDS = 0.5
# The ASGI extension by which a consumer closes a connection whose reader is stuck.
DROP = "multitask.drop"


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol whose `send` waits for the reader, with three things added.

    A stuck reader can be dropped (its `send` would wait for ever, and so would a `close`); a connection that was
    closed is gone after LINGER_SECONDS though its peer reads nothing; and the sender of too large a frame reads 1009
    rather than a reset.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.close_timeout = LINGER_SECONDS
        self._discarded = -1

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][DROP] = self.drop

    def drop(self, code: int, reason: str = "") -> None:
        """Close with `code`, behind what lies in the buffer already; cut the connection where that is not read."""
        if self.close_sent or self.transport.is_closing():
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        # Whoever waits to send finds the connection closed.
        self.disconnected = True
        self.writable.set()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        if self._discarded < 0:
            super().data_received(data)
            return
        self._discarded += len(data)
        if self._discarded > DISCARDED_BYTES:
            self.transport.abort()
        else:
            self._wait_quiet()

    def _wait_quiet(self) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(QUIET_SECONDS, self.transport.close)

    def eof_received(self) -> None:
        if self._discarded >= 0:
            self.transport.close()

    def handle_parser_exception(self) -> None:
        """Say why, read on for a while without keeping anything, then close.

        Closed at once, with bytes of the peer unread, TCP would reset the connection and take the reason with it.
        """
        closing = self.conn.close_sent
        code, reason = (closing.code, closing.reason) if closing is not None else (1002, "")
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._discarded = 0
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self._wait_quiet()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        # Closing waits until the peer has read what lies in the buffer, and one that reads nothing never does.
        self.loop.call_later(self.close_timeout, self.transport.abort)


def config(*, bind: str, port: int) -> uvicorn.Config:
    """How the web process serves, for development and containers alike."""
    return uvicorn.Config(
        APPLICATION,
        host=bind,
        port=port,
        ws=SocketProtocol,
        ws_max_size=FRAME_LIMIT,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        ws_per_message_deflate=False,
        lifespan="on",
        # Django's own logging. Addresses are not logged: a socket's holds its ticket.
        log_config=None,
        access_log=False,
        # NUM_PROXIES says whom to believe about the caller's address.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def allow_connections(wanted: int = 65_536) -> None:
    """Raise this process's own limit of open files, as far as the system lets it: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m multitask.serve", description="Serves the site: HTTP and WebSockets, in one process."
    )
    parser.add_argument("--bind", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
    options = parser.parse_args(arguments)
    allow_connections()
    server = uvicorn.Server(config(bind=options.bind, port=options.port))
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
