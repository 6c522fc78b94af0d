"""One hub a web process: it hears of commits, reads the log for the sockets here, and passes moments on.

Events never go through Redis. `NOTIFY` says whose stream has grown; one query reads what all the users woken meanwhile
have not been sent; a sweep finds what a lost notification missed. So a socket that is told late, or whose web process
hears nothing for a while, misses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Protocol

import psycopg2
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from multitask.realtime.codes import Close
from multitask.realtime.counters import COUNTERS
from multitask.realtime.database import DOOR, HUB, run_in
from multitask.realtime.line import Line
from multitask.realtime.models import Stream
from multitask.realtime.moments import Moment, Presence, Typing
from multitask.realtime.presence import RollCall
from multitask.realtime.publish import CHANNEL
from multitask.realtime.selectors.events import News, Position, news_behind
from multitask.realtime.selectors.logins import Login, logins_alive
from multitask.settings.logs import get_logger

log = get_logger(__name__)

SWEEP_SECONDS = 5.0
LOGIN_SECONDS = 30.0
# Users woken within this long of the last reading are read for together.
GATHER_SECONDS = 0.003
PAUSE_SECONDS = 0.5
TYPING_SECONDS = 15.0
DATABASE_ERRORS = (DatabaseError, InterfaceError)


class Member(Protocol):
    """What the hub knows of a socket."""

    user_id: int
    stream: ClassVar[Stream]
    login: Login
    watched: frozenset[int]

    @property
    def id(self) -> str: ...

    @property
    def position(self) -> int: ...

    @property
    def ready(self) -> bool:
        """Whether it takes events now."""

    def deliver(self, news: News) -> bool:
        """Take what is behind its position. True where it would take more at once."""

    def tell(self, moment: Moment) -> None: ...

    def end(self, code: int) -> None: ...


class Hub:
    """The sockets of this process, and the tasks that serve them. Only the event loop's thread touches it."""

    def __init__(self) -> None:
        self.members: dict[int, set[Member]] = defaultdict(set)
        self.watchers: dict[int, set[Member]] = defaultdict(set)
        self.line = Line(self._heard_elsewhere)
        self.presence = RollCall(self)
        self._woken: set[int] = set()
        self._listeners: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._wake = asyncio.Event()
        self._typing: dict[tuple[int, int], asyncio.TimerHandle] = {}
        self._tasks: list[asyncio.Task[None]] = []

    # --- Life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to listen and to read."""
        loop = asyncio.get_running_loop()
        jobs = (self._listen, self._read, self._sweep, self._check_logins, self.line.run, self.presence.run)
        self._tasks = [loop.create_task(_lasting(job)) for job in jobs]

    async def stop(self) -> None:
        """End every task; what the sockets' end left to be said is said first."""
        await self.presence.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for timer in self._typing.values():
            timer.cancel()
        await self.line.stop()

    def everybody(self) -> Iterator[Member]:
        """Every socket here."""
        return (member for members in self.members.values() for member in members)

    async def enter(self, member: Member) -> bool:
        """Take a socket in. False where its user has as many of the stream as one may have, over all processes."""
        if self._is_full(member) or not await self.presence.places.take(member):
            return False
        if self._is_full(member):
            # Redis is away, and others came in meanwhile.
            self.presence.places.leave(member)
            return False
        self.members[member.user_id].add(member)
        self.presence.enter(member)
        return True

    def _is_full(self, member: Member) -> bool:
        mine = self.members.get(member.user_id, ())
        return sum(one.stream == member.stream for one in mine) >= settings.SOCKETS_PER_USER

    def leave(self, member: Member, *, lost: bool) -> None:
        """Forget a socket; `lost` where its client did not say goodbye."""
        mine = self.members.get(member.user_id, set())
        if member not in mine:
            return
        mine.discard(member)
        if not mine:
            del self.members[member.user_id]
        self.watch(member, ())
        self.presence.leave(member, lost=lost)

    def watch(self, member: Member, user_ids: Iterable[int]) -> None:
        """From now on the socket is told when these users come and go, and no others."""
        for user_id in member.watched:
            self.watchers[user_id].discard(member)
            if not self.watchers[user_id]:
                del self.watchers[user_id]
        member.watched = frozenset(user_ids)
        for user_id in member.watched:
            self.watchers[user_id].add(member)

    # --- Events of the log -----------------------------------------------------------------------------------------

    def wake(self, user_ids: Iterable[int]) -> None:
        """Look what is new for these users."""
        user_ids = list(user_ids)
        for user_id in user_ids:
            for heard in self._listeners.get(user_id, ()):
                heard.set()
        here = [user_id for user_id in user_ids if user_id in self.members]
        if here:
            self._woken.update(here)
            self._wake.set()

    @contextlib.contextmanager
    def listening(self, user_id: int) -> Iterator[asyncio.Event]:
        """An event that is set whenever the user's log has grown: for who waits without a socket."""
        heard = asyncio.Event()
        self._listeners[user_id].add(heard)
        try:
            yield heard
        finally:
            self._listeners[user_id].discard(heard)
            if not self._listeners[user_id]:
                del self._listeners[user_id]

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        last = 0.0
        while True:
            await self._wake.wait()
            if loop.time() - last < 4 * GATHER_SECONDS:
                await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            woken, self._woken = self._woken, set()
            again, failed = await self._read_for(woken)
            last = loop.time()
            if failed:
                await asyncio.sleep(PAUSE_SECONDS)
            self.wake(again)

    async def _read_for(self, woken: set[int]) -> tuple[set[int], bool]:
        """Deliver to the sockets of these users. (those to look at again at once, whether the database was away)."""
        members = [one for user_id in woken for one in self.members.get(user_id, ()) if one.ready]
        if not members:
            return set(), False
        places: list[Position] = [(one.user_id, one.stream.value, one.position) for one in members]
        try:
            found, cut = await run_in(HUB, news_behind, places)
        except DATABASE_ERRORS as error:
            COUNTERS.reads_failed += 1
            log.warning("log_not_read", error=str(error).strip())
            return woken, True
        COUNTERS.reads += 1
        again = set(woken) if cut else set()
        for member, place in zip(members, places, strict=True):
            news = found.get(place)
            # A socket that was sent elsewhere meanwhile is read for anew.
            if news is not None and member.ready and member.position == place[2] and member.deliver(news):
                again.add(member.user_id)
        return again, False

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.wake(list(self.members))

    async def _listen(self) -> None:
        while True:
            try:
                connection = await run_in(DOOR, _listening)
            except psycopg2.Error as error:
                log.warning("cannot_listen", error=str(error).strip())
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            COUNTERS.listens += 1
            try:
                await self._hear(connection)
            finally:
                connection.close()

    async def _hear(self, connection: Any) -> None:
        loop, lost = asyncio.get_running_loop(), asyncio.Event()
        number = connection.fileno()

        def readable() -> None:
            try:
                connection.poll()
            except psycopg2.Error as error:
                # The server is gone, and the number may be another file's in a moment.
                loop.remove_reader(number)
                log.warning("no_longer_listening", error=str(error).strip())
                lost.set()
                return
            while connection.notifies:
                self.wake(_users(connection.notifies.pop(0).payload))

        loop.add_reader(number, readable)
        try:
            # What was committed before we listened.
            self.wake(list(self.members))
            await lost.wait()
        finally:
            loop.remove_reader(number)

    # --- Moments ---------------------------------------------------------------------------------------------------

    def moment(self, user_ids: Iterable[int], moment: Moment) -> None:
        """Tell these users' sockets here and in every other process; never waits, and may be lost."""
        users = sorted(set(user_ids))
        self._tell(users, moment)
        self.line.say(users, moment)

    def came_or_went(self, moment: Presence) -> None:
        """Tell who watches this user, here and in every other process."""
        self._tell((), moment)
        self.line.say((), moment)

    def _heard_elsewhere(self, user_ids: Iterable[int], moment: Moment) -> None:
        self._tell(user_ids, moment)

    def _tell(self, user_ids: Iterable[int], moment: Moment) -> None:
        if isinstance(moment, Presence):
            told: Iterable[Member] = self.watchers.get(moment.user, ())
        else:
            told = [one for user_id in user_ids for one in self.members.get(user_id, ())]
        for member in list(told):
            if member.stream == moment.stream:
                member.tell(moment)
        if isinstance(moment, Typing):
            self._mind_typing(list(user_ids), moment)

    def _mind_typing(self, user_ids: list[int], moment: Typing) -> None:
        """Whoever is said to be writing stops being so after 15 s, whatever became of them and their process."""
        key = (moment.conversation, moment.user)
        running = self._typing.pop(key, None)
        if running is not None:
            running.cancel()
        if moment.active and any(user_id in self.members for user_id in user_ids):
            over = moment.model_copy(update={"active": False})
            self._typing[key] = asyncio.get_running_loop().call_later(
                TYPING_SECONDS, self._tell, user_ids, over
            )

    # --- Logins ----------------------------------------------------------------------------------------------------

    async def _check_logins(self) -> None:
        while True:
            await asyncio.sleep(LOGIN_SECONDS)
            await self.check_logins()

    async def check_logins(self) -> None:
        """Close the sockets whose login has ended. One query."""
        members = list(self.everybody())
        if not members:
            return
        try:
            alive = await run_in(DOOR, logins_alive, {one.login for one in members})
        except DATABASE_ERRORS as error:
            log.warning("logins_not_checked", error=str(error).strip())
            return
        for member in members:
            if member.login not in alive:
                member.end(Close.UNAUTHENTICATED)


