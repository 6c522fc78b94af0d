"""ASGI entry point: HTTP by Django, WebSockets beside it, and the end of the process."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "multitask.settings.dev")

http = get_asgi_application()

# After Django is set up: they load models.
from django.urls import path, re_path  # noqa: E402

from ml.chatbot.warm import warm as assistant_warm  # noqa: E402
from multitask.chatbot.waiting import waiting_room  # noqa: E402
from multitask.messaging.consumers import ChatSocket  # noqa: E402
from multitask.realtime import database  # noqa: E402
from multitask.realtime.consumers import NotificationsSocket  # noqa: E402
from multitask.realtime.hub import hub, hub_stop  # noqa: E402
from multitask.realtime.sockets import not_found  # noqa: E402


def _any(application: Any) -> Any:
    return application


# Channels routes ASGI applications by Django's own paths, whose types know views alone.
sockets: list[Any] = [
    path("ws/chat/", _any(ChatSocket.as_asgi())),
    path("ws/notifications/", _any(NotificationsSocket.as_asgi())),
    re_path(r"", _any(not_found)),
]


async def lifespan(
    scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Sockets and the assistant are ready before the first comes; their threads and connections end with the process."""
    await receive()
    hub()
    await asyncio.to_thread(assistant_warm)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await hub_stop()
    await database.close()
    await send({"type": "lifespan.shutdown.complete"})


application = ProtocolTypeRouter(
    {"http": waiting_room(http), "websocket": URLRouter(sockets), "lifespan": lifespan}
)
