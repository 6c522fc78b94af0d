"""Counting how attempts end, in the statement that ends them."""

from __future__ import annotations

SLOTS = 128


def counting(change: str, outcomes: str) -> str:
    """One statement: `change` (an UPDATE or INSERT with RETURNING, known as `changed`), and its rows counted.

    `outcomes` selects (handler, queue, outcome) of every changed row; they are added to `JobTally`, in the
    transaction of the change. The statement answers with one row: how many rows were changed.
    """
    # The row of this connection alone, and in one order: nobody waits for another's, and no two for each other.
    return f"""
        WITH changed AS ({change}),
        tallied AS (
            INSERT INTO outbox_jobtally AS old (handler, queue, outcome, slot, number)
            SELECT handler, queue, outcome, pg_backend_pid() %% {SLOTS}, count(*) FROM ({outcomes}) ended
            GROUP BY handler, queue, outcome ORDER BY handler, queue, outcome
            ON CONFLICT (handler, queue, outcome, slot) DO UPDATE SET number = old.number + EXCLUDED.number
            RETURNING 1)
        SELECT count(*) FROM changed
    """  # noqa: S608
