"""Which addresses a push may be sent to: those of known push services, so that nobody makes this server call another."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings

LONGEST = 2000
LONGEST_HOST = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# No user, no fragment, no bracket, no backslash: what one parser takes for the host, every other one does too.
_ADDRESS = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[0-9]{{1,5}}))?"
    r"(?P<target>/[!\"$-\[\]-~]*)",
    re.IGNORECASE | re.ASCII,
)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Destination:
    """A push service's address, taken apart. `own`: named with its scheme in PUSH_HOSTS, so it may be a private one."""

    scheme: str
    host: str
    port: int
    target: str
    own: bool

    @property
    def origin(self) -> str:
        """Scheme, host, and the port where it is not the usual one: the audience of a signature."""
        usual = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")


def destination_of(endpoint: str) -> Destination | None:
    """Where `endpoint` leads, or None where no push may be sent.

    A host named bare in PUSH_HOSTS is taken by HTTPS on its usual port only; `*.` before it stands for one label or
    more. A host named with its scheme (and port) is taken exactly so.
    """
    found = _ADDRESS.fullmatch(endpoint) if len(endpoint) <= LONGEST else None
    if found is None:
        return None
    scheme, host = found["scheme"].lower(), found["host"].lower()
    port = int(found["port"] or _PORTS[scheme])
    if len(host) > LONGEST_HOST or not 0 < port < 65536:
        return None
    plain = Destination(scheme, host, port, found["target"], own=False)
    for allowed in settings.PUSH_HOSTS:
        if "://" in allowed:
            if plain.origin == allowed.lower().rstrip("/"):
                return Destination(scheme, host, port, found["target"], own=True)
        elif scheme == "https" and port == _PORTS[scheme] and _matches(host, allowed.lower()):
            return plain
    return None


def _matches(host: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return host.endswith(allowed[1:]) and len(host) >= len(allowed)
    return host == allowed
