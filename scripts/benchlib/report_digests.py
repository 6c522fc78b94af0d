"""The figures of digests as promises and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchlib.tables import Sheet, Target

TIMES_ALONE = 5.0
# Who changes their preferences meanwhile waits for the row no longer than `lock_timeout`.
LONGEST_MS = 3_000.0


def targets(section: dict[str, Any] | None) -> Iterator[Target]:
    """How much faster than one by one, and how long the longest transaction holds its rows."""
    if section is None:
        return
    name = f"digests, {section['users']:,} users"
    yield Target(f"{name}: times one by one", section["times_alone"], TIMES_ALONE)
    yield Target(f"{name}: longest transaction, ms", section["transaction_ms"]["max"], LONGEST_MS, most=True)


def digests_sheet(section: dict[str, Any]) -> Sheet:
    """One row."""
    took = section["transaction_ms"]
    row = (
        f"{section['users']:,}",
        f"{section['with_news']:,}",
        f"{section['finding_s']:g}",
        f"{section['seconds']:g}",
        f"{section['users_per_second']:,}",
        f"{took['p50']:g} / {took['p95']:g} / {took['max']:g}",
        f"{section['alone_per_second']:g} ({section['times_alone']:g}×)",
    )
    note = (
        f"Everybody's digest due in one minute; {section['workers']} workers as threads of one process, 200 users a "
        "transaction: locked, read for with one query a section, written, moved on. The mails are further jobs. One by "
        "one: the same statements for one user a transaction."
    )
    columns = (
        "users",
        "with news",
        "finding, s",
        "preparing, s",
        "users/s",
        "transaction ms, p50 / p95 / max",
        "one by one, users/s",
    )
    return Sheet("Digests", columns, (row,), note)
