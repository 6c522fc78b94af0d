"""What clients say on the socket of conversations, and what they are answered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from multitask.messaging.models import CLIENT_ID_LIMIT
from multitask.realtime.events import MessageWire
from multitask.realtime.frames import LARGEST, Answer, Frame

Id = Field(ge=1, le=LARGEST)


class MessageSend(Frame):
    """Send a text. `client_id` makes it one message however often it is sent: a new one for each message."""

    type: Literal["message.send"]
    conversation: int = Id
    content: str
    client_id: str = Field(min_length=1, max_length=CLIENT_ID_LIMIT)


class TypingStart(Frame):
    """The client is being written on: again every 10 s while that lasts."""

    type: Literal["typing.start"]
    conversation: int = Id


class TypingStop(Frame):
    type: Literal["typing.stop"]
    conversation: int = Id


class MessageRead(Frame):
    """Everything up to the message `up_to` is read."""

    type: Literal["message.read"]
    conversation: int = Id
    up_to: int = Id


class MessageDelivered(Frame):
    """Everything up to the message `up_to` has reached this device."""

    type: Literal["message.delivered"]
    conversation: int = Id
    up_to: int = Id


class MessageAck(Answer):
    """The message is kept: as it is in the conversation, also where it was sent before."""

    type: Literal["message.ack"] = "message.ack"
    client_id: str
    message: MessageWire
