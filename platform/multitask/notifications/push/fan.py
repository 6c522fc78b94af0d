"""Send one message to several browsers at once, so that none waits for another's service."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from multitask.notifications.push.addresses import destination_of
from multitask.notifications.push.message import Message
from multitask.notifications.push.sending import Answer, Outcome, Target, push_send
from multitask.settings.logs import get_logger

log = get_logger(__name__)

AT_ONCE = 8
# After this many failures in a row a service is left alone.
FAILED_FOR_PAUSE = 3
# Below the soft limit of the queue, so that what was sent is written down.
ALL_SECONDS = 16.0
LATE = Answer(Outcome.LATER, "timeout")
SKIPPED = Answer(Outcome.LATER, "paused")


def host_of(endpoint: str) -> str:
    """The service's host as breakers know it, with a port of its own where it has one; "" for none of ours."""
    to = destination_of(endpoint)
    return to.origin.partition("://")[2] if to is not None else ""


def fan_out(message: Message, targets: Mapping[int, Target]) -> dict[int, Answer]:
    """Each target's answer, within ALL_SECONDS together. Touches no database: it runs in threads."""
    if not targets:
        return {}
    sending = _Sending(message)
    pool = ThreadPoolExecutor(max_workers=min(AT_ONCE, len(targets)), thread_name_prefix="push")
    try:
        waiting = {pool.submit(sending.one, target): key for key, target in targets.items()}
        done, _ = wait(waiting, timeout=ALL_SECONDS)
        return {key: future.result() if future in done else LATE for future, key in waiting.items()}
    finally:
        # A thread may hang in the resolver, which knows no time-out: nobody waits for it.
        pool.shutdown(wait=False, cancel_futures=True)


@dataclass
class _Sending:
    message: Message

    def __post_init__(self) -> None:
        self._failures: Counter[str] = Counter()
        self._lock = threading.Lock()

    def one(self, target: Target) -> Answer:
        host = host_of(target.endpoint)
        with self._lock:
            if self._failures[host] >= FAILED_FOR_PAUSE:
                return SKIPPED
        answer = self._send(target)
        with self._lock:
            if answer.outcome is Outcome.LATER:
                self._failures[host] += 1
            else:
                self._failures[host] = 0
        return answer

    def _send(self, target: Target) -> Answer:
        try:
            answer = push_send(target, self.message.full)
            if answer.outcome is Outcome.TOO_LARGE:
                answer = push_send(target, self.message.short)
        except Exception:
            # One browser's odd keys must not keep the others from their push.
            log.exception("push_defect")
            return Answer(Outcome.REFUSED, "defect")
        return answer
