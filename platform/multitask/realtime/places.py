"""How many sockets a user has open on each stream, over every web process: Redis counts them.

A place is leased: who was killed gives theirs back when the lease has run out, with nobody's help.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from multitask.realtime.hub import Member

# A socket of a process that was killed has its place for this long after it was last renewed, in seconds.
LEASE_SECONDS = 25
TAKE_SECONDS = 1.0
AT_ONCE = 500

# KEYS: the user's sockets of a stream. ARGV: socket, seconds, limit. Whether there was a place.
_TAKE = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('EXPIRE', KEYS[1], 120)
return 1
"""
# ARGV: seconds (0: given back), then key and socket in turns.
_LEASE = """
local till = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[1])
for i = 2, #ARGV, 2 do
    if ARGV[1] == '0' then
        redis.call('ZREM', ARGV[i], ARGV[i + 1])
    else
        redis.call('ZADD', ARGV[i], till, ARGV[i + 1])
        redis.call('EXPIRE', ARGV[i], 120)
    end
end
"""


class Places:
    """The places of this process's sockets."""

    def __init__(self, name: Callable[[Member], str], client: Callable[[], Any]) -> None:
        """`name` is what a socket is called in all processes."""
        self._name, self._client = name, client
        self._left: list[Member] = []

    async def take(self, member: Member) -> bool:
        """Whether there is a place for it, which it has then. While Redis is away each process counts for itself."""
        try:
            async with asyncio.timeout(TAKE_SECONDS):
                taken = await self._client().eval(
                    _TAKE, 1, _key(member), self._name(member), LEASE_SECONDS, settings.SOCKETS_PER_USER
                )
        except (RedisError, OSError, TimeoutError):
            return True
        return bool(taken)

    def leave(self, member: Member) -> None:
        """Give its place back with the next `report`."""
        self._left.append(member)

    async def report(self) -> None:
        """Give back what was left."""
        left, self._left = self._left, []
        await self._lease(left, 0)

    async def renew(self, members: Iterable[Member]) -> None:
        """Keep these places, also where Redis has forgotten them."""
        await self._lease(list(members), LEASE_SECONDS)

    async def _lease(self, members: list[Member], seconds: int) -> None:
        for start in range(0, len(members), AT_ONCE):
            words = [
                word for one in members[start : start + AT_ONCE] for word in (_key(one), self._name(one))
            ]
            waited: Awaitable[Any] = self._client().eval(_LEASE, 0, seconds, *words)
            await waited


def _key(member: Member) -> str:
    return f"{settings.REDIS_PREFIX}sockets:{member.stream.value}:{member.user_id}"
