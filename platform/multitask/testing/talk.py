"""The product's ASGI application with one socket more, `/ws/talk/`, that does what its client says.

It stands for any socket of the chat's stream, so that the base of them all can be tested and measured alone: whom to
tell and whom to watch is checked by nobody here.
"""

from __future__ import annotations

import os
from typing import Any, Literal

from multitask.asgi import application as product
from multitask.asgi import sockets
from multitask.realtime import hub
from multitask.realtime.frames import Answer, Frame
from multitask.realtime.models import Stream
from multitask.realtime.sockets import Socket, handles

hub.LOGIN_SECONDS = float(os.environ.get("TALK_LOGIN_SECONDS", hub.LOGIN_SECONDS))
hub.TYPING_SECONDS = float(os.environ.get("TALK_TYPING_SECONDS", hub.TYPING_SECONDS))
hub.SWEEP_SECONDS = float(os.environ.get("TALK_SWEEP_SECONDS", hub.SWEEP_SECONDS))


class Watch(Frame):
    type: Literal["watch"]
    users: list[int]


class Write(Frame):
    type: Literal["typing"]
    conversation: int
    users: list[int]
    active: bool


class Fill(Frame):
    """Answer with so many frames of so many characters, at once."""

    type: Literal["fill"]
    frames: int
    characters: int


class Fail(Frame):
    type: Literal["fail"]
    client_id: str


class Filler(Answer):
    type: Literal["filler"] = "filler"
    text: str


class TalkSocket(Socket):
    stream = Stream.CHAT

    async def opened(self) -> None:
        if self.user.username.startswith("unlucky"):
            raise ZeroDivisionError

    @handles(Watch)
    async def _watch(self, frame: Watch) -> None:
        await self.watch(frame.users)

    @handles(Write)
    async def _write(self, frame: Write) -> None:
        self.typing(frame.conversation, frame.users, active=frame.active)

    @handles(Fill)
    async def _fill(self, frame: Fill) -> None:
        for _ in range(frame.frames):
            self.answer(Filler(text="x" * frame.characters))

    @handles(Fail)
    async def _fail(self, frame: Fail) -> None:
        # A log that showed the values of variables would show this one.
        credential = self._scope["query_string"].decode()
        raise ZeroDivisionError(len(credential))


def _route() -> Any:
    from django.urls import path

    talk: Any = TalkSocket.as_asgi()
    return path("ws/talk/", talk)


# Before the last, which is every other address.
sockets.insert(-1, _route())
application = product
