"""What the sockets of this process have done since it started, in plain numbers; `/metrics` shows them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Only the event loop's thread counts."""

    open: Counter[str] = field(default_factory=Counter)  # sockets open now, by stream
    opened: Counter[str] = field(default_factory=Counter)  # by stream
    closed: Counter[int] = field(default_factory=Counter)  # closed by this side, by code
    frames: int = 0  # received
    events: int = 0  # of the log, sent
    moments: int = 0  # sent to sockets
    moments_dropped: Counter[str] = field(default_factory=Counter)  # by reason: redis, queue, reader
    resyncs: int = 0  # sockets told to fetch everything
    errors: int = 0  # frames answered with an error
    reads: int = 0  # queries of the log
    reads_failed: int = 0
    listens: int = 0  # connections made to listen for commits


COUNTERS = Counters()
