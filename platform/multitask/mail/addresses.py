"""How an address is known here: by a keyed hash, so that the tables tell nobody's address."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email


def address_key(address: str) -> str:
    """64 hexadecimal digits; spellings that differ in case are one address."""
    folded = address.strip().casefold()
    return hmac.new(settings.SECRET_KEY.encode(), f"mail:{folded}".encode(), hashlib.sha256).hexdigest()


def domain_of(address: str) -> str:
    """What stands after the last "@", in small letters."""
    return address.strip().rpartition("@")[2].lower()[:255]


def is_address(value: str) -> bool:
    """Whether mail can be addressed to it: no line breaks, no second address, ASCII before the "@"."""
    try:
        validate_email(value)
    except ValidationError:
        return False
    return value.isprintable() and value.partition("@")[0].isascii()
