"""Import tasks, applications and reviews."""

from __future__ import annotations

from typing import Any

from multitask.accounts.models import User
from multitask.common.text import Text
from multitask.exchange.errors import LineError
from multitask.exchange.fields import Fields
from multitask.exchange.models import ImportRef
from multitask.exchange.selectors.refs import ref_find
from multitask.exchange.services.context import Context, check_unchanged, reference, user_of
from multitask.exchange.services.refs import ref_forget, ref_note
from multitask.tasks.models import (
    ApplicationStatus,
    ListingType,
    Review,
    Task,
    TaskApplication,
    TaskStatus,
    TaskType,
)
from multitask.tasks.services.applications import application_accept, application_create, application_reject
from multitask.tasks.services.reviews import review_create
from multitask.tasks.services.tasks import task_cancel, task_complete, task_create, task_update

# Kind of the note that says where a task is to end: `ref` the task's, `object_id` its id, `digest` an `_Ending`.
KIND_ENDING = "task-ending"
SKILLS_LIMIT = 10
COVER_LETTER_LIMIT = 10_000

_IMPORTED = Text("Imported together with the task.", "استُورد مع المهمة.")


def task_import(*, fields: Fields, known: int | None, context: Context, ref: str, line: int) -> int:
    """Post a task, or change a known one that is open. Returns the id.

    A task that is to end otherwise than open is noted, and moved by `task_settle` once its applications are in.
    Raises LineError and DomainError.
    """
    client = context.client or user_of(ref=fields.ref("client"), field="client")
    values = _task_values(fields, context)
    status = fields.choice("status", TaskStatus.values, default=TaskStatus.OPEN)
    assignee = fields.ref("assigned_to", required=False)
    fields.done()
    assigned = user_of(ref=assignee, field="assigned_to").pk if assignee else None
    if status == TaskStatus.OPEN and assigned is not None:
        raise LineError("open_is_unassigned", field="assigned_to")
    if status in {TaskStatus.IN_PROGRESS, TaskStatus.COMPLETED} and assigned is None:
        raise LineError("missing", field="assigned_to")
    task = task_create(actor=client, **values) if known is None else _changed(known, client, values)
    if status not in {TaskStatus.OPEN, task.status}:
        _note_ending(ref=ref, task=task, status=status, assigned=assigned, line=line)
    elif status == TaskStatus.OPEN and task.status != TaskStatus.OPEN:
        raise LineError("cannot_change", field="status")
    return task.pk


def _task_values(fields: Fields, context: Context) -> dict[str, Any]:
    skills = fields.texts("skills") or []
    if len(skills) > SKILLS_LIMIT:
        raise LineError("too_many_skills", field="skills", limit=SKILLS_LIMIT)
    return {
        "category": context.category(fields.text("category", limit=100, required=True)),
        "title": fields.raw_text("title").strip(),
        "description": fields.raw_text("description").strip(),
        "budget": fields.amount("budget", required=True),
        "listing_type": fields.choice("listing_type", ListingType.values, default=ListingType.TASK_REQUEST),
        "task_type": fields.choice("task_type", TaskType.values, default=TaskType.DIGITAL),
        "is_negotiable": fields.boolean("is_negotiable"),
        "location": fields.text("location", limit=255),
        "city": fields.text("city", limit=100),
        "is_remote": fields.boolean("is_remote"),
        "deadline": fields.moment("deadline"),
        "estimated_duration": fields.text("estimated_duration", limit=100),
        "required_skills": list(
            dict.fromkeys(context.skills.resolve(name, field="skills") for name in skills)
        ),
    }


def _changed(known: int, client: User, values: dict[str, Any]) -> Task:
    task = Task.objects.filter(pk=known).first()
    if task is None:
        raise LineError("cannot_change", field="ref")
    check_unchanged(task, {"client_id": client.pk, "listing_type": values.pop("listing_type")})
    skills = values.pop("required_skills")
    changed = {name: value for name, value in values.items() if getattr(task, name) != value}
    if set(skills) != set(task.required_skills.values_list("pk", flat=True)):
        changed["required_skills"] = skills
    return task_update(actor=client, task_id=task.pk, **changed) if changed else task


def _note_ending(*, ref: str, task: Task, status: str, assigned: int | None, line: int) -> None:
    ref_note(kind=KIND_ENDING, ref=ref, object_id=task.pk, digest=f"{status}:{assigned or ''}:{line}")


