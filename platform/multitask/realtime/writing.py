"""What waits to be sent to one socket: bounded, in order, sent as fast as its reader reads."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

OUTBOX_FRAMES = 1_000
OUTBOX_BYTES = 1_000_000
# How long one frame may take to be read.
STUCK_SECONDS = 10.0


class Outbox:
    """Frames to be sent. A task that sends exists only while there are some."""

    __slots__ = ("_drained", "_frames", "_send", "_task", "bytes", "closed", "on_empty", "on_stuck")

    def __init__(
        self,
        send: Callable[[str], Awaitable[None]],
        *,
        on_empty: Callable[[], None],
        on_stuck: Callable[[], None],
    ) -> None:
        """`on_empty` is called each time everything was sent, `on_stuck` once where a frame is not read in time."""
        self._send = send
        self._frames: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Event | None = None
        self.bytes = 0
        self.closed = False
        self.on_empty = on_empty
        self.on_stuck = on_stuck

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def busy(self) -> bool:
        return self._task is not None

    @property
    def has_room(self) -> bool:
        """Whether more of what can wait may be put in: half of it stays free for answers."""
        return not self.closed and len(self._frames) < OUTBOX_FRAMES // 2 and self.bytes < OUTBOX_BYTES // 2

    def put(self, text: str) -> bool:
        """Queue a frame. False where that would be more than the outbox holds, or it is closed."""
        if self.closed or len(self._frames) >= OUTBOX_FRAMES or self.bytes + len(text) > OUTBOX_BYTES:
            return False
        self._frames.append(text)
        self.bytes += len(text)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._flush())
        return True

    async def room(self) -> None:
        """Until there is room, or no need for it any more."""
        while not self.has_room and not self.closed:
            self._drained = self._drained or asyncio.Event()
            self._drained.clear()
            await self._drained.wait()

    def close(self) -> None:
        """Send nothing more, and forget what waits."""
        self.closed = True
        self._frames.clear()
        self.bytes = 0
        if self._drained is not None:
            self._drained.set()

    async def _flush(self) -> None:
        try:
            while self._frames:
                text = self._frames.popleft()
                self.bytes -= len(text)
                async with asyncio.timeout(STUCK_SECONDS):
                    await self._send(text)
                if self._drained is not None and self.has_room:
                    self._drained.set()
        except TimeoutError:
            self.close()
            self.on_stuck()
        except (OSError, RuntimeError):
            # The connection is gone, or closed by the server itself (no answer to its ping): the receiving side says so.
            self.close()
        finally:
            self._task = None
        if not self.closed:
            self.on_empty()
