"""Secrets of the embedded stack: made once, kept in `var/secrets.json` (mode 600)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

from multitask.devstack.errors import StackError
from multitask.devstack.processes import write_private


def _vapid_key() -> str:
    # Only where one is made: every command of the stack would wait for it otherwise.
    from multitask.notifications.push.keys import new_pair

    return new_pair().private


# Environment variables that have no default but one of this instance's own.
MADE: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "VAPID_PRIVATE_KEY": _vapid_key,
}


def load_secrets(var: Path) -> dict[str, str]:
    """The secrets of this `var/`, making what is missing. Keys: SECRET_KEY, VAPID_PRIVATE_KEY."""
    path = var / "secrets.json"
    kept = _read(path)
    missing = [name for name in MADE if name not in kept]
    if missing:
        kept |= {name: MADE[name]() for name in missing}
        write_private(path, json.dumps(kept, indent=1))
    return {name: kept[name] for name in MADE}


def flower_password(var: Path) -> str:
    """Flower's password for an address that others can reach."""
    path = var / "secrets.json"
    kept = _read(path)
    if "FLOWER_PASSWORD" not in kept:
        kept["FLOWER_PASSWORD"] = secrets.token_urlsafe(18)
        write_private(path, json.dumps(kept, indent=1))
    return kept["FLOWER_PASSWORD"]


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise StackError(f"{path} is not readable as JSON: remove it, a new one is made.") from None
