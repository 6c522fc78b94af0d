"""The socket of notifications."""

from __future__ import annotations

from multitask.realtime.models import Stream
from multitask.realtime.sockets import Socket


class NotificationsSocket(Socket):
    """Sends the events of the stream; its client asks for nothing but to be brought up to date."""

    stream = Stream.NOTIFICATIONS
