"""Remind people of what waits for them, by the clock."""

from __future__ import annotations

from multitask.messaging.services.reminders import messages_remind
from multitask.tasks.services.reminders import STEPS, reminders_tell
from workers.base import Run, job

# Each part is a transaction of its own and may be repeated. What is left after as many parts is for the next run.
PARTS = 50


@job("reminders.tell", queue="default")
def tell(run: Run) -> None:
    """Every reminder that is due, 200 in a transaction."""
    for step in STEPS:
        for _ in range(PARTS):
            if not reminders_tell(step=step):
                break
    for _ in range(PARTS):
        if not messages_remind():
            break
