"""Where the checkout and its working data are."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def var_dir() -> Path:
    """The folder of working data: MULTITASK_VAR, or `var/` of the checkout."""
    given = os.environ.get("MULTITASK_VAR")
    return Path(given).resolve() if given else ROOT / "var"
