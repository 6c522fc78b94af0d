"""What is of the moment only: told to who is there, kept nowhere, and no loss when it is lost."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from multitask.realtime.models import Stream


class Moment(BaseModel):
    """Closed, as events are. It has no `seq`: a client that missed it misses nothing that it could fetch."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stream: ClassVar[Stream] = Stream.CHAT
    type: str


class Typing(Moment):
    """`user` is writing in the conversation, or no longer."""

    type: Literal["typing"] = "typing"
    conversation: int
    user: int
    active: bool


class Presence(Moment):
    """`user` came or went. `last_seen` (UTC) is None where it is not known."""

    type: Literal["presence"] = "presence"
    user: int
    online: bool
    last_seen: str | None


class ChatbotToken(Moment):
    """More words of an answer: `message` is its id, `index` counts from 0 within one `attempt`; a new one begins anew."""

    type: Literal["chatbot.token"] = "chatbot.token"
    message: int
    text: str
    index: int
    attempt: int


MOMENTS: dict[str, type[Moment]] = {
    kind.model_fields["type"].default: kind for kind in (Typing, Presence, ChatbotToken)
}
