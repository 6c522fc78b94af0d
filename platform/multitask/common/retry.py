"""Try a transaction again when it met another one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

T = TypeVar("T")


def in_transaction(function: Callable[[], T], *, attempts: int = 4) -> T:
    """Run `function` in one transaction; after a deadlock or a lock that was waited for too long, once more.

    Raises OperationalError after the last attempt, and at once inside another transaction, which is lost then.
    """
    nested = transaction.get_connection().in_atomic_block
    for attempt in range(1, attempts + 1):
        try:
            with transaction.atomic():
                return function()
        except OperationalError:
            if nested or attempt == attempts:
                raise
            time.sleep(0.1 * 2**attempt)
    raise AssertionError("unreachable")
