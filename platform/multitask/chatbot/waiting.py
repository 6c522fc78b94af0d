"""Hold the response to a question until its answer is there, without a thread and without a database connection.

Django's middleware is synchronous: a view that awaited would keep a thread for as long as it waits. So the request is
answered in full first, and its thread and connection are free again; what is held here is the response alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from django.db import InterfaceError, OperationalError

from multitask.chatbot.models import MessageState
from multitask.chatbot.selectors.sessions import message_by_id
from multitask.chatbot.selectors.wires import chat_wire
from multitask.realtime import database
from multitask.realtime.hub import hub
from multitask.settings.logs import get_logger

log = get_logger(__name__)

PATH = "/api/chatbot/chat/"
PENDING_HEADER = "X-Chat-Pending"
WAIT_SECONDS = 20.0
# Looked for without being told: a notification may be lost.
LOOK_SECONDS = 5.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]


def waiting_room(application: Any) -> Application:
    """`application`, with responses held that say `PENDING_HEADER`."""

    async def entered(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != PATH:
            await application(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await application(scope, receive, hold)
        pending = _taken(held)
        if pending is not None:
            await _until_there(pending, held, receive)
        for message in held:
            await send(message)

    return entered


def _taken(held: list[Message]) -> int | None:
    """The id that the response says is pending; the header is taken out."""
    name = PENDING_HEADER.lower().encode()
    found = None
    for message in held:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            found = next((int(value) for key, value in headers if key.lower() == name), None)
            message["headers"] = [pair for pair in headers if pair[0].lower() != name]
    return found


async def _until_there(message_id: int, held: list[Message], receive: Receive) -> None:
    body = json.loads(b"".join(message.get("body", b"") for message in held))
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        line = await _line(message_id, gone)
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
    if line is None:
        return
    body["messages"] = [line if one["id"] == message_id else one for one in body["messages"]]
    is_there = line["state"] != MessageState.PENDING
    _rewrite(held, json.dumps(body, ensure_ascii=False).encode(), status=200 if is_there else 202)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _line(message_id: int, gone: asyncio.Future[None]) -> dict[str, Any] | None:
    """The line at its end or, after `WAIT_SECONDS`, as it stands; None where nobody waits for it any more."""
    loop = asyncio.get_running_loop()
    end = loop.time() + WAIT_SECONDS
    line: dict[str, Any] | None = None
    user_id = await _read(_user_of, message_id)
    if user_id is None:
        return None
    with hub().listening(user_id) as heard:
        while not gone.done():
            heard.clear()
            line = await _read(_look, message_id) or line
            left = end - loop.time()
            # A pending answer with words says that it will take a while: that is told at once.
            if left <= 0 or (line is not None and (line["state"] != MessageState.PENDING or line["message"])):
                break
            woken = asyncio.ensure_future(heard.wait())
            both: set[asyncio.Future[Any]] = {woken, gone}
            await asyncio.wait(both, timeout=min(left, LOOK_SECONDS), return_when=asyncio.FIRST_COMPLETED)
            woken.cancel()
    return line


async def _read(function: Callable[[int], Any], message_id: int) -> Any:
    try:
        return await database.run(function, message_id)
    except (OperationalError, InterfaceError) as error:
        log.warning("answer_not_read", error=str(error).strip())
        return None


def _user_of(message_id: int) -> int | None:
    message = message_by_id(message_id)
    return None if message is None else message.session.user_id


def _look(message_id: int) -> dict[str, Any] | None:
    message = message_by_id(message_id)
    return None if message is None else chat_wire(message).model_dump(mode="json")


def _rewrite(held: list[Message], body: bytes, *, status: int) -> None:
    start = next(message for message in held if message["type"] == "http.response.start")
    headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
    start["headers"] = [*headers, (b"Content-Length", str(len(body)).encode())]
    start["status"] = status
    held[:] = [start, {"type": "http.response.body", "body": body}]
