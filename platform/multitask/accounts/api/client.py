"""Who is at the other end of a request: the address by the trusted hop, the device, the refresh token's cookie."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from multitask.accounts.services.tokens import Device, TokenPair, refresh_lifetime
from multitask.common.errors import Forbidden

COOKIE = "refresh_token"
COOKIE_PATH = "/api/auth/"


class _Address(SimpleRateThrottle):
    rate = None

    def __init__(self) -> None:
        """Without a rate: only the reading of the address is wanted."""


def address_of(request: HttpRequest | Request) -> str | None:
    """The client's address, from the right-most hop that NUM_PROXIES trusts."""
    return _Address().get_ident(request) or None  # type: ignore[arg-type]


def device_of(request: Request) -> Device:
    """Where a login comes from, to show its owner."""
    agent = "".join(char for char in request.headers.get("User-Agent", "") if char.isprintable())
    address = address_of(request)
    return Device(user_agent=agent, address=address if address and _is_address(address) else None)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def cookie_set(response: HttpResponseBase, pair: TokenPair) -> None:
    """Give the refresh token to a browser, where no script can read it."""
    response.set_cookie(
        COOKIE,
        pair.refresh,
        max_age=int(refresh_lifetime().total_seconds()),
        path=COOKIE_PATH,
        secure=settings.REFRESH_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def cookie_clear(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Strict")


def refresh_token_of(request: Request, body: str | None) -> str | None:
    """The refresh token of the body, else of the cookie. Raises Forbidden csrf_failed for another site's request.

    A browser sends the cookie by itself, so a request that relies on it must come from a page of ours.
    """
    if body:
        return body
    token = request.COOKIES.get(COOKIE)
    if token:
        check_origin(request)
    return token


def check_origin(request: Request) -> None:
    """Raises Forbidden csrf_failed unless Origin (or Referer where there is none) is one of ours."""
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        parts = urlsplit(said)
    except ValueError:
        raise Forbidden("csrf_failed") from None
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    own = {
        f"{request.scheme}://{request.get_host()}",
        settings.FRONTEND_URL,
        *settings.CORS_ALLOWED_ORIGINS,
        *settings.CSRF_TRUSTED_ORIGINS,
    }
    if not parts.netloc or origin not in {address.lower().rstrip("/") for address in own}:
        raise Forbidden("csrf_failed")
