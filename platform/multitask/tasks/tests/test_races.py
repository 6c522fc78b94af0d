"""Two things at the same moment, 200 times each, in real transactions: one wins, the other is told, nothing is lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from multitask.accounts.factories import ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.accounts.services.leaving import account_erase
from multitask.common.errors import DomainError
from multitask.outbox.models import OutboxEvent
from multitask.tasks.factories import (
    ApplicationFactory,
    CompletedTaskFactory,
    StartedTaskFactory,
    TaskFactory,
)
from multitask.tasks.models import Review, Task, TaskApplication
from multitask.tasks.services.applications import (
    application_accept,
    application_reject,
    application_update,
    application_withdraw,
    applications_recount,
)
from multitask.tasks.services.reviews import review_create
from multitask.tasks.services.tasks import task_cancel, task_complete, task_delete, task_deliver
from multitask.testing.market import bid

ROUNDS = 200

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[Any], Any]


def _race(items: Sequence[Any], *acts: Act) -> list[tuple[str, ...]]:
    """Both acts on every item, begun together: what each came to, "done" or a code of a 409."""
    outcomes = [[""] * len(acts) for _ in items]
    gate = Barrier(len(acts))

    def run(position: int) -> None:
        try:
            for number, item in enumerate(items):
                gate.wait(timeout=30)
                outcomes[number][position] = _outcome(acts[position], item)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(position,)) for position in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return [tuple(one) for one in outcomes]


def _outcome(act: Act, item: Any) -> str:
    try:
        act(item)
    except DomainError as error:
        return error.code if error.status == 409 else f"{error.status} {error.code}"
    except Exception as error:  # noqa: BLE001  (the caller looks at it)
        return repr(error)
    return "done"


def _counters_are_true() -> None:
    for task in Task.objects.all():
        assert task.applications_count == task.applications.exclude(status="WITHDRAWN").count()


def _tasks() -> list[Task]:
    client = ClientFactory()
    return [TaskFactory(client=client) for _ in range(ROUNDS)]


def _with_applications(*freelancers: User) -> list[list[TaskApplication]]:
    found = [[ApplicationFactory(task=task, freelancer=one) for one in freelancers] for task in _tasks()]
    for row in found:
        applications_recount(task_id=row[0].task_id)
    return found


def test_of_two_accepts_one_wins() -> None:
    pairs = _with_applications(FreelancerFactory(), FreelancerFactory())

    def accept(place: int) -> Act:
        return lambda pair: application_accept(actor=pair[place].client, application_id=pair[place].pk)

    outcomes = _race(pairs, accept(0), accept(1))
    assert {tuple(sorted(one)) for one in outcomes} == {("application_not_pending", "done")}
    assert Counter(TaskApplication.objects.values_list("status", flat=True)) == {
        "ACCEPTED": ROUNDS,
        "REJECTED": ROUNDS,
    }
    for task in Task.objects.all():
        assert task.assigned_to_id == task.applications.get(status="ACCEPTED").freelancer_id
    assert OutboxEvent.objects.filter(topic="application.accepted").count() == ROUNDS
    _counters_are_true()


def test_of_an_accept_and_a_withdrawal_one_wins() -> None:
    rows = [row for (row,) in _with_applications(FreelancerFactory())]
    outcomes = _race(
        rows,
        lambda row: application_accept(actor=row.client, application_id=row.pk),
        lambda row: application_withdraw(actor=row.freelancer, application_id=row.pk),
    )
    assert set(outcomes) <= {("done", "application_not_pending"), ("application_not_pending", "done")}
    accepted = sum(one[0] == "done" for one in outcomes)
    assert Task.objects.filter(status="IN_PROGRESS", assigned_to__isnull=False).count() == accepted
    assert TaskApplication.objects.filter(status="WITHDRAWN").count() == ROUNDS - accepted
    _counters_are_true()


def test_an_application_and_a_cancellation_leave_nothing_pending(settings: Any) -> None:
    settings.APPLICATIONS_PER_DAY = 10**6
    freelancer = FreelancerFactory()
    outcomes = _race(
        _tasks(),
        lambda task: bid(freelancer, task),
        lambda task: task_cancel(actor=task.client, task_id=task.pk),
    )
    assert set(outcomes) <= {("done", "done"), ("task_not_open", "done")}
    applied = sum(one[0] == "done" for one in outcomes)
    assert list(TaskApplication.objects.values_list("status", flat=True)) == ["REJECTED"] * applied
    assert OutboxEvent.objects.filter(topic="task.cancelled").count() == ROUNDS
    _counters_are_true()


def test_an_application_and_a_deletion_lose_nothing(settings: Any) -> None:
    settings.APPLICATIONS_PER_DAY = 10**6
    freelancer = FreelancerFactory()
    outcomes = _race(
        _tasks(),
        lambda task: bid(freelancer, task),
        lambda task: task_delete(actor=task.client, task_id=task.pk),
    )
    assert set(outcomes) <= {("done", "done"), ("404 not_found", "done")}
    applied = sum(one[0] == "done" for one in outcomes)
    assert Task.objects.filter(status="CANCELLED").count() == Task.objects.count() == applied


def test_of_a_completion_and_a_cancellation_one_wins() -> None:
    client, freelancer = ClientFactory(), FreelancerFactory()
    tasks = [StartedTaskFactory(client=client, assigned_to=freelancer) for _ in range(ROUNDS)]
    outcomes = _race(
        tasks,
        lambda task: task_complete(actor=task.client, task_id=task.pk),
        lambda task: task_cancel(actor=task.client, task_id=task.pk),
        lambda task: task_deliver(actor=task.assigned_to, task_id=task.pk),
    )
    ended = {one[:2] for one in outcomes}
    assert ended <= {("done", "task_not_open"), ("task_not_in_progress", "done")}
    assert {one[2] for one in outcomes} <= {"done", "task_not_in_progress"}
    completed = sum(one[0] == "done" for one in outcomes)
    assert Task.objects.filter(status="COMPLETED").count() == completed
    assert OutboxEvent.objects.filter(topic__in=["task.completed", "task.cancelled"]).count() == ROUNDS


def test_a_double_click_applies_once(settings: Any) -> None:
    settings.APPLICATIONS_PER_DAY = 10**6
    freelancer = FreelancerFactory()
    outcomes = _race(_tasks(), lambda task: bid(freelancer, task), lambda task: bid(freelancer, task))
    assert {tuple(sorted(one)) for one in outcomes} == {("already_applied", "done")}
    assert TaskApplication.objects.count() == ROUNDS
    assert OutboxEvent.objects.filter(topic="application.created").count() == ROUNDS
    _counters_are_true()


def test_a_day_s_limit_holds_for_applications_at_once(settings: Any) -> None:
    settings.APPLICATIONS_PER_DAY = 20
    freelancer, tasks = FreelancerFactory(), _tasks()
    halves = list(zip(tasks[:50], tasks[50:100], strict=True))
    outcomes = _race(halves, lambda pair: bid(freelancer, pair[0]), lambda pair: bid(freelancer, pair[1]))
    assert sum(one == "done" for pair in outcomes for one in pair) == 20
    assert TaskApplication.objects.count() == 20


def test_an_account_that_is_closed_while_its_application_waits_applies_nowhere() -> None:
    freelancer, task = FreelancerFactory(), TaskFactory()
    said: list[str] = []

    def apply() -> None:
        try:
            said.append(_outcome(lambda one: bid(freelancer, one), task))
        finally:
            connections.close_all()

    thread = Thread(target=apply)
    with transaction.atomic():
        account_erase(user=freelancer)
        thread.start()
        _wait_until_somebody_waits_for_us()
        assert said == []
    thread.join(timeout=30)
    assert said == ["403 permission_denied"]
    assert not TaskApplication.objects.exists()
    assert not OutboxEvent.objects.filter(topic="application.created").exists()


def _wait_until_somebody_waits_for_us() -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("Nobody waits for this transaction.")


def test_an_edit_and_a_decision_leave_one_text_whole() -> None:
    rows = [row for (row,) in _with_applications(FreelancerFactory())]
    outcomes = _race(
        rows,
        lambda row: application_update(
            actor=row.freelancer, application_id=row.pk, proposal="New words", estimated_time="New time"
        ),
        lambda row: application_reject(actor=row.client, application_id=row.pk, reason="No"),
    )
    assert set(outcomes) <= {("done", "done"), ("application_not_pending", "done")}
    edited = sum(one[0] == "done" for one in outcomes)
    assert TaskApplication.objects.filter(proposal="New words", estimated_time="New time").count() == edited
    assert TaskApplication.objects.filter(status="REJECTED").count() == ROUNDS


def test_both_sides_reviewing_at_once_are_shown_and_counted() -> None:
    client, freelancer = ClientFactory(), FreelancerFactory()
    tasks = [CompletedTaskFactory(client=client, assigned_to=freelancer) for _ in range(ROUNDS)]
    outcomes = _race(
        tasks,
        lambda task: review_create(actor=client, task_id=task.pk, rating=4),
        lambda task: review_create(actor=freelancer, task_id=task.pk, rating=2),
        lambda task: review_create(actor=client, task_id=task.pk, rating=4),
    )
    assert {(tuple(sorted((one[0], one[2]))), one[1]) for one in outcomes} == {
        (("already_reviewed", "done"), "done")
    }
    assert Review.objects.filter(published_at__isnull=False).count() == 2 * ROUNDS
    for user, stars in ((client, 2), (freelancer, 4)):
        user.refresh_from_db()
        assert (user.average_rating, user.total_reviews) == (stars, ROUNDS)
