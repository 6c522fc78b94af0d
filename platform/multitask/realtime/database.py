"""The database for sockets: threads of their own with connections that stay, so that no socket waits for a request.

Each pool is a few threads, and each thread keeps one connection: that is how many a web process adds to the
database's own count.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

P = ParamSpec("P")
T = TypeVar("T")

# Reading the log must not wait behind what sockets ask for, nor those who talk behind those who come in.
WORK = "work"
DOOR = "door"
HUB = "hub"


async def run(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call `function` in a thread for what sockets ask for; see `run_in`."""
    return await run_in(WORK, function, *arguments, **named)


async def run_in(pool: str, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Call `function` in a thread of `pool`, with UTC as the time zone, as the API has it.

    Where the connection turns out to be broken it is called a second time on a new one: what is passed here must be
    safe to repeat. Raises what the function raises; OperationalError or InterfaceError while the database is away.
    """
    context = contextvars.copy_context()

    def call() -> T:
        return function(*arguments, **named)

    return await asyncio.get_running_loop().run_in_executor(_pool(pool), context.run, _guarded, call)


def _guarded(call: Callable[[], T]) -> T:
    with timezone.override("UTC"):
        try:
            return call()
        except (OperationalError, InterfaceError):
            if not _broken():
                raise
            connection.close()
        try:
            return call()
        except (OperationalError, InterfaceError):
            if _broken():
                connection.close()
            raise


def _broken() -> bool:
    """Whether the connection is the reason, rather than a lock that was not to be had or a statement too slow."""
    held = connection.connection
    return held is None or bool(held.closed)


@cache
def _pool(name: str) -> ThreadPoolExecutor:
    sizes = {WORK: settings.SOCKET_DATABASE_THREADS, DOOR: 2, HUB: 1}
    return ThreadPoolExecutor(sizes[name], thread_name_prefix=f"socket-{name}")


async def close() -> None:
    """End the threads and their connections; for the end of the process."""
    for name in (WORK, DOOR, HUB):
        pool = _pool(name)
        loop = asyncio.get_running_loop()
        closing = [loop.run_in_executor(pool, connection.close) for _ in range(pool._max_workers)]
        await asyncio.gather(*closing, return_exceptions=True)
        pool.shutdown(wait=False)
    _pool.cache_clear()
