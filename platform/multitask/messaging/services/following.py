"""Conversations follow what happens to tasks: an accepted application opens one, and each step is a line in it."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from multitask.accounts.models import User
from multitask.messaging.models import Conversation
from multitask.messaging.selectors.conversations import conversation_of
from multitask.messaging.services.conversations import Opened, conversation_make
from multitask.messaging.services.lines import Line, lines_write
from multitask.tasks.models import (
    ACCOUNT_CLOSED,
    DEADLINE_PASSED,
    ApplicationStatus,
    Task,
    TaskApplication,
)

DELIVERED, CHANGES, COMPLETED, CANCELLED = (
    "task.delivered",
    "task.changes_requested",
    "task.completed",
    "task.cancelled",
)


@transaction.atomic
def conversation_open_accepted(*, application_id: int) -> None:
    """Open the conversation of an accepted application and write so into it. Twice is once."""
    accepted = TaskApplication.objects.filter(pk=application_id, status=ApplicationStatus.ACCEPTED)
    row = accepted.select_related("task").first()
    opened = _of_parties(row.task, row.freelancer_id) if row is not None else None
    if row is None or opened is None:
        return
    line = Line(opened.conversation.pk, "accepted", f"accepted:{row.pk}", {"task": row.task.title})
    lines_write([line], before=opened.outgoing)


@transaction.atomic
def task_step_note(*, topic: str, task_id: int, at: str = "", reason: str = "") -> None:
    """Write one step of a task into the conversation of its two parties; of a task that ends before anybody was
    chosen, into every conversation about it. Twice is once.

    `topic` and the rest are the outbox event's. Raises KeyError for a topic that is no step.
    """
    task = Task.objects.filter(pk=task_id).first()
    if task is None:
        return
    code, key, params = _line_of(topic, task, at, reason)
    if task.assigned_to_id is not None:
        opened = _of_parties(task, task.assigned_to_id)
        found = [opened.conversation.pk] if opened is not None else []
    else:
        opened = None
        found = list(Conversation.objects.filter(task=task).values_list("pk", flat=True))
    lines_write(
        [Line(pk, code, key, params) for pk in found], before=opened.outgoing if opened is not None else ()
    )


def _line_of(topic: str, task: Task, at: str, reason: str) -> tuple[str, str, dict[str, Any]]:
    params = {"task": task.title}
    if topic == DELIVERED:
        return "delivered", f"delivered:{at}", params
    if topic == CHANGES:
        return "changes_requested", f"changes:{at}", params | {"reason": reason}
    if topic == COMPLETED:
        return "completed", "completed", params
    if topic != CANCELLED:
        raise KeyError(topic)
    codes = {"": "cancelled", ACCOUNT_CLOSED: "cancelled_account"}
    if reason == DEADLINE_PASSED and task.cancelled_by_id is None:
        codes[DEADLINE_PASSED] = "cancelled_deadline"
    code = codes.get(reason, "cancelled_reason")
    return code, "cancelled", params | ({"reason": reason} if code == "cancelled_reason" else {})


def _of_parties(task: Task, freelancer_id: int) -> Opened | None:
    """The conversation of a task's client and the chosen freelancer, made where it is not; None where that is too
    late, because one of them has left."""
    there = conversation_of(user_ids=(task.client_id, freelancer_id), task_id=task.pk)
    if there is not None:
        return Opened(there, is_new=False)
    rows = User.objects.filter(pk__in=(task.client_id, freelancer_id), is_active=True)
    both = {user.pk: user for user in rows}
    if len(both) < 2 or task.assigned_to_id != freelancer_id:
        return None
    return conversation_make(
        actor=both[task.client_id], participant_id=freelancer_id, task_id=task.pk, limited=False
    )
