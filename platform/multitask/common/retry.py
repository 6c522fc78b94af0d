"""Try again when a transaction met another one, or the database went away for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.2


def again(function: Callable[[], T], *, attempts: int = 6) -> T:
    """What `function` gives; after a deadlock, a lock waited for too long or a lost connection, once more.

    Six attempts pause for 6 s in all, so that a restart of the database is waited for. Raises OperationalError or
    InterfaceError after the last attempt, and at once inside a transaction, which is lost then.
    """
    nested = connection.in_atomic_block
    for attempt in range(attempts):
        try:
            return function()
        except (OperationalError, InterfaceError):
            if nested or attempt == attempts - 1:
                raise
            if connection.connection is not None:
                connection.close_if_unusable_or_obsolete()
            time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
    raise AssertionError("unreachable")


def in_transaction(function: Callable[[], T], *, attempts: int = 6, durable: bool = True) -> T:
    """Run `function` in one transaction, and `again` where that is called for.

    Not `durable`: the commit does not wait for the disk. A crash of the database within the next second can then
    lose the whole of it, never a part; for work that can be repeated.
    """
    nested = connection.in_atomic_block

    def once() -> T:
        with transaction.atomic():
            if not durable and not nested:
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL synchronous_commit = off")
            return function()

    return again(once, attempts=attempts)
