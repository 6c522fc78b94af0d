"""What tasks have to remind whom of, and of which occasion: the whole table of reminders, and their notices.

A reminder is due in a window after (or before) its occasion. Windows of one kind do not overlap: a step that was missed
is left out when its window is over, and never told beside the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from multitask.accounts.models import User
from multitask.notifications.models import NotificationType, Reminder
from multitask.notifications.services.notify import Notice
from multitask.notifications.services.reminders import Occasion
from multitask.tasks.models import ApplicationStatus, ListingType, Review, Task, TaskApplication, TaskStatus

# Who posts with a deadline in a few hours, or was chosen for such a task just now, knows it.
SETTLED = timedelta(hours=1)
DAY = timedelta(days=1)
# How long the last step of a kind may still be made up: what it asks for is still to be done, and nothing else will
# say so. A step that another follows is left out after a day.
MADE_UP = timedelta(days=7)

Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder. `rows(now)` are those it is for; it is due `after` their field `occasion`, for as long as `late`."""

    kind: str
    number: int
    after: timedelta
    late: timedelta
    occasion: str
    rows: Callable[[datetime], Rows]
    notices: Callable[[Step, Collection[Occasion], Collection[Occasion]], list[Notice]]
    wording: str
    recipient: str = ""
    beside: Callable[[Collection[Occasion]], list[Occasion]] = lambda due: []

    def due(self, now: datetime) -> QuerySet[Any, tuple[int, datetime]]:
        """(subject, occasion) of what is due and was not told."""
        told = Reminder.objects.filter(
            kind=self.kind, step=self.number, subject_id=OuterRef("pk"), occasion=OuterRef(self.occasion)
        )
        until = now - self.after
        window = {f"{self.occasion}__gt": until - self.late, f"{self.occasion}__lte": until}
        return self.rows(now).filter(~Exists(told), **window).order_by("pk").values_list("pk", self.occasion)


def _choosing(now: datetime) -> Rows:
    return Task.objects.filter(status=TaskStatus.OPEN, created_at__lte=now - SETTLED)


def _delivering(now: datetime) -> Rows:
    chosen_just_now = TaskApplication.objects.filter(
        task=OuterRef("pk"), status=ApplicationStatus.ACCEPTED, updated_at__gt=now - SETTLED
    )
    return Task.objects.filter(
        ~Exists(chosen_just_now),
        status=TaskStatus.IN_PROGRESS,
        delivered_at__isnull=True,
        created_at__lte=now - SETTLED,
    )


def _delivered(now: datetime) -> Rows:
    return Task.objects.filter(status=TaskStatus.IN_PROGRESS)


def _unanswered(now: datetime) -> Rows:
    return Task.objects.filter(
        Q(deadline__isnull=True) | Q(deadline__gt=now),
        status=TaskStatus.OPEN,
        listing_type=ListingType.TASK_REQUEST,
        applications_count=0,
    )


def _waiting(now: datetime) -> Rows:
    return TaskApplication.objects.filter(
        Q(task__deadline__isnull=True) | Q(task__deadline__gt=now),
        status=ApplicationStatus.PENDING,
        task__status=TaskStatus.OPEN,
    )


def _to_review(by: str) -> Callable[[datetime], Rows]:
    def rows(now: datetime) -> Rows:
        written = Review.objects.filter(task=OuterRef("pk"), reviewer=OuterRef(by))
        return Task.objects.filter(~Exists(written), status=TaskStatus.COMPLETED)

    return rows


def _applications_beside(due: Collection[Occasion]) -> list[Occasion]:
    """The other applications that wait at the same tasks: one reminder speaks of them all."""
    tasks = TaskApplication.objects.filter(pk__in=[one.subject_id for one in due]).values("task")
    rows = TaskApplication.objects.filter(task__in=tasks, status=ApplicationStatus.PENDING)
    return [Occasion(*row) for row in rows.values_list("pk", "created_at")]


def _key(step: Step, one: Occasion) -> str:
    return f"reminder:{step.kind}:{one.subject_id}:{step.number}:{one.occasion.isoformat()}"


def _name(user: User | None) -> str:
    return "" if user is None else user.get_full_name() or user.username


