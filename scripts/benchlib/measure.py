"""Measurements that need a process of their own: `python -m benchlib.measure NAME`, arguments and answer as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil

MEGABYTE = 1024 * 1024


def recompute(users: list[int], seconds: float, least: int) -> dict[str, Any]:
    """The lists of `users`, as many together as the job takes, until `seconds` are over (`least` at any rate)."""
    import workers  # noqa: F401  (sets Django up)
    from multitask.recommendations.selectors.tables import users_at_once
    from multitask.recommendations.services.recompute import lists_recompute

    process = psutil.Process()
    lists_recompute(user_ids=users[:1])
    before = process.memory_info().rss
    peak = before
    entries = number = 0
    begin = time.monotonic()
    together = users_at_once()
    for first in range(0, len(users), together):
        chunk = users[first : first + together]
        entries += lists_recompute(user_ids=chunk)
        number += len(chunk)
        peak = max(peak, process.memory_info().rss)
        if number >= least and time.monotonic() - begin > seconds:
            break
    took = time.monotonic() - begin
    return {
        "computed": number,
        "seconds": round(took, 2),
        "users_per_second": round(number / took, 2),
        "ms_per_user": round(took / number * 1000.0, 2),
        "entries_per_list": round(entries / number, 1),
        "rss_mb_first": round(before / MEGABYTE, 1),
        "rss_mb_peak": round(peak / MEGABYTE, 1),
    }


def encoding(texts: list[str], threads: int, rounds: int, model: str) -> dict[str, Any]:
    from benchlib.encoding import compare

    return compare(texts, threads=threads, rounds=rounds, model=model)


def router(warm: bool, seed: int) -> dict[str, Any]:
    from benchlib.router import measure

    return measure(warm=warm, seed=seed)


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    "recompute": recompute,
    "encoding": encoding,
    "router": router,
}


def main() -> int:
    answer = MEASURES[sys.argv[1]](**json.load(sys.stdin))
    # Libraries print to standard output as they please; the last line is the answer.
    sys.stdout.write("\n" + json.dumps(answer) + os.linesep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
