"""Channels as it comes: a consumer that joins one group and sends what it receives to it. No login, no database."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

if not settings.configured:
    settings.configure(
        CHANNEL_LAYERS={
            "default": {
                "BACKEND": "channels_redis.core.RedisChannelLayer",
                "CONFIG": {"hosts": [os.environ["REDIS_URL"]], "prefix": "bench-echo"},
            }
        }
    )


class Echo(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode())
        self.group = f"pair-{query['pair'][0]}"
        self.me = query["me"][0]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        said = json.loads(text_data or "{}")
        await self.channel_layer.group_send(self.group, {"type": "said", "by": self.me, **said})

    async def said(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(event))


application = ProtocolTypeRouter({"websocket": Echo.as_asgi()})
