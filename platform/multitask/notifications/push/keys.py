"""The pair of keys by which push services know this server (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


@dataclass(frozen=True, slots=True)
class Pair:
    """Both keys as browsers and push services write them: base64url without padding (32 and 65 bytes)."""

    private: str
    public: str


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of base64url, padded or not. Raises ValueError."""
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)


def new_pair() -> Pair:
    return _pair(ec.generate_private_key(ec.SECP256R1()))


@lru_cache(maxsize=4)
def pair_of(private: str) -> Pair:
    """The pair of a private key. Raises ValueError where it is none of the curve P-256."""
    raw = decode(private)
    if len(raw) != 32:
        raise ValueError(f"A private key has 32 bytes, not {len(raw)}.")
    return _pair(ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1()))


def own_pair() -> Pair | None:
    """This server's pair; None where push is off because none was given."""
    return pair_of(settings.VAPID_PRIVATE_KEY) if settings.VAPID_PRIVATE_KEY else None


def _pair(key: ec.EllipticCurvePrivateKey) -> Pair:
    private = key.private_numbers().private_value.to_bytes(32, "big")
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Pair(encode(private), encode(public))
