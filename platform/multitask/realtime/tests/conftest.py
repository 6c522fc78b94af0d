"""One web process for the tests of a file, on the database of the test run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from multitask.testing.sockets import WebProcess


@pytest.fixture(scope="module")
def web(
    request: pytest.FixtureRequest, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebProcess]:
    """What a file says in `WEB` is the environment of its process; it serves /ws/talk/ too."""
    environment: dict[str, str] = getattr(request.module, "WEB", {})
    log: Path = tmp_path_factory.mktemp("web") / "web.log"
    with WebProcess(log, talk=True, **environment) as running:
        yield running
