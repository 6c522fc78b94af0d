"""The one module that knows which library makes tokens."""

from __future__ import annotations

from dataclasses import dataclass

from rest_framework_simplejwt.tokens import RefreshToken

from multitask.accounts.models import User


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str
    refresh: str


def tokens_issue(*, user: User) -> TokenPair:
    """A new access token (24 h) and refresh token (7 days) for `user`."""
    refresh = RefreshToken.for_user(user)
    return TokenPair(access=str(refresh.access_token), refresh=str(refresh))
