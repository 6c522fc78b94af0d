"""Asks the running programs whether they answer."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import Any

TIMEOUT = 3
SEEN = re.compile(r"seen (\d+) s ago")


def missing_parts(site: str, *, since: float = float("inf")) -> dict[str, str]:
    """Parts of /readyz of `site` that are not ready, each with what it says about itself; empty when all are.

    A part whose last sign of life is older than `since` seconds is not ready: that was the run before.
    A site that gives no readable answer counts as the one part `web`.
    """
    status, body = _get(f"{site}/readyz")
    try:
        parts: dict[str, Any] = json.loads(body)["parts"]
    except (ValueError, KeyError, TypeError):
        return {"web": f"answers {status}" if status else "does not answer yet"}
    return {name: _why(part) for name, part in parts.items() if not _is_ready(part, since)}


def answers(url: str) -> bool:
    """Whether a server answers `url` at all; a refusal for want of a login is an answer too."""
    status, _ = _get(url)
    return 0 < status < 500


def _get(url: str) -> tuple[int, bytes]:
    """Status (0 when there is none) and body. A proxy of the environment has no say about this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=TIMEOUT) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (OSError, ValueError):
        return 0, b""


def _is_ready(part: Any, since: float) -> bool:
    if not isinstance(part, dict) or not part.get("ok"):
        return False
    seen = SEEN.search(str(part.get("detail", "")))
    return seen is None or float(seen.group(1)) <= since


def _why(part: Any) -> str:
    if isinstance(part, dict):
        said = [str(value) for name, value in part.items() if name != "ok" and value not in (None, "")]
        return ", ".join(said) or "not ready"
    return "not ready"
