"""Fixtures of searching: nothing is remembered from test to test, and the words answer alone where a test asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from multitask.recommendations.services import queries


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()
    queries.forget()


@pytest.fixture
def words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No vector is to be had of what is asked."""

    def away(index: Any) -> Any:
        raise RuntimeError("no encoder")

    nobody = queries.InProcess()
    nobody.use(away)
    monkeypatch.setattr(queries, "IN_PROCESS", nobody)
