"""Web push: the key that signs, and the services that may be called."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from multitask.settings import env

SERVICES = [
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",
    "*.push.apple.com",
]

# What the signing library takes for one: no port, and a dot at least.
_HOST = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"

# The order of the curve P-256 (FIPS 186-4, D.1.2.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class PushConfig:
    private_key: str
    subject: str
    hosts: list[str]


def _is_of_the_curve(key: str) -> bool:
    return 0 < int.from_bytes(base64.urlsafe_b64decode(key.rstrip("=") + "="), "big") < _ORDER


def push_config(frontend_url: str) -> PushConfig:
    """What the environment says of web push."""
    site = re.match(f"https://{_HOST}", frontend_url)
    return PushConfig(
        private_key=env.matching(
            "VAPID_PRIVATE_KEY",
            "",
            r"[A-Za-z0-9_-]{43}=?",
            "32 bytes as base64url, as `manage.py vapid_key` prints them",
            "Signs web pushes; with another one every browser must subscribe anew. Unset, push is off; scripts/run "
            "makes one of its own.",
            accept=_is_of_the_curve,
        ),
        subject=env.matching(
            "VAPID_SUBJECT",
            site.group() if site is not None else "mailto:webmaster@localhost",
            rf"mailto:[^@\s]+@(localhost|{_HOST})|https://{_HOST}",
            "mailto: and an address, or https:// and a host",
            "Whom push services may write to about this server's pushes. Unset, FRONTEND_URL where it is HTTPS.",
        ),
        hosts=env.words(
            "PUSH_HOSTS",
            SERVICES,
            "Push services that browsers may name, by HTTPS; one written with its scheme is taken exactly so, HTTP too.",
        ),
    )
