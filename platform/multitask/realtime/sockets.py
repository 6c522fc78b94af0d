"""A WebSocket of a user: who is on it, what it is sent, and how the frames of its client find their handlers.

A subclass names its stream and handles frames:

    class ChatSocket(Socket):
        stream = Stream.CHAT

        @handles(MessageSend)
        async def message_send(self, frame: MessageSend) -> None:
            message = await self.database(message_send, actor=self.user, ...)
            self.answer(MessageAck(...))

Frames of one socket are handled one after the other. What a handler raises as DomainError its client reads as `error`.
A handler that was cut off by the database may run its call there twice: calls are safe to repeat.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone, translation
from pydantic import BaseModel, ValidationError

from multitask.accounts.models import User
from multitask.common import request_id
from multitask.common.errors import MESSAGES, DomainError
from multitask.realtime import database
from multitask.realtime.codes import Close
from multitask.realtime.counters import COUNTERS
from multitask.realtime.door import Guest, Refused, admit, credential, origin_allowed, query_of
from multitask.realtime.frames import Answer, Error, Frame, Hello, Ping, Pong, ResyncRequired, Sync, Synced
from multitask.realtime.hub import Hub, hub
from multitask.realtime.models import Stream
from multitask.realtime.moments import Moment, Presence, Typing
from multitask.realtime.presence import presence_of
from multitask.realtime.reading import NotAFrame, Pace, client_id_of, first_fault, object_of
from multitask.realtime.selectors.events import News, cursor_of
from multitask.realtime.selectors.logins import Login
from multitask.realtime.writing import Outbox
from multitask.settings.logs import get_logger

log = get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Frame)
S = TypeVar("S", bound="Socket")
Handler = Callable[[S, F], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Without a first frame events begin to flow after this long.
FIRST_FRAME_SECONDS = 1.0
WATCHED_LIMIT = 500
TYPING_LIMIT = 20
# Named by multitask.serve: closes a connection though nobody reads it.
DROP = "multitask.drop"
RESTARTING = 1012
_numbers = itertools.count(1)


def handles(kind: type[F]) -> Callable[[Handler[S, F]], Handler[S, F]]:
    """Make a method the handler of the frames of a class."""

    def mark(method: Handler[S, F]) -> Handler[S, F]:
        method.frame = kind  # type: ignore[attr-defined]  # functions take attributes
        return method

    return mark


class Socket:
    """One connection, from its handshake to its end. Only the event loop's thread touches it."""

    stream: ClassVar[Stream]
    frames: ClassVar[Mapping[str, tuple[type[Frame], str]]] = {}

    # Set once the client is known.
    user: User
    user_id: int
    login: Login
    language: str

    def __init_subclass__(cls) -> None:
        found = dict(cls.frames)
        for name in dir(cls):
            kind = getattr(getattr(cls, name, None), "frame", None)
            if kind is not None:
                (words,) = kind.model_fields["type"].annotation.__args__
                found[words] = (kind, name)
        cls.frames = found

    @classmethod
    def as_asgi(cls) -> Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]:
        """The ASGI application: a new socket for each connection."""

        async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
            await cls(scope, receive, send).run()

        return application

    def __init__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        self.id = str(next(_numbers))
        self.position = 0
        self.watched: frozenset[int] = frozenset()
        self._scope, self._receive, self._send = scope, receive, send
        self._outbox = Outbox(self._send_text, on_empty=self._emptied, on_stuck=self._stuck)
        self._pace = Pace(settings.SOCKET_FRAMES_PER_SECOND, settings.SOCKET_FRAMES_BURST)
        self._bad = 0
        self._live = False
        self._syncing = False
        self._behind = False
        self._sync_to: int | None = None
        self._code = 0
        self._lost = False
        self._timers: list[asyncio.TimerHandle] = []
        self._typing: dict[int, tuple[int, ...]] = {}
        self._hub: Hub | None = None

    # --- For subclasses --------------------------------------------------------------------------------------------

    async def opened(self) -> None:
        """Called once the client was greeted."""

    async def database(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Call a service or selector in a thread of the sockets' own; it may be called twice (see `run_in`)."""

        def call() -> T:
            with translation.override(self.language):
                return function(*arguments, **named)

        return await database.run(call)

    def answer(self, answer: BaseModel) -> None:
        """Say something to this socket alone."""
        if not self._code:
            self._put(answer.model_dump(mode="json", exclude_none=isinstance(answer, Error)))

    def refuse(self, code: str, *, client_id: str | None = None, **params: object) -> None:
        """Answer a frame with an error of MESSAGES."""
        COUNTERS.errors += 1
        detail = MESSAGES[code].show(self.language, **params)
        self.answer(Error(code=code, detail=detail, client_id=client_id))

    def moment(self, user_ids: Iterable[int], moment: Moment) -> None:
        """Tell these users' sockets everywhere, now or never. Whom to tell is the caller's to have checked."""
        if self._hub is not None:
            self._hub.moment(user_ids, moment)

    def typing(self, conversation: int, user_ids: Sequence[int], *, active: bool) -> None:
        """Tell these users that this one is writing, or no longer; ended with the socket, and after 15 s by itself."""
        if not active:
            user_ids = self._typing.pop(conversation, tuple(user_ids))
        elif conversation in self._typing or len(self._typing) < TYPING_LIMIT:
            self._typing[conversation] = tuple(user_ids)
        self.moment(user_ids, Typing(conversation=conversation, user=self.user_id, active=active))

    async def watch(self, user_ids: Iterable[int]) -> None:
        """Tell this socket how things stand with these users, and when they come and go; 500 at most.

        In place of whom it watched before. Whom it may watch is the caller's to have checked.
        """
        users = list(dict.fromkeys(user_ids))[:WATCHED_LIMIT]
        if self._hub is None or self._code:
            return
        self._hub.watch(self, users)
        for user_id, (online, seen) in (await self.database(presence_of, users)).items():
            if online is not None:
                last = seen.isoformat() if seen is not None else None
                self.tell(Presence(user=user_id, online=online, last_seen=last))

    # --- For the hub -----------------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether it takes events of the log now."""
        return self._live and not self._syncing and not self._code and self._outbox.has_room

    def deliver(self, news: News) -> bool:
        """Queue events behind its position, as many as there is room for. True where it would take more at once."""
        if news.last_seq < self.position or news.kept_after > self.position or not news.events:
            self._resync(news.last_seq)
            return False
        for seq, body in news.events:
            if seq != self.position + 1:
                self._resync(news.last_seq)
                return False
            if not self._outbox.has_room or not self._put(body | {"seq": seq}):
                break
            COUNTERS.events += 1
            self.position = seq
        self._behind = self.position < news.last_seq
        self._say_synced()
        return self._behind and self._outbox.has_room

    def tell(self, moment: Moment) -> None:
        """Queue a moment; one that the reader is too slow for is dropped."""
        if self._code:
            return
        if self._outbox.has_room and self._put(moment.model_dump(mode="json")):
            COUNTERS.moments += 1
        else:
            COUNTERS.moments_dropped["reader"] += 1

    def end(self, code: int) -> None:
        """Close with `code`, after what is queued."""
        if self._code:
            return
        self._code = int(code)
        COUNTERS.closed[self._code] += 1
        if not self._outbox.busy:
            self._drop()

    # --- Life ------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """From the handshake to the end of the connection."""
        await self._receive()  # websocket.connect
        # Accepted first: a browser is not told the code of a socket that was never open.
        await self._send({"type": "websocket.accept"})
        try:
            guest = await self._let_in()
        except Refused as refused:
            COUNTERS.closed[int(refused.code)] += 1
            await _closed(self._send, refused.code)
            await self._until_gone()
            return
        try:
            await self._talk(guest)
        finally:
            self._leave()

    async def _let_in(self) -> Guest:
        if not origin_allowed(self._scope.get("headers") or ()):
            raise Refused(Close.FOREIGN_ORIGIN)
        query = query_of(self._scope)
        if not (query.get("ticket") or query.get("token")):
            raise Refused(Close.UNAUTHENTICATED)
        # Apart: a ticket is used up by looking, and what the database is asked may be asked twice.
        claims = await database.run_in(database.DOOR, credential, query)
        try:
            return await database.run_in(
                database.DOOR, admit, claims, self.stream.value, query.get("lang", "")
            )
        except (DatabaseError, InterfaceError) as error:
            log.warning("nobody_let_in", error=str(error).strip())
            raise Refused(Close.UNAVAILABLE) from error

    async def _talk(self, guest: Guest) -> None:
        self.user, self.user_id, self.login = guest.user, guest.user.pk, guest.login
        self.language, self.position = guest.language, guest.last_seq
        COUNTERS.opened[self.stream.value] += 1
        COUNTERS.open[self.stream.value] += 1
        self._hub = hub()
        if not await self._hub.enter(self):
            self.end(Close.TOO_FAST)
            await self._until_gone()
            return
        loop = asyncio.get_running_loop()
        self._timers = [
            loop.call_later(FIRST_FRAME_SECONDS, self._go_live),
            loop.call_later(settings.SOCKET_MAX_SECONDS, self.end, Close.TOO_OLD),
        ]
        now = timezone.now().isoformat()
        self.answer(
            Hello(
                user=self.user_id,
                seq=self.position,
                server_time=now,
                lang="en" if self.language == "en" else "ar",
            )
        )
        try:
            await self.opened()
        except Exception:
            log.exception("socket_not_opened", stream=self.stream.value)
            self.end(Close.FAILED)
        while True:
            await self._outbox.room()
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                # A client that says goodbye gives a reason, be it an empty one; 1012 is this server's own end.
                self._lost = "reason" not in event and event.get("code") != RESTARTING and not self._code
                return
            if not self._code:
                await self._frame(event)

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "websocket.disconnect":
            pass

    def _leave(self) -> None:
        self._outbox.close()
        self._live = False
        for timer in self._timers:
            timer.cancel()
        for conversation in list(self._typing):
            self.typing(conversation, (), active=False)
        if self._hub is not None:
            COUNTERS.open[self.stream.value] -= 1
            self._hub.leave(self, lost=self._lost)

    # --- Frames of the client --------------------------------------------------------------------------------------

    async def _frame(self, event: Mapping[str, Any]) -> None:
        COUNTERS.frames += 1
        if not self._pace.allows(asyncio.get_running_loop().time()):
            self.end(Close.TOO_FAST)
            return
        text = event.get("text")
        if text is None:
            self.end(Close.UNSUPPORTED)
            return
        try:
            body = object_of(text)
        except NotAFrame:
            self._bad_frame("frame_not_json")
            return
        found = self.frames.get(str(body.get("type")))
        if not (found and found[0] is Sync):
            self._go_live()
        if found is None:
            self._bad_frame("frame_unknown", client_id=client_id_of(body))
            return
        kind, name = found
        try:
            frame = kind.model_validate(body)
        except ValidationError as error:
            self._bad_frame("frame_invalid", client_id=client_id_of(body), field=first_fault(error))
            return
        await self._handle(getattr(self, name), frame, client_id_of(body))

    async def _handle(
        self, handler: Callable[[Frame], Awaitable[None]], frame: Frame, client_id: str | None
    ) -> None:
        try:
            with request_id.bound(request_id.sane(None)):
                await handler(frame)
        except DomainError as error:
            self.refuse(error.code, client_id=client_id, **error.params)
        except (OperationalError, InterfaceError) as error:
            log.warning("frame_not_handled", type=frame.type, error=str(error).strip())
            self.refuse("service_unavailable", client_id=client_id)
        except Exception:
            log.exception("frame_failed", type=frame.type, stream=self.stream.value)
            self.refuse("server_error", client_id=client_id)

    def _bad_frame(self, code: str, *, client_id: str | None = None, **params: object) -> None:
        self._bad += 1
        self.refuse(code, client_id=client_id, **params)
        if self._bad >= settings.SOCKET_BAD_FRAMES:
            self.end(Close.BAD_FRAMES)

    @handles(Ping)
    async def _ping(self, frame: Ping) -> None:
        self.answer(Pong())

    @handles(Sync)
    async def _sync(self, frame: Sync) -> None:
        self._syncing = True
        try:
            last_seq, kept_after = await self.database(cursor_of, self.user_id, self.stream.value)
            if kept_after <= frame.since <= last_seq:
                self.position, self._sync_to = frame.since, last_seq
                self._say_synced()
            else:
                self._resync(last_seq)
        finally:
            self._syncing = False
            self._live = True
            if self._hub is not None:
                self._hub.wake((self.user_id,))

    # --- What is sent ----------------------------------------------------------------------------------------------

    def _go_live(self) -> None:
        if not self._live and not self._code and self._hub is not None:
            self._live = True
            self._hub.wake((self.user_id,))

    def _resync(self, last_seq: int) -> None:
        COUNTERS.resyncs += 1
        self.position, self._sync_to, self._behind = last_seq, None, False
        self.answer(ResyncRequired(seq=last_seq))

    def _say_synced(self) -> None:
        if self._sync_to is not None and self.position >= self._sync_to:
            self._sync_to = None
            self.answer(Synced(seq=self.position))

    def _put(self, body: Mapping[str, Any]) -> bool:
        text = json.dumps(_in_language(body, self.language), ensure_ascii=False, separators=(",", ":"))
        if self._outbox.put(text):
            return True
        if not self._code:
            self._stuck()
        return False

    async def _send_text(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})

    def _emptied(self) -> None:
        if self._code:
            self._drop()
        elif self._behind and self._hub is not None:
            self._behind = False
            self._hub.wake((self.user_id,))

    def _stuck(self) -> None:
        """Its reader does not read: close at once, so that nothing is kept for it."""
        if not self._code:
            self._code = int(Close.TOO_SLOW)
            COUNTERS.closed[self._code] += 1
        self._drop()

    def _drop(self) -> None:
        self._outbox.close()
        drop = (self._scope.get("extensions") or {}).get(DROP)
        if drop is not None:
            drop(self._code)
        else:
            asyncio.get_running_loop().create_task(_closed(self._send, self._code))


async def _closed(send: Send, code: int) -> None:
    try:
        await send({"type": "websocket.close", "code": int(code)})
    except (OSError, RuntimeError):
        return  # gone already


def _in_language(value: Any, language: str) -> Any:
    """`value` with each text of both languages, {en, ar}, as the one that is wanted."""
    if isinstance(value, dict):
        if value.keys() == {"en", "ar"}:
            return value[language]
        return {key: _in_language(item, language) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_language(item, language) for item in value]
    return value


async def not_found(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """No socket has this address."""
    await receive()
    await send({"type": "websocket.accept"})
    await _closed(send, Close.NOT_FOUND)


__all__ = ["Answer", "Frame", "Socket", "handles", "not_found"]
