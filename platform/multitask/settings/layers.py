"""Channels' layer, which carries what is of the moment between web processes."""

from __future__ import annotations

from typing import Any


def channel_layers(redis_url: str, prefix: str, secret: str) -> dict[str, Any]:
    """CHANNEL_LAYERS for one Redis; none where there is no Redis. What passes through it is encrypted."""
    if not redis_url:
        return {}
    host = {
        "address": redis_url,
        # Above the 5 s for which the layer waits for a message.
        "socket_timeout": 8,
        "socket_connect_timeout": 2,
        "health_check_interval": 15,
    }
    return {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {
                "hosts": [host],
                "prefix": f"{prefix}layer",
                "capacity": 1000,
                "expiry": 30,
                # A process joins again every minute; one that was killed is forgotten soon.
                "group_expiry": 300,
                "symmetric_encryption_keys": [secret],
            },
        }
    }
