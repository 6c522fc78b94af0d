"""Who is there: one answer for all tabs and devices of a user, in every process.

Redis keeps, for each user, the sockets with the time up to which each counts, and one list of all users with the time
up to which they count. A process renews its sockets' times; whoever finds a user's time past takes them off the list,
and the one who took them off tells. So a process that was killed is noticed by any other.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from redis.asyncio import Redis
from redis.exceptions import RedisError

from multitask.realtime.database import DOOR, run_in
from multitask.realtime.models import Presence as Seen
from multitask.realtime.moments import Presence
from multitask.realtime.places import Places
from multitask.realtime.services.seen import users_seen
from multitask.settings.logs import get_logger

if TYPE_CHECKING:
    from multitask.realtime.hub import Hub, Member

log = get_logger(__name__)

# A socket of a process that was killed counts for this long after it was last renewed, in seconds.
COUNTS_SECONDS = 25
RENEW_SECONDS = 8.0
# One that said goodbye counts for a moment longer: a page that is loaded again must not blink.
GRACE_SECONDS = 3
SWEEP_SECONDS = 1.0
SEEN_SECONDS = 60.0
AT_ONCE = 500
REDIS_ERRORS = (RedisError, OSError, TimeoutError)

# KEYS: all. ARGV: prefix, seconds, then user and socket in turns. Returns the users who were not on the list.
_COUNT = """
local now = tonumber(redis.call('TIME')[1])
local till = now + tonumber(ARGV[2])
local came = {}
for i = 3, #ARGV, 2 do
    local key = ARGV[1] .. ARGV[i]
    redis.call('ZADD', key, till, ARGV[i + 1])
    redis.call('EXPIRE', key, 120)
    if redis.call('ZADD', KEYS[1], 'GT', till, ARGV[i]) == 1 then came[#came + 1] = ARGV[i] end
end
return came
"""
# KEYS: all. ARGV: prefix, then user, socket and seconds (0: at once) in turns.
_LEAVE = """
local now = tonumber(redis.call('TIME')[1])
for i = 2, #ARGV, 3 do
    local key = ARGV[1] .. ARGV[i]
    local seconds = tonumber(ARGV[i + 2])
    if seconds > 0 then
        redis.call('ZADD', key, 'XX', now + seconds, ARGV[i + 1])
    else
        redis.call('ZREM', key, ARGV[i + 1])
    end
    local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
    redis.call('ZADD', KEYS[1], 'XX', last[2] or now, ARGV[i])
end
"""
# KEYS: all. ARGV: prefix, how many. Returns the users who are no longer there, each to one caller alone.
_GONE = """
local now = tonumber(redis.call('TIME')[1])
local gone = {}
for _, user in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
    local key = ARGV[1] .. user
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
    if last[2] then
        redis.call('ZADD', KEYS[1], last[2], user)
    else
        redis.call('ZREM', KEYS[1], user)
        gone[#gone + 1] = user
    end
end
return gone
"""


def _prefix() -> str:
    return f"{settings.REDIS_PREFIX}presence:"


def _all() -> str:
    return f"{settings.REDIS_PREFIX}present"


class RollCall:
    """The presence of this process's sockets."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._process = secrets.token_hex(6)
        self._new: list[Member] = []
        self._left: dict[str, tuple[int, int]] = {}
        self._seen: set[int] = set()
        self._something = asyncio.Event()
        self._redis: Any = None
        self._away = False
        self.places = Places(self._name, self._connected)

    def enter(self, member: Member) -> None:
        """Count a socket from now on; never waits."""
        self._new.append(member)
        self._something.set()

    def leave(self, member: Member, *, lost: bool) -> None:
        """Count it no longer: at once where its client was lost, which took its time already."""
        self._left[self._name(member)] = (member.user_id, 0 if lost else GRACE_SECONDS)
        self.places.leave(member)
        self._seen.add(member.user_id)
        self._something.set()

    async def run(self) -> None:
        """Until cancelled. While Redis is away nobody is known to be there, and nothing else suffers."""
        renewed = seen = swept = time.monotonic()
        while True:
            if self._something.is_set():
                self._something.clear()
                await self._try(self._report())
                await self._try(self.places.report())
            now = time.monotonic()
            if now - renewed >= RENEW_SECONDS:
                renewed = now
                await self._try(self._count(list(self._hub.everybody())))
                await self._try(self.places.renew(self._hub.everybody()))
            if now - swept >= SWEEP_SECONDS:
                swept = now
                await self._try(self._sweep())
            if now - seen >= SEEN_SECONDS:
                seen = now
                self._seen |= set(self._hub.members)
            await self._write_seen()
            try:
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._something.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Say goodbye for every socket of the process, and note when their users were seen."""
        for member in self._hub.everybody():
            self.leave(member, lost=False)
        if self._redis is not None:
            await self._try(self._report())
            await self._try(self.places.report())
            await self._write_seen()
            await self._try(self._redis.aclose())

    def _connected(self) -> Any:
        if self._redis is None:
            self._redis = _client()
        return self._redis

    def _name(self, member: Member) -> str:
        return f"{self._process}:{member.id}"

    async def _report(self) -> None:
        new, self._new = self._new, []
        await self._count([one for one in new if self._name(one) not in self._left])
        left, self._left = self._left, {}
        parts = list(left.items())
        for start in range(0, len(parts), AT_ONCE):
            arguments = [
                word
                for name, (user_id, seconds) in parts[start : start + AT_ONCE]
                for word in (user_id, name, seconds)
            ]
            await self._connected().eval(_LEAVE, 1, _all(), _prefix(), *arguments)

    async def _count(self, members: list[Member]) -> None:
        for start in range(0, len(members), AT_ONCE):
            arguments = [
                word for one in members[start : start + AT_ONCE] for word in (one.user_id, self._name(one))
            ]
            came = await self._connected().eval(_COUNT, 1, _all(), _prefix(), COUNTS_SECONDS, *arguments)
            for user_id in came:
                self._say(int(user_id), online=True)

    async def _sweep(self) -> None:
        for user_id in await self._connected().eval(_GONE, 1, _all(), _prefix(), AT_ONCE):
            self._say(int(user_id), online=False)

    def _say(self, user_id: int, *, online: bool) -> None:
        now = timezone.now().astimezone(UTC)
        self._hub.came_or_went(Presence(user=user_id, online=online, last_seen=now.isoformat()))

    async def _try(self, attempt: Awaitable[Any]) -> None:
        try:
            await attempt
        except REDIS_ERRORS as error:
            if not self._away:
                log.warning("presence_unknown", error=f"{type(error).__name__}: {error}")
            self._away = True
        else:
            self._away = False

    async def _write_seen(self) -> None:
        if not self._seen:
            return
        users, self._seen = self._seen, set()
        try:
            await run_in(DOOR, users_seen, users)
        except (DatabaseError, InterfaceError) as error:
            self._seen |= users
            log.warning("last_seen_not_kept", error=str(error).strip())


def _client() -> Any:
    # redis-py's own retries would make an outage last longer than it does.
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, decode_responses=True
    )


@lru_cache(maxsize=2)
def _reader(address: str) -> redis.Redis:
    return redis.Redis.from_url(
        address, socket_timeout=0.3, socket_connect_timeout=0.3, decode_responses=True
    )


def presence_of(user_ids: Collection[int]) -> Mapping[int, tuple[bool | None, datetime | None]]:
    """{user: (whether they are there, when they were last seen)} for each of `user_ids`.

    The first is None while Redis is away (asked for 0.3 s at most), the second for who was never seen. One query.
    """
    users = list(dict.fromkeys(user_ids))
    if not users:
        return {}
    seen = dict(Seen.objects.filter(user_id__in=users).values_list("user_id", "seen_at"))
    there = _there(users)
    return {user: (there.get(user), seen.get(user)) for user in users}


def _there(users: list[int]) -> dict[int, bool | None]:
    try:
        scores = cast(
            "Iterable[float | None]",
            _reader(settings.REDIS_URL).zmscore(_all(), [str(user) for user in users]),
        )
    except REDIS_ERRORS:
        return {}
    # Who is on the list is there until somebody has taken them off and told so.
    return {user: score is not None for user, score in zip(users, scores, strict=True)}
