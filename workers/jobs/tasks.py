"""What the clock does to tasks and reviews, and forgetting who looked at a task."""

from __future__ import annotations

from multitask.settings.logs import get_logger
from multitask.tasks.services.deadlines import tasks_close_overdue
from multitask.tasks.services.reviews import reviews_publish_due
from multitask.tasks.services.views import task_views_purge
from workers.base import Run, job

log = get_logger(__name__)

# Each part is a transaction of its own and may be repeated: a run that is cut short loses nothing, and no lock is
# held for long. What is left after as many parts is for the next run.
PARTS = 50


@job("tasks.close_overdue", queue="default")
def close_overdue(run: Run) -> None:
    """Cancel open tasks whose deadline has passed."""
    number = 0
    for _ in range(PARTS):
        done = tasks_close_overdue()
        number += done
        if not done:
            break
    if number:
        log.info("tasks_closed_overdue", number=number)


@job("tasks.publish_reviews", queue="default")
def publish_reviews(run: Run) -> None:
    """Show reviews that have been hidden long enough."""
    for _ in range(PARTS):
        if not reviews_publish_due():
            break


@job("tasks.purge_views", queue="default")
def purge_views(run: Run) -> None:
    with run.finish():
        task_views_purge()
