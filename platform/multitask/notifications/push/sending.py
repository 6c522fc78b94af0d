"""Send one push to one subscription: encrypted for its browser (RFC 8291), signed by this server (RFC 8292)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from django.conf import settings

from multitask.notifications.push.addresses import destination_of
from multitask.notifications.push.carrier import Away, post
from multitask.notifications.push.keys import own_pair
from multitask.settings.logs import get_logger

log = get_logger(__name__)

SIGNED_FOR_SECONDS = 6 * 60 * 60
LONGEST_WAIT_SECONDS = 60 * 60.0
_GONE = {404, 410}
_LATER = {408, 425, 429}


class Outcome(StrEnum):
    ACCEPTED = "accepted"  # the service has it; whether a device gets it nobody says
    GONE = "gone"  # the subscription is no more
    LATER = "later"  # the service cannot now
    REFUSED = "refused"  # the service does not want it
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Target:
    """A subscription as a browser gives it; keys in base64url."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Push:
    """What is sent. `topic`: a push of the same topic that still waits at the service is replaced by this one."""

    payload: bytes
    ttl: int
    urgency: str
    topic: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` is a status, or a word where there was none; `wait` the seconds that the service asked for."""

    outcome: Outcome
    reason: str = ""
    wait: float | None = None


def push_send(target: Target, push: Push) -> Answer:
    """Send it, within PUSH_TIMEOUT_SECONDS; never raises for what a push service does.

    Imports what only workers need. Raises RuntimeError where this server has no key.
    """
    # aiohttp comes with it: a web process must not carry 40 MB for what only workers do.
    from py_vapid import Vapid02
    from pywebpush import WebPusher

    pair = own_pair()
    if pair is None:
        raise RuntimeError("Push is off: VAPID_PRIVATE_KEY is not set.")
    to = destination_of(target.endpoint)
    if to is None:
        return Answer(Outcome.REFUSED, "host")
    keys = {"endpoint": target.endpoint, "keys": {"p256dh": target.p256dh, "auth": target.auth}}
    body = WebPusher(keys).encode(push.payload, "aes128gcm")["body"]
    claims = {
        "aud": to.origin,
        "exp": int(time.time()) + SIGNED_FOR_SECONDS,
        "sub": settings.VAPID_SUBJECT,
    }
    headers = {
        **Vapid02.from_string(pair.private).sign(claims),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(push.ttl),
        "Urgency": push.urgency,
        "Topic": push.topic,
    }
    try:
        reply = post(to, body, headers, seconds=settings.PUSH_TIMEOUT_SECONDS)
    except Away as error:
        log.info("push_service_away", host=to.host, reason=error.reason)
        return Answer(Outcome.LATER, error.reason)
    if not 200 <= reply.status < 300:
        log.info("push_refused", host=to.host, status=reply.status, said=reply.body[:200])
    return Answer(outcome_of(reply.status), str(reply.status), wait_of(reply.retry_after))


def outcome_of(status: int) -> Outcome:
    """What an answer's status means. A redirect is a refusal: a push service has no reason to send us elsewhere."""
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if status in _GONE:
        return Outcome.GONE
    if status == 413:
        return Outcome.TOO_LARGE
    return Outcome.LATER if status in _LATER or status >= 500 else Outcome.REFUSED


def wait_of(retry_after: str) -> float | None:
    """Seconds that a Retry-After of seconds or of a date asks for, an hour at most; None where it says nothing."""
    text = retry_after.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, (until - datetime.now(UTC)).total_seconds()), LONGEST_WAIT_SECONDS)
