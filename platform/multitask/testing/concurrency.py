"""Things done at the same moment, each with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

from django.db import connections


def at_once(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Call every function in a thread of its own, all released together: their results, or what they raised.

    The test that calls this needs `transaction=True`, or the threads see nothing of what it wrote.
    """
    results: list[Any] = [None] * len(functions)
    gate = Barrier(len(functions))

    def call(position: int) -> None:
        try:
            gate.wait(timeout=10)
            results[position] = functions[position]()
        except Exception as error:  # noqa: BLE001  (the caller looks at it)
            results[position] = error
        finally:
            connections.close_all()

    threads = [Thread(target=call, args=(position,)) for position in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results
