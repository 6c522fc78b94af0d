from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def tmp_path(service_dir: Path) -> Path:
    """These tests start services in their folder: see `service_dir` for what pytest's own would do to them."""
    return service_dir