def _of_tasks(step: Step, told: Collection[Occasion], due: Collection[Occasion]) -> list[Notice]:
    rows = Task.objects.select_related("client", "assigned_to").in_bulk([one.subject_id for one in told])
    notices = []
    for one in told:
        task = rows.get(one.subject_id)
        recipient = None if task is None else getattr(task, step.recipient)
        if task is None or recipient is None:
            continue
        other = task.assigned_to if recipient == task.client_id else task.client
        params: dict[str, Any] = {"task": task.title, "days": abs(step.after.days)}
        notices.append(
            Notice(
                recipient_id=recipient,
                notification_type=NotificationType.TASK_REMINDER,
                wording=step.wording,
                dedupe_key=_key(step, one),
                params=params | ({"sender": _name(other)} if other is not None else {}),
                task_id=task.pk,
                sender_id=None if other is None else other.pk,
                link=f"/tasks/{task.pk}",
            )
        )
    return notices


def _of_applications(step: Step, told: Collection[Occasion], due: Collection[Occasion]) -> list[Notice]:
    """One notice a task, for its owner, that counts every application that waits there."""
    asked = {one.subject_id for one in due}
    first: dict[int, Occasion] = {}
    rows = TaskApplication.objects.in_bulk([one.subject_id for one in told])
    for one in sorted(told, key=lambda found: found.occasion):
        if one.subject_id in asked and one.subject_id in rows:
            first.setdefault(rows[one.subject_id].task_id, one)
    pending = Count("applications", filter=Q(applications__status=ApplicationStatus.PENDING))
    tasks = Task.objects.filter(pk__in=first).annotate(waiting=pending).order_by("pk")
    return [
        Notice(
            recipient_id=task.client_id,
            notification_type=NotificationType.TASK_REMINDER,
            wording=step.wording,
            dedupe_key=_key(step, first[task.pk]),
            params={"task": task.title, "waiting": task.waiting, "days": step.after.days},
            task_id=task.pk,
            link=f"/tasks/{task.pk}/applications",
        )
        for task in tasks
    ]


def _review_steps(kind: str, by: str) -> tuple[Step, ...]:
    return tuple(
        Step(
            kind=kind,
            number=number,
            after=timedelta(days=days),
            late=late,
            occasion="completed_at",
            rows=_to_review(by),
            notices=_of_tasks,
            wording="review_write",
            recipient=f"{by}_id",
        )
        for number, days, late in ((1, 3, DAY), (2, 10, MADE_UP))
    )


STEPS: Sequence[Step] = (
    Step(
        kind="deadline_choose",
        number=1,
        after=-timedelta(hours=24),
        late=timedelta(hours=24),
        occasion="deadline",
        rows=_choosing,
        notices=_of_tasks,
        wording="deadline_choose",
        recipient="client_id",
    ),
    Step(
        kind="deadline_deliver",
        number=1,
        after=-timedelta(hours=24),
        late=timedelta(hours=22),
        occasion="deadline",
        rows=_delivering,
        notices=_of_tasks,
        wording="deadline_deliver",
        recipient="assigned_to_id",
    ),
    Step(
        kind="deadline_deliver",
        number=2,
        after=-timedelta(hours=2),
        late=timedelta(hours=2),
        occasion="deadline",
        rows=_delivering,
        notices=_of_tasks,
        wording="deadline_deliver_soon",
        recipient="assigned_to_id",
    ),
    Step(
        kind="application_waiting",
        number=1,
        after=timedelta(days=3),
        late=MADE_UP,
        occasion="created_at",
        rows=_waiting,
        notices=_of_applications,
        wording="applications_waiting",
        beside=_applications_beside,
    ),
    *_review_steps("review_of_freelancer", "client"),
    *_review_steps("review_of_client", "assigned_to"),
    *(
        Step(
            kind="delivery_waiting",
            number=number,
            after=timedelta(days=days),
            late=late,
            occasion="delivered_at",
            rows=_delivered,
            notices=_of_tasks,
            wording="delivery_waiting",
            recipient="client_id",
        )
        for number, days, late in ((1, 3, DAY), (2, 5, MADE_UP))
    ),
    Step(
        kind="no_applications",
        number=1,
        after=timedelta(days=3),
        late=MADE_UP,
        occasion="created_at",
        rows=_unanswered,
        notices=_of_tasks,
        wording="task_no_applications",
        recipient="client_id",
    ),
)
