"""Housekeeping of the log of live events."""

from __future__ import annotations

import time

from django.conf import settings

from multitask.realtime.services.purge import events_purge
from multitask.settings.logs import get_logger
from workers.base import Run, job

log = get_logger(__name__)

# Below the queue's limit; what is left then goes the next night.
PURGE_SECONDS = 60.0


@job("realtime.purge", queue="default")
def purge(run: Run) -> None:
    """In parts, each a transaction of its own, so that no cursor is held for long."""
    end, gone = time.monotonic() + PURGE_SECONDS, 0
    while time.monotonic() < end:
        part = events_purge(keep_days=settings.EVENT_KEEP_DAYS)
        gone += part
        if part == 0:
            break
    log.info("live_events_purged", events=gone)
