"""From which figure on an operator should look: for the page, and (a test compares) for the alert rules in compose."""

from __future__ import annotations

from multitask.outbox.status import FRESH_SECONDS

# People wait for these.
QUICK_QUEUES = ("interactive", "notify", "chat")
QUICK_SECONDS = 60
OTHER_SECONDS = 600
RELAY_SECONDS = FRESH_SECONDS["relay"]
BEAT_SECONDS = FRESH_SECONDS["beat"]
CANARY_SECONDS = FRESH_SECONDS["queue:default"]
EVENTS_SECONDS = 30
STALE_SHARE = 0.05
# Below as many, one is a large share.
STALE_LEAST = 20
MAIL_FAILURES = 3
# Questions that wait for a place among the calls of the model: as many as a minute has by default.
MODEL_WAITING = 60
# Of what ended in the last hour; fewer than LEAST_ENDED say nothing.
REFUSED_SHARE = 0.1
LEAST_ENDED = 10


def queue_limit(queue: str) -> int:
    """For how many seconds the oldest job of a queue may have been due."""
    return QUICK_SECONDS if queue in QUICK_QUEUES else OTHER_SECONDS