def ending_line(note: ImportRef) -> int:
    """The number of the line that asked for this ending."""
    return int(note.digest.rpartition(":")[2])


def task_settle(*, note: ImportRef) -> None:
    """Move one task to where its line wants it, through the services. Raises DomainError.

    The assignee's application is accepted; one that did not come as a line is made, at the task's budget.
    """
    status, user_id, _ = note.digest.split(":")
    task = Task.objects.select_related("client").get(pk=note.object_id)
    if user_id and task.status == TaskStatus.OPEN:
        assignee = User.objects.get(pk=int(user_id))
        application = TaskApplication.objects.filter(task=task, freelancer=assignee).first()
        if application is None:
            application = application_create(
                actor=assignee,
                task_id=task.pk,
                proposal=_IMPORTED.show(assignee.language),
                offered_price=task.budget,
                estimated_time=task.estimated_duration,
                limited=False,
            )
        application_accept(actor=task.client, application_id=application.pk)
    if status == TaskStatus.COMPLETED:
        task_complete(actor=task.client, task_id=task.pk)
    elif status == TaskStatus.CANCELLED:
        task_cancel(actor=task.client, task_id=task.pk)
    ref_forget(kind=KIND_ENDING, ref=note.ref)


def application_import(*, fields: Fields, known: int | None, context: Context, ref: str, line: int) -> int:
    """Apply to a task; a rejection follows at once, an acceptance with the task's end. Returns the id.

    Raises LineError and DomainError.
    """
    task_ref = fields.ref("task")
    task_id = reference(kind="task", ref=task_ref, field="task").object_id
    freelancer = user_of(ref=fields.ref("freelancer"), field="freelancer")
    values: dict[str, Any] = {
        "proposal": fields.raw_text("proposal").strip(),
        "offered_price": fields.amount("offered_price", required=True),
        "estimated_time": fields.text("estimated_time", limit=100),
        "cover_letter": fields.text("cover_letter", limit=COVER_LETTER_LIMIT),
    }
    status = fields.choice("status", ApplicationStatus.values, default=ApplicationStatus.PENDING)
    fields.done()
    if status == ApplicationStatus.WITHDRAWN:
        raise LineError("withdrawn", field="status")
    if known is None:
        application = application_create(actor=freelancer, task_id=task_id, limited=False, **values)
    else:
        application = TaskApplication.objects.get(pk=known)
        check_unchanged(application, {"task_id": task_id, "freelancer_id": freelancer.pk, **values})
    if status == application.status:
        return application.pk
    if status == ApplicationStatus.REJECTED:
        client = User.objects.get(pk=application.client_id)
        application_reject(actor=client, application_id=application.pk)
    elif status == ApplicationStatus.ACCEPTED:
        _accept_later(task_ref, application, line=line)
    else:
        raise LineError("cannot_change", field="status")
    return application.pk


def _accept_later(task_ref: str, application: TaskApplication, *, line: int) -> None:
    note = ref_find(kind=KIND_ENDING, ref=task_ref)
    task = Task.objects.get(pk=application.task_id)
    if note is None:
        status: str = TaskStatus.IN_PROGRESS
    else:
        status, user_id, _ = note.digest.split(":")
        if user_id and int(user_id) != application.freelancer_id:
            raise LineError("other_assignee", field="status")
    _note_ending(ref=task_ref, task=task, status=status, assigned=application.freelancer_id, line=line)


def review_import(*, fields: Fields, known: int | None, context: Context, ref: str, line: int) -> int:
    """Review the other side of a task, which is brought to its end first. Returns the id."""
    task_ref = fields.ref("task")
    task_id = reference(kind="task", ref=task_ref, field="task").object_id
    reviewer = user_of(ref=fields.ref("reviewer"), field="reviewer")
    values: dict[str, Any] = {
        "rating": fields.whole("rating", low=1, high=5, required=True),
        "comment": fields.text("comment", limit=5000),
        "communication_rating": fields.whole("communication_rating", low=1, high=5),
        "quality_rating": fields.whole("quality_rating", low=1, high=5),
        "professionalism_rating": fields.whole("professionalism_rating", low=1, high=5),
    }
    fields.done()
    if known is not None:
        row = Review.objects.get(pk=known)
        check_unchanged(row, {"task_id": task_id, "reviewer_id": reviewer.pk, **values})
        return row.pk
    if (note := ref_find(kind=KIND_ENDING, ref=task_ref)) is not None:
        task_settle(note=note)
    return review_create(actor=reviewer, task_id=task_id, published=True, **values).pk
