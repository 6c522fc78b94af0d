"""Try a transaction again when it met another one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

T = TypeVar("T")


def in_transaction(function: Callable[[], T], *, attempts: int = 4, durable: bool = True) -> T:
    """Run `function` in one transaction; after a deadlock or a lock that was waited for too long, once more.

    Not `durable`: the commit does not wait for the disk. A crash of the database within the next second can then
    lose the whole of it, never a part; for work that can be repeated.
    Raises OperationalError after the last attempt, and at once inside another transaction, which is lost then.
    """
    nested = connection.in_atomic_block
    for attempt in range(1, attempts + 1):
        try:
            with transaction.atomic():
                if not durable and not nested:
                    with connection.cursor() as cursor:
                        cursor.execute("SET LOCAL synchronous_commit = off")
                return function()
        except OperationalError:
            if nested or attempt == attempts:
                raise
            time.sleep(0.1 * 2**attempt)
    raise AssertionError("unreachable")
