"""Wait until the pipeline has caught up."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ml.watch import progress_bar
from multitask.outbox.status import backlog, unfinished

EVERY_SECONDS = 0.4
# A job finishes in the transaction that writes what follows from it; still, two looks cost nothing.
QUIET_LOOKS = 2


class Command(BaseCommand):
    help = "Wait until no event is waiting and no job is unfinished. Exit status 1 when the time is up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--timeout", type=float, default=300.0, help="Seconds to wait at most (default 300)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        timeout = options["timeout"]
        if not 0 <= timeout < float("inf"):
            raise CommandError("--timeout is a number of seconds, 0 or more.")
        left = self._wait(timeout)
        queues = backlog()
        dead = sum(statuses.get("dead", 0) for statuses in queues.values())
        if dead:
            self.stdout.write(f"Dead letters: {dead}. The admin shows their errors and can retry them.")
        if left:
            waiting = ", ".join(
                f"{queue} {number}"
                for queue, statuses in sorted(queues.items())
                if (number := sum(count for status, count in statuses.items() if status != "dead"))
            )
            self.stdout.write(
                f"Not finished after {timeout:.0f} s: {left} left ({waiting or 'events no relay has picked up'})."
            )
            sys.exit(1)
        self.stdout.write("The pipeline has caught up.")

    def _wait(self, timeout: float) -> int:
        """How much is left after `timeout` seconds at most; 0 once two looks found nothing."""
        end = time.monotonic() + timeout
        most = quiet = 0
        with progress_bar() as bar:
            line = bar.add_task("Pipeline", total=None)
            while True:
                left = unfinished()
                most = max(most, left)
                bar.update(line, total=most or None, completed=most - left)
                quiet = quiet + 1 if left == 0 else 0
                if quiet >= QUIET_LOOKS:
                    return 0
                if time.monotonic() >= end:
                    return left
                time.sleep(min(EVERY_SECONDS, max(0.0, end - time.monotonic())))
