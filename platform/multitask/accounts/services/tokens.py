"""Tokens: the one module that knows which library makes them, and the rows that say which of them still live.

A login is a family. Its access tokens and its chain of refresh tokens name it, so that the end of the family ends them
all. A refresh token is used once; used again within a short grace it gives the same successor, later it was stolen by
one side or the other, and the family ends. See docs/adr/0010.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, Token
from rest_framework_simplejwt.tokens import RefreshToken as RefreshJwt

from multitask.accounts.models import RefreshToken, TokenFamily, User
from multitask.common.errors import DomainError

FAMILY = "family"
EPOCH = "epoch"
ID_DIGITS = 18


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Device:
    """Where a login comes from, as its owner would recognise it."""

    user_agent: str = ""
    address: str | None = None


class _Stolen(Exception):
    """A rotated token came back after its grace."""


def tokens_issue(*, user: User, device: Device | None = None) -> TokenPair:
    """A new login of `user`: access token (24 h) and refresh token (7 days). Two queries."""
    device = device or Device()
    with transaction.atomic():
        family = TokenFamily.objects.create(
            user=user, user_agent=device.user_agent[:200], address=device.address
        )
        row = _refresh_row(family)
        row.save(force_insert=True)
    return _pair(family, row, user)


def tokens_refresh(*, refresh: str) -> TokenPair:
    """The successor of a refresh token. Raises DomainError token_invalid or token_reused (401)."""
    claims = _read(RefreshJwt, refresh)
    try:
        with transaction.atomic():
            return _rotate(claims)
    except _Stolen:
        # In a transaction of its own: the refusal must not take the family's end back with it.
        TokenFamily.objects.filter(pk=claims[FAMILY], ended_at__isnull=True).update(
            ended_at=timezone.now(), reason="reuse"
        )
        raise DomainError("token_reused", status=401) from None


def _rotate(claims: dict[str, Any]) -> TokenPair:
    # The family's row: of several refreshes at once the first makes the successor, the others find it; and an end of
    # the family either sees the successor or is seen here.
    family = (
        TokenFamily.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .filter(pk=claims[FAMILY])
        .first()
    )
    if family is None or family.ended_at is not None or not _is_users(family, claims):
        raise DomainError("token_invalid", status=401)
    row = RefreshToken.objects.filter(family=family, jti=claims["jti"]).first()
    if row is None:
        raise DomainError("token_invalid", status=401)
    if row.rotated_at is None:
        successor = _refresh_row(family)
        successor.save(force_insert=True)
        RefreshToken.objects.filter(pk=row.pk).update(rotated_at=timezone.now(), successor_jti=successor.jti)
        return _pair(family, successor, family.user)
    if timezone.now() - row.rotated_at > timedelta(seconds=settings.REFRESH_GRACE_SECONDS):
        raise _Stolen
    return _pair(family, RefreshToken.objects.get(jti=row.successor_jti), family.user)


def token_check(*, token: str) -> tuple[str, datetime]:
    """(type, when it expires) of a token that is still good. Raises DomainError token_invalid (401)."""
    for kind in (AccessToken, RefreshJwt):
        try:
            claims = _read(kind, token)
        except DomainError:
            continue
        alive = user_of_claims(claims) is not None
        if kind is RefreshJwt:
            alive = alive and RefreshToken.objects.filter(jti=claims["jti"], rotated_at__isnull=True).exists()
        if alive:
            return str(kind.token_type), datetime.fromtimestamp(claims["exp"], tz=UTC)
    raise DomainError("token_invalid", status=401)


def user_of_claims(claims: Any) -> User | None:
    """The user an access token of these claims still speaks for. One query."""
    family, user_id = claims.get(FAMILY), str(claims.get("user_id", ""))
    if not isinstance(family, int) or not user_id.isdecimal() or len(user_id) > ID_DIGITS:
        return None
    alive = TokenFamily.objects.filter(pk=family, user=OuterRef("pk"), ended_at__isnull=True)
    user = User.objects.filter(Exists(alive), pk=int(user_id), is_active=True).first()
    return user if user is not None and user.token_epoch == claims.get(EPOCH) else None


def token_open(*, access: str) -> dict[str, Any] | None:
    """The claims of an access token that is signed by us and not expired; its login may have ended. No query."""
    try:
        return _read(AccessToken, access)
    except DomainError:
        return None


def session_end(*, family_id: int | None, refresh: str | None, actor: User | None) -> None:
    """Log out: end the family of the access token and that of the refresh token, where that is the actor's own.

    Without an access token the refresh token alone says who is asking. Raises DomainError token_invalid (401).
    """
    ended = {family_id} if family_id is not None else set()
    if refresh:
        try:
            claims = _read(RefreshJwt, refresh)
        except DomainError:
            if actor is None:
                raise
        else:
            if actor is None or str(claims.get("user_id")) == str(actor.pk):
                ended.add(claims[FAMILY])
    elif actor is None:
        raise DomainError("token_invalid", status=401)
    TokenFamily.objects.filter(pk__in=ended, ended_at__isnull=True).update(
        ended_at=timezone.now(), reason="logout"
    )


@transaction.atomic
def sessions_end_all(*, user: User, reason: str) -> None:
    """End every token of `user` at once, those that are being made at this moment too."""
    User.objects.filter(pk=user.pk).update(token_epoch=F("token_epoch") + 1)
    TokenFamily.objects.filter(user=user, ended_at__isnull=True).update(
        ended_at=timezone.now(), reason=reason
    )
    user.refresh_from_db(fields=["token_epoch"])


def tokens_prune() -> int:
    """Delete what can no longer be presented: expired refresh tokens, and logins that have none left.

    An access token lives shorter than the refresh token that came with it, so no living one loses its family.
    """
    gone, _ = RefreshToken.objects.filter(expires_at__lt=timezone.now()).delete()
    TokenFamily.objects.exclude(Exists(RefreshToken.objects.filter(family=OuterRef("pk")))).filter(
        created_at__lt=timezone.now() - timedelta(days=1)
    ).delete()
    return gone


def refresh_lifetime() -> timedelta:
    """How long a refresh token lives."""
    lifetime = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    assert isinstance(lifetime, timedelta)
    return lifetime


def _refresh_row(family: TokenFamily) -> RefreshToken:
    # Whole seconds, as the claims have them: the row must make the same token again.
    now = timezone.now().replace(microsecond=0)
    return RefreshToken(
        family=family, jti=uuid.uuid4().hex, issued_at=now, expires_at=now + refresh_lifetime()
    )


def _pair(family: TokenFamily, row: RefreshToken, user: User) -> TokenPair:
    shared = {"user_id": str(user.pk), FAMILY: family.pk, EPOCH: user.token_epoch}
    refresh = RefreshJwt()
    refresh.payload = {
        "token_type": RefreshJwt.token_type,
        "exp": int(row.expires_at.timestamp()),
        "iat": int(row.issued_at.timestamp()),
        "jti": row.jti,
        **shared,
    }
    access = AccessToken()
    access.payload.update(shared)
    return TokenPair(access=str(access), refresh=str(refresh))


def _is_users(family: TokenFamily, claims: dict[str, Any]) -> bool:
    user = family.user
    return (
        user.is_active
        and str(claims.get("user_id")) == str(user.pk)
        and claims.get(EPOCH) == user.token_epoch
    )


def _read(kind: type[Token], token: str) -> dict[str, Any]:
    """The claims of a token of this kind that is signed by us and not expired, with a family's id in it."""
    try:
        claims: dict[str, Any] = kind(token).payload  # type: ignore[arg-type]
    except (TokenError, ValueError, TypeError) as error:
        raise DomainError("token_invalid", status=401) from error
    if not isinstance(claims.get(FAMILY), int):
        raise DomainError("token_invalid", status=401)
    return claims
