"""What clients say on every socket, and what the server answers that is neither an event nor a moment."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

# Ids and numbers as PostgreSQL keeps them.
LARGEST = 2**63 - 1


class Frame(BaseModel):
    """A frame of a client: closed, and strict about kinds ("1" is no number). Subclasses fix `type`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    type: str


class Sync(Frame):
    """Send everything behind `since`, then live."""

    type: Literal["sync"]
    since: int = Field(ge=0, le=LARGEST)


class Ping(Frame):
    type: Literal["ping"]


class Answer(BaseModel):
    """What the server says to one socket alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: str


class Hello(Answer):
    """The first frame. `seq`: the newest event there was; `server_time` in UTC."""

    type: Literal["hello"] = "hello"
    user: int
    seq: int
    server_time: str
    lang: Literal["ar", "en"]


class Synced(Answer):
    """Everything up to `seq` was sent."""

    type: Literal["synced"] = "synced"
    seq: int


class ResyncRequired(Answer):
    """What was asked for is gone: fetch the state anew. Live events go on behind `seq`."""

    type: Literal["resync_required"] = "resync_required"
    seq: int


class Error(Answer):
    """A frame was refused; `client_id` is the frame's own, where it had one."""

    type: Literal["error"] = "error"
    code: str
    detail: str
    client_id: str | None = None


class Pong(Answer):
    type: Literal["pong"] = "pong"
