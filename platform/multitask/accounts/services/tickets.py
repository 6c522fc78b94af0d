"""Tickets for WebSockets: a browser cannot send a header with them, and a token in the address lands in logs."""

from __future__ import annotations

import hashlib
import json
import secrets
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from redis.exceptions import RedisError

from multitask.accounts.models import User
from multitask.accounts.services.tokens import user_of_claims
from multitask.common.errors import DomainError

LIFETIME_SECONDS = 30
TICKET_LIMIT = 200


@lru_cache(maxsize=2)
def _store(address: str) -> redis.Redis:
    return redis.Redis.from_url(address, socket_timeout=1, socket_connect_timeout=1)


def _key(ticket: str) -> str:
    # Only the hash is kept: who reads Redis cannot open a socket.
    return f"{settings.REDIS_PREFIX}ws-ticket:{hashlib.sha256(ticket.encode()).hexdigest()}"


def ticket_issue(*, claims: dict[str, object]) -> str:
    """A ticket that opens one socket within 30 s, for who holds the access token of these claims.

    Raises DomainError service_unavailable (503) while Redis is down.
    """
    ticket = secrets.token_urlsafe(32)
    kept = {name: claims.get(name) for name in ("user_id", "family", "epoch")}
    try:
        _store(settings.REDIS_URL).set(_key(ticket), json.dumps(kept), ex=LIFETIME_SECONDS)
    except RedisError as error:
        raise DomainError("service_unavailable", status=503, wait=5) from error
    return ticket


def ticket_redeem(*, ticket: str) -> User | None:
    """The user the ticket is for, once; None for one that was used, has expired, or whose login has ended.

    Raises DomainError service_unavailable (503) while Redis is down.
    """
    claims = ticket_open(ticket=ticket)
    return user_of_claims(claims) if claims is not None else None


def ticket_open(*, ticket: str) -> dict[str, Any] | None:
    """As `ticket_redeem`, up to the claims of the login (user_id, family, epoch), which may have ended meanwhile."""
    if not ticket or len(ticket) > TICKET_LIMIT:
        return None
    try:
        with _store(settings.REDIS_URL).pipeline(transaction=True) as pipe:
            pipe.get(_key(ticket))
            pipe.delete(_key(ticket))
            found, _ = pipe.execute()
    except RedisError as error:
        raise DomainError("service_unavailable", status=503, wait=5) from error
    claims: dict[str, Any] | None = json.loads(found) if found else None
    return claims