async def _lasting(job: Any) -> None:
    """Run for ever: a fault of a task that every socket needs is logged, and the task begun again."""
    while True:
        try:
            await job()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("hub_task_failed", task=getattr(job, "__qualname__", str(job)))
            await asyncio.sleep(PAUSE_SECONDS)


def _listening() -> Any:
    """A connection that hears of commits, and finds out within a minute when its server is silently gone."""
    connection = psycopg2.connect(
        str(settings.DIRECT_DATABASE_URL or settings.DATABASE_URL),
        connect_timeout=5,
        keepalives=1,
        keepalives_idle=20,
        keepalives_interval=10,
        keepalives_count=3,
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {CHANNEL}")
    return connection


def _users(payload: str) -> list[int]:
    try:
        users = json.loads(payload)["users"]
    except (ValueError, TypeError, KeyError):
        return []
    return [user for user in users if isinstance(user, int)] if isinstance(users, list) else []


_hub: list[tuple[asyncio.AbstractEventLoop, Hub]] = []


def hub() -> Hub:
    """This process's hub, started by whoever asks first. Only within the event loop."""
    loop = asyncio.get_running_loop()
    if not _hub or _hub[0][0] is not loop:
        _hub[:] = [(loop, Hub())]
        _hub[0][1].start()
    return _hub[0][1]


async def hub_stop() -> None:
    """End the hub, where there is one."""
    with contextlib.suppress(IndexError):
        _, running = _hub.pop()
        await running.stop()
