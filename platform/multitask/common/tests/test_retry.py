from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import OperationalError, transaction

from multitask.common import retry
from multitask.common.retry import again, in_transaction


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_SECONDS", 0)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No transaction around, as in a command; a test's own would forbid trying again."""
    monkeypatch.setattr(retry, "connection", SimpleNamespace(in_atomic_block=False, connection=None))


class _Fails:
    def __init__(self, times: int) -> None:
        self.left = times
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise OperationalError("deadlock detected")
        return "done"


@pytest.mark.usefixtures("alone")
def test_a_deadlock_is_tried_again() -> None:
    assert again(_Fails(3)) == "done"


@pytest.mark.usefixtures("alone")
def test_the_last_failure_is_told() -> None:
    with pytest.raises(OperationalError):
        again(_Fails(10), attempts=3)


@pytest.mark.django_db
def test_inside_a_transaction_nothing_is_tried_again() -> None:
    work = _Fails(1)
    with pytest.raises(OperationalError), transaction.atomic():
        in_transaction(work)
    assert work.calls == 1
