"""The user of a request."""

from __future__ import annotations

from rest_framework.request import Request

from multitask.accounts.models import User


def actor_of(request: Request) -> User:
    """The user of a request that has passed IsAuthenticated."""
    assert isinstance(request.user, User)
    return request.user
