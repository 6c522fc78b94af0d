"""Secrets of the embedded stack: made once, kept in `var/secrets.json` (mode 600)."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from multitask.devstack.errors import StackError
from multitask.devstack.processes import write_private


def load_secrets(var: Path) -> dict[str, str]:
    """The secrets of this `var/`, making what is missing. Keys: SECRET_KEY."""
    path = var / "secrets.json"
    kept = _read(path)
    if "SECRET_KEY" not in kept:
        kept["SECRET_KEY"] = secrets.token_urlsafe(50)
        write_private(path, json.dumps(kept, indent=1))
    return kept


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
