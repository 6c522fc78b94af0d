"""Which moves a task and an application may make. Every service asks here; nobody sets a status by hand.

Beside its status a task in progress is either worked on or delivered: the assigned freelancer asks for completion
(`delivered_at`), the owner completes it or asks for changes, which begins the work again.
"""

from __future__ import annotations

from multitask.common.errors import DomainError
from multitask.tasks.models import ApplicationStatus, Task, TaskStatus

TASK_MOVES: dict[str, frozenset[str]] = {
    TaskStatus.OPEN: frozenset({TaskStatus.IN_PROGRESS, TaskStatus.CANCELLED}),
    TaskStatus.IN_PROGRESS: frozenset({TaskStatus.COMPLETED, TaskStatus.CANCELLED}),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.CANCELLED: frozenset(),
}
APPLICATION_MOVES: dict[str, frozenset[str]] = {
    ApplicationStatus.PENDING: frozenset(
        {ApplicationStatus.ACCEPTED, ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN}
    ),
    ApplicationStatus.ACCEPTED: frozenset(),
    ApplicationStatus.REJECTED: frozenset(),
    # Sending it again begins it anew: one row for one freelancer, whatever they change their mind about.
    ApplicationStatus.WITHDRAWN: frozenset({ApplicationStatus.PENDING}),
}


def check_task_move(current: str, wanted: str) -> None:
    """Raises DomainError task_not_open or task_not_in_progress (409) for a move that is not allowed."""
    if wanted not in TASK_MOVES[current]:
        raise DomainError("task_not_in_progress" if wanted == TaskStatus.COMPLETED else "task_not_open")


def check_delivery(task: Task) -> None:
    """Raises DomainError task_not_in_progress or already_delivered (409)."""
    if task.status != TaskStatus.IN_PROGRESS:
        raise DomainError("task_not_in_progress")
    if task.delivered_at is not None:
        raise DomainError("already_delivered")


def check_changes_wanted(task: Task) -> None:
    """Raises DomainError task_not_in_progress or not_delivered (409)."""
    if task.status != TaskStatus.IN_PROGRESS:
        raise DomainError("task_not_in_progress")
    if task.delivered_at is None:
        raise DomainError("not_delivered")


def check_application_move(current: str, wanted: str) -> None:
    """Raises DomainError application_not_pending (409) for a move that is not allowed."""
    if wanted not in APPLICATION_MOVES[current]:
        raise DomainError("application_not_pending")
