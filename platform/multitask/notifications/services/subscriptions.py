"""Register and forget the browsers a user wants to be pushed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.common.errors import DomainError, Invalid, NotFound
from multitask.notifications.models import PushSubscription
from multitask.notifications.push.addresses import destination_of
from multitask.notifications.push.keys import Pair, decode, encode, own_pair
from multitask.notifications.selectors.subscriptions import subscriptions_of
from multitask.outbox.emit import emit

# Browsers register at each start. A service may go on taking pushes for one that is long gone (Safari's does).
KEEP_DAYS = 180
POINT_BYTES = 65
SECRET_BYTES = 16


@dataclass(frozen=True, slots=True)
class Registered:
    subscription: PushSubscription
    is_new: bool


def push_required() -> Pair:
    """This server's keys. Raises DomainError push_off (503) where it has none."""
    pair = own_pair()
    if pair is None:
        raise DomainError("push_off", status=503)
    return pair


@transaction.atomic
def subscription_register(
    *,
    actor: User,
    endpoint: str,
    p256dh: str,
    auth: str,
    user_agent: str = "",
    expires_ms: int | None = None,
) -> Registered:
    """Push to this browser from now on; the same `endpoint` again renews it, and moves it from whoever had it.

    Of more than PUSH_SUBSCRIPTIONS_PER_USER the one that was renewed longest ago goes. Raises DomainError push_off,
    Invalid push_endpoint for an address that is no known push service's, push_key for keys that are none.
    """
    push_required()
    if destination_of(endpoint) is None:
        raise Invalid("push_endpoint", field="endpoint")
    now = timezone.now()
    # Milliseconds since 1970, as browsers write it.
    expires_at = None if expires_ms is None else datetime.fromtimestamp(expires_ms / 1000, tz=UTC)
    if expires_at is not None and expires_at <= now:
        raise Invalid("push_expired", field="expirationTime")
    values = {
        "user": actor,
        "p256dh": _point(p256dh),
        "auth": _secret(auth),
        "user_agent": user_agent[:300],
        "failures": 0,
        "failing_since": None,
        "last_error": "",
        "retry_at": None,
        "expires_at": expires_at,
        "renewed_at": now,
    }
    # The user's row, so that registrations at once are counted one after the other.
    if not User.objects.select_for_update(no_key=True).get(pk=actor.pk).is_active:
        raise NotFound
    row, is_new = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=values)
    kept = list(subscriptions_of(actor).values_list("pk", flat=True)[: settings.PUSH_SUBSCRIPTIONS_PER_USER])
    PushSubscription.objects.filter(user=actor).exclude(pk__in=kept).delete()
    return Registered(row, is_new)


def subscription_remove(*, actor: User, subscription_id: int) -> None:
    """Push to this browser no more. Raises NotFound for another's."""
    gone, _ = PushSubscription.objects.filter(user=actor, pk=subscription_id).delete()
    if not gone:
        raise NotFound


@transaction.atomic
def push_test(*, actor: User) -> int:
    """Ask for a test push to each of one's own browsers. Returns how many there are.

    Raises DomainError push_off, push_no_subscription.
    """
    push_required()
    number = subscriptions_of(actor).count()
    if not number:
        raise DomainError("push_no_subscription")
    emit("notification.push_test", key=f"push-test:{actor.pk}", user=actor.pk)
    return number


def subscriptions_prune() -> int:
    """Delete those that have expired, or that no browser has renewed for KEEP_DAYS. Returns how many there were."""
    now = timezone.now()
    old = PushSubscription.objects.filter(renewed_at__lt=now - timedelta(days=KEEP_DAYS))
    return old.delete()[0] + PushSubscription.objects.filter(expires_at__lt=now).delete()[0]


def _point(text: str) -> str:
    """A browser's public key in the one spelling we keep."""
    try:
        raw = decode(text)
        if len(raw) != POINT_BYTES:
            raise ValueError
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        raise Invalid("push_key", field="keys") from None
    return encode(raw)


def _secret(text: str) -> str:
    try:
        raw = decode(text)
    except ValueError:
        raise Invalid("push_key", field="keys") from None
    if len(raw) != SECRET_BYTES:
        raise Invalid("push_key", field="keys")
    return encode(raw)
