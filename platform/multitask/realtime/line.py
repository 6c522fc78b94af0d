"""Moments between processes, by Channels' layer on Redis: what is lost here is no loss.

Each web process has one channel in one group, and finds its own sockets itself. What a user or a client says never
becomes the name of a group.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from django.conf import settings
from pydantic import ValidationError
from redis.exceptions import RedisError

from multitask.realtime.counters import COUNTERS
from multitask.realtime.moments import MOMENTS, Moment
from multitask.settings.logs import get_logger

log = get_logger(__name__)

GROUP = "moments"
KIND = "realtime.moment"
REJOIN_SECONDS = 15.0
SEND_SECONDS = 2.0
WAITING = 1_000
AUDIENCE = 500
LAYER_ERRORS = (RedisError, OSError, TimeoutError, ChannelFull)


class Line:
    """One web process's end of it."""

    def __init__(self, heard: Callable[[Iterable[int], Moment], None]) -> None:
        self._heard = heard
        self._origin = secrets.token_hex(8)
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue(WAITING)
        self._down = False

    def say(self, user_ids: Sequence[int], moment: Moment) -> None:
        """Queue for the other processes. What the queue has no room for is dropped."""
        try:
            self._waiting.put_nowait(_message(user_ids, moment, origin=self._origin))
        except asyncio.QueueFull:
            COUNTERS.moments_dropped["queue"] += 1

    async def run(self) -> None:
        """Send and receive until cancelled."""
        layer = get_channel_layer()
        if layer is None:
            await asyncio.Event().wait()
        channel = await layer.new_channel("moments")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send(layer))
                group.create_task(self._join(layer, channel))
                group.create_task(self._receive(layer, channel))
        finally:
            await asyncio.shield(_gone(layer, channel))

    async def stop(self) -> None:
        """Nothing is kept that would have to be ended."""

    async def _send(self, layer: Any) -> None:
        while True:
            message = await self._waiting.get()
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await layer.group_send(GROUP, message)
            except LAYER_ERRORS as error:
                COUNTERS.moments_dropped["redis"] += 1
                self._say_down(error)

    async def _join(self, layer: Any, channel: str) -> None:
        """Again and again: a membership expires, and a Redis that was restarted has forgotten it."""
        while True:
            pause = REJOIN_SECONDS
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await layer.group_add(GROUP, channel)
                self._down = False
            except LAYER_ERRORS as error:
                self._say_down(error)
                pause = 1.0
            # Sooner where the receiving side has found the line cut.
            for _ in range(int(pause)):
                await asyncio.sleep(1.0)
                if self._down:
                    break

    async def _receive(self, layer: Any, channel: str) -> None:
        while True:
            try:
                message = await layer.receive(channel)
            except LAYER_ERRORS as error:
                self._say_down(error)
                await asyncio.sleep(0.5)
                continue
            if message.get("origin") == self._origin:
                continue
            read = _read(message)
            if read is not None:
                self._heard(*read)

    def _say_down(self, error: BaseException) -> None:
        if not self._down:
            log.warning("moments_not_passed_on", error=f"{type(error).__name__}: {error}")
        self._down = True


async def _gone(layer: Any, channel: str) -> None:
    try:
        async with asyncio.timeout(1.0):
            await layer.group_discard(GROUP, channel)
            await layer.close_pools()
    except LAYER_ERRORS:
        return  # the membership expires by itself


def _message(user_ids: Iterable[int], moment: Moment, *, origin: str) -> dict[str, Any]:
    return {
        "type": KIND,
        "origin": origin,
        "users": list(user_ids),
        "moment": moment.model_dump(mode="json"),
    }


def _read(message: dict[str, Any]) -> tuple[list[int], Moment] | None:
    """What another process says, or None where it is not what this version knows."""
    body, users = message.get("moment"), message.get("users")
    if not isinstance(body, dict) or not isinstance(users, list):
        return None
    kind = MOMENTS.get(str(body.get("type")))
    try:
        return (users, kind.model_validate(body)) if kind is not None else None
    except ValidationError:
        return None


class _Loop:
    """A thread with an event loop whose connection to Redis stays, for callers that have no loop themselves."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="moments", daemon=True).start()


_kept: list[_Loop] = []
_lock = threading.Lock()


def moments_send(user_ids: Sequence[int], moment: Moment) -> bool:
    """Tell these users' sockets, from a process that has none: a worker. Whether it was handed to Redis.

    One connection a process stays open. Raises nothing: a moment that cannot be told is dropped.
    """
    if not user_ids or not settings.REDIS_URL:
        return False
    with _lock:
        # A forked child has its parent's objects but not its threads.
        if not _kept or _kept[0].pid != os.getpid():
            _kept[:] = [_Loop()]
        loop = _kept[0].loop
    message = _message(list(user_ids)[:AUDIENCE], moment, origin="")
    sent = asyncio.run_coroutine_threadsafe(_send_one(message), loop)
    try:
        sent.result(SEND_SECONDS + 1.0)
    except LAYER_ERRORS as error:
        log.info("moment_dropped", error=f"{type(error).__name__}: {error}")
        return False
    return True


async def _send_one(message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    async with asyncio.timeout(SEND_SECONDS):
        await layer.group_send(GROUP, message)
