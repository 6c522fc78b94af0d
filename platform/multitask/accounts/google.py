"""Google's side of OpenID Connect: where to send people, exchange of the code, check of the id_token.

Only an authorization code is taken, with its PKCE verifier: an access token says nothing about whom it was made for,
so one of another application would log in here. See docs/adr/0011.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jwt
from django.conf import settings

from multitask.common.errors import DomainError
from multitask.settings.logs import get_logger

log = get_logger(__name__)

TIMEOUT_SECONDS = 5
ANSWER_LIMIT = 100_000
CLOCK_SKEW_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified id_token says of its bearer."""

    subject: str
    email: str
    email_verified: bool
    first_name: str
    last_name: str


def require_configured() -> None:
    """Raises DomainError google_not_configured (503)."""
    if not settings.GOOGLE_CLIENT_ID or not settings.GOOGLE_CLIENT_SECRET:
        raise DomainError("google_not_configured", status=503)


def new_verifier() -> str:
    return secrets.token_urlsafe(48)


def authorize_address(*, state: str, nonce: str, verifier: str, redirect_uri: str) -> str:
    """Where the browser goes to log in at Google."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    query = {
        "client_id": settings.GOOGLE_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"),
        "code_challenge_method": "S256",
    }
    return f"{settings.GOOGLE_AUTHORIZE_URL}?{urlencode(query)}"


def identity_of_code(*, code: str, verifier: str, redirect_uri: str, nonce: str | None) -> Identity:
    """Exchange a code for the identity behind it.

    Raises DomainError google_refused (400) for a code, verifier or token that does not hold, google_unavailable (503)
    where Google does not answer.
    """
    require_configured()
    answer = _post(
        settings.GOOGLE_TOKEN_URL,
        {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
            "client_id": settings.GOOGLE_CLIENT_ID,
            "client_secret": settings.GOOGLE_CLIENT_SECRET,
        },
    )
    claims = _verified(str(answer.get("id_token", "")), nonce=nonce)
    email = str(claims.get("email", "")).strip().lower()
    if not email:
        raise DomainError("google_email_unverified", status=400)
    return Identity(
        subject=str(claims["sub"]),
        email=email,
        email_verified=claims.get("email_verified") in {True, "true"},
        first_name=str(claims.get("given_name", ""))[:150],
        last_name=str(claims.get("family_name", ""))[:150],
    )


def _verified(token: str, *, nonce: str | None) -> dict[str, Any]:
    """The claims of an id_token that Google signed for us, now, and for this login."""
    try:
        header = jwt.get_unverified_header(token)
        key = _key(str(header.get("kid", "")))
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=settings.GOOGLE_CLIENT_ID,
            issuer=settings.GOOGLE_ISSUERS,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        log.warning("google_id_token_refused", reason=type(error).__name__)
        raise DomainError("google_refused", status=400) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != settings.GOOGLE_CLIENT_ID:
        raise DomainError("google_refused", status=400)
    if nonce is not None and not secrets.compare_digest(str(claims.get("nonce", "")), nonce):
        raise DomainError("google_refused", status=400)
    return claims


def _key(identifier: str) -> Any:
    """Google's public key of this id. They change every few days, so they are fetched at each login."""
    for key in jwt.PyJWKSet.from_dict(_get(settings.GOOGLE_JWKS_URL)).keys:
        if key.key_id == identifier and key.key_type == "RSA":
            return key.key
    raise DomainError("google_refused", status=400)


def _post(address: str, form: dict[str, str]) -> dict[str, Any]:
    return _call(Request(address, data=urlencode(form).encode("ascii"), method="POST"))  # noqa: S310


def _get(address: str) -> dict[str, Any]:
    return _call(Request(address))  # noqa: S310  (the address is a setting)


def _call(request: Request) -> dict[str, Any]:
    request.add_header("Accept", "application/json")
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            found = json.loads(answer.read(ANSWER_LIMIT))
    except HTTPError as error:
        log.warning("google_answered", status=error.code)
        if 400 <= error.code < 500:
            raise DomainError("google_refused", status=400) from error
        raise DomainError("google_unavailable", status=503, wait=30) from error
    except (URLError, OSError, ValueError) as error:
        log.warning("google_unavailable", error=type(error).__name__)
        raise DomainError("google_unavailable", status=503, wait=30) from error
    if not isinstance(found, dict):
        raise DomainError("google_unavailable", status=503, wait=30)
    return found
