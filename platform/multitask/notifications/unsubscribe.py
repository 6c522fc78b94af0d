"""Addresses in mails that stop mails of one kind, and can do nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from multitask.notifications.defaults import CRITICAL
from multitask.notifications.models import NotificationType

DIGEST = "digest"
SCOPES = frozenset({*NotificationType.values, DIGEST}) - CRITICAL


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Whose mails of which kind: `scope` is a notification type or "digest"."""

    user_id: int
    scope: str


def _signer() -> Signer:
    return Signer(salt="unsubscribe", sep=".")


def unsubscribe_token(user_id: int, scope: str) -> str:
    """The same for the same user and scope; without an end, as mails are. Raises ValueError for another scope."""
    if scope not in SCOPES:
        raise ValueError(f"Nobody unsubscribes from {scope!r}.")
    return _signer().sign_object([user_id, scope])


def unsubscribe_url(user_id: int, scope: str) -> str:
    """The absolute address for a mail and its List-Unsubscribe header."""
    path = reverse("notification-unsubscribe", args=[unsubscribe_token(user_id, scope)])
    return f"{settings.FRONTEND_URL}{path}"


def unsubscription_of(token: str) -> Unsubscription | None:
    """What a token stands for; None where it is not one of ours."""
    try:
        user_id, scope = _signer().unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return Unsubscription(user_id, scope) if scope in SCOPES else None
