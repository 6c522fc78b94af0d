"""Who may open a socket: from which pages, with which credential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from multitask.accounts.models import User
from multitask.accounts.services.tickets import ticket_open
from multitask.accounts.services.tokens import EPOCH, FAMILY, token_open, user_of_claims
from multitask.common.errors import DomainError
from multitask.common.text import LANGUAGES
from multitask.realtime.codes import Close
from multitask.realtime.selectors.events import cursor_of
from multitask.realtime.selectors.logins import Login

Headers = Sequence[tuple[bytes, bytes]]
TOKEN_LIMIT = 4_096


class Refused(Exception):
    """The socket is closed with `code`."""

    def __init__(self, code: Close) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Guest:
    """Who came in: with which login, in which language, and the newest event of the stream there was then."""

    user: User
    login: Login
    language: str
    last_seq: int


def query_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of the address; a name that comes twice counts once, with its last value."""
    raw: bytes = scope.get("query_string") or b""
    try:
        return {name: values[-1] for name, values in parse_qs(raw.decode(), max_num_fields=20).items()}
    except ValueError:
        return {}


def origin_allowed(headers: Headers) -> bool:
    """Whether the page that opens the socket is one of ours. A client that names no page is no browser."""
    origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
    if not origins:
        return True
    if len(origins) > 1:
        return False
    origin = origins[0].rstrip("/").lower()
    known = {address.rstrip("/").lower() for address in settings.CORS_ALLOWED_ORIGINS}
    try:
        parts, ours = urlsplit(origin), urlsplit(settings.FRONTEND_URL)
        host, _ = split_domain_port(parts.netloc)
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or parts.path or parts.query:
        return False
    if origin in known or (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc.lower()):
        return True
    return validate_host(host, settings.ALLOWED_HOSTS)


def credential(query: Mapping[str, str]) -> dict[str, Any]:
    """The claims of the ticket (used up by this) or access token. Raises Refused: 4401, or 4503 while Redis is away."""
    if "ticket" in query:
        try:
            claims = ticket_open(ticket=query["ticket"])
        except DomainError as error:
            raise Refused(Close.UNAVAILABLE) from error
    else:
        token = query.get("token", "")
        claims = token_open(access=token) if 0 < len(token) <= TOKEN_LIMIT else None
    if claims is None:
        raise Refused(Close.UNAUTHENTICATED)
    return claims


def admit(claims: Mapping[str, Any], stream: str, wanted: str) -> Guest:
    """Who the claims still speak for, in the `wanted` language where it is one of ours. Raises Refused: 4401."""
    user = user_of_claims(claims)
    if user is None:
        raise Refused(Close.UNAUTHENTICATED)
    last_seq, _ = cursor_of(user.pk, stream)
    return Guest(
        user=user,
        login=(user.pk, int(claims[FAMILY]), int(claims[EPOCH])),
        language=wanted if wanted in LANGUAGES else user.language,
        last_seq=last_seq,
    )
