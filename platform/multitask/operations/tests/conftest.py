"""Figures are kept for seconds; no test sees those of another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from multitask.operations.selectors import figures


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    figures.forget()
    yield
    figures.forget()
