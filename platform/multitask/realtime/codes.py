"""The codes with which a socket is closed. docs/realtime.md says what a client does about each."""

from __future__ import annotations

from enum import IntEnum


class Close(IntEnum):
    UNSUPPORTED = 1003  # a binary frame
    FAILED = 1011  # a fault of the server
    BAD_FRAMES = 4400
    UNAUTHENTICATED = 4401
    FOREIGN_ORIGIN = 4403
    NOT_FOUND = 4404
    TOO_SLOW = 4408
    TOO_OLD = 4412
    TOO_FAST = 4429
    UNAVAILABLE = 4503
