"""Asks the running programs whether they answer."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

TIMEOUT = 3


def missing_parts(site: str) -> dict[str, str]:
    """Parts of /readyz of `site` that are not ready, each with what it says about itself; empty when all are.

    A site that gives no readable answer counts as the one part `web`.
    """
    status, body = _get(f"{site}/readyz")
    try:
        parts: dict[str, Any] = json.loads(body)["parts"]
    except (ValueError, KeyError, TypeError):
        return {"web": f"answers {status}" if status else "does not answer yet"}
    return {
        name: _why(part) for name, part in parts.items() if not (isinstance(part, dict) and part.get("ok"))
    }


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


def _why(part: Any) -> str:
    if isinstance(part, dict):
        said = [str(value) for name, value in part.items() if name != "ok" and value not in (None, "")]
        return ", ".join(said) or "not ready"
    return "not ready"
