"""Health of the pipeline's parts: a canary job for each queue, whose time lands in the database.

A worker can answer a ping and consume nothing; only a job that ran proves that jobs run. `python -m workers.health`
reads those times for container health checks and operators.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, close_old_connections

from multitask.outbox.relay import beat_heart
from multitask.outbox.status import heartbeats
from workers.app import app
from workers.queues import QUEUES

CANARY = "health.canary"
PARTS = ("relay", "beat")


# The first canaries load the encoder and the library that asks the assistant's model, so that "ready" means warm.
@app.task(name=CANARY, soft_time_limit=50, time_limit=60)
def canary(queue: str) -> None:
    close_old_connections()
    detail = ""
    if queue == "embed":
        from workers.jobs.vectors import warm

        detail = warm()
    elif queue == "chat":
        from workers.jobs.chat import warm as chat_warm

        chat_warm()
    beat_heart(f"queue:{queue}", detail=detail)


def unwell(names: Sequence[str]) -> dict[str, str]:
    """{part: what is known of it} of those of `names` that are not well; every part where `names` is empty.

    A name is "relay", "beat" or "queue:NAME". Raises django.db.DatabaseError where the database does not answer.
    """
    return {
        part.name: part.detail for part in heartbeats() if not part.ok and (not names or part.name in names)
    }


def main(arguments: list[str] | None = None) -> int:
    """0 where every part asked for has shown itself lately, 1 otherwise, each that has not on a line of stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m workers.health",
        description="Say whether parts of the pipeline work. Exit status 0: all of them; 1: not all.",
        epilog="Without an option every part is asked. A queue shows itself by a canary job that the relay sends it.",
    )
    parser.add_argument(
        "--queue", action="append", default=[], choices=list(QUEUES), help="a queue; may be repeated"
    )
    parser.add_argument("--part", action="append", default=[], choices=PARTS, help="the relay or beat")
    chosen = parser.parse_args(arguments)
    try:
        found = unwell([*chosen.part, *(f"queue:{name}" for name in chosen.queue)])
    except (DatabaseError, InterfaceError) as error:
        sys.stderr.write(f"The database does not answer: {str(error).strip().splitlines()[0]}\n")
        return 1
    for name, detail in found.items():
        sys.stderr.write(f"{name}: {detail}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
