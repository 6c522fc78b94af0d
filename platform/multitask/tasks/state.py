"""Which moves a task and an application may make. Every service asks here; nobody sets a status by hand."""

from __future__ import annotations

from multitask.common.errors import DomainError
from multitask.tasks.models import ApplicationStatus, TaskStatus

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
    ApplicationStatus.WITHDRAWN: frozenset(),
}


def check_task_move(current: str, wanted: str) -> None:
    """Raises DomainError task_not_open or task_not_in_progress (409) for a move that is not allowed."""
    if wanted not in TASK_MOVES[current]:
        raise DomainError("task_not_in_progress" if wanted == TaskStatus.COMPLETED else "task_not_open")


def check_application_move(current: str, wanted: str) -> None:
    """Raises DomainError application_not_pending (409) for a move that is not allowed."""
    if wanted not in APPLICATION_MOVES[current]:
        raise DomainError("application_not_pending")
