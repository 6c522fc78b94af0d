"""Tell of new messages, and write into conversations what happens to their tasks."""

from __future__ import annotations

from multitask.messaging.selectors.notices import messages_new
from multitask.messaging.services.following import conversation_open_accepted, task_step_note
from multitask.notifications.services.notify import notify_many
from workers.base import Run, job


@job("messaging.tell_message", queue="notify", batch=32)
def tell_message(run: Run) -> None:
    with run.finish():
        notify_many(messages_new(run.payloads("message")))


@job("messaging.open_accepted", queue="default")
def open_accepted(run: Run) -> None:
    with run.finish():
        conversation_open_accepted(application_id=int(run.one.payload["application"]))


@job("messaging.note_step", queue="default")
def note_step(run: Run) -> None:
    payload = run.one.payload
    with run.finish():
        task_step_note(
            topic=run.one.topic,
            task_id=int(payload["task"]),
            at=str(payload.get("at", "")),
            reason=str(payload.get("reason", "")),
        )
