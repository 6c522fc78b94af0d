"""People are reminded of what waits for them: at its time, once, and not when it is too late to help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from multitask.accounts.factories import FreelancerFactory
from multitask.notifications.models import Notification
from multitask.tasks.factories import (
    ApplicationFactory,
    CompletedTaskFactory,
    ReviewFactory,
    StartedTaskFactory,
    TaskFactory,
)
from multitask.tasks.models import ListingType, Task, TaskApplication
from multitask.tasks.services.reminders import STEPS, reminders_tell

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as found:
        yield found


def told() -> set[tuple[int, str]]:
    """{(user, wording)} of this run of all reminders, each of which is told once."""
    before = set(Notification.objects.values_list("pk", flat=True))
    for step in STEPS:
        while reminders_tell(step=step):
            pass
    rows = list(Notification.objects.exclude(pk__in=before).values_list("recipient_id", "wording"))
    assert len(rows) == len(set(rows))
    return set(rows)


def at(clock: time_machine.Traveller, **since: Any) -> set[tuple[int, str]]:
    clock.move_to(NOW + timedelta(**since))
    return told()


def test_a_deadline_is_told_a_day_and_two_hours_before_to_who_works_on_it(
    clock: time_machine.Traveller,
) -> None:
    deadline = NOW + 2 * DAY
    task = StartedTaskFactory(deadline=deadline)
    StartedTaskFactory(deadline=deadline, delivered_at=NOW)
    worker = task.assigned_to_id
    assert at(clock, hours=23, minutes=59) == set()
    assert at(clock, hours=24) == {(worker, "deadline_deliver")}
    assert at(clock, hours=40) == set()
    assert at(clock, hours=46) == {(worker, "deadline_deliver_soon")}
    assert at(clock, hours=47) == set()
    Task.objects.filter(pk=task.pk).update(deadline=deadline + 3 * DAY)
    assert at(clock, hours=97) == {(worker, "deadline_deliver")}


def test_a_step_that_was_slept_through_is_not_told_beside_the_next(clock: time_machine.Traveller) -> None:
    deadline = NOW + 2 * DAY
    task = StartedTaskFactory(deadline=deadline)
    assert at(clock, hours=47) == {(task.assigned_to_id, "deadline_deliver_soon")}
    late = StartedTaskFactory(deadline=deadline)
    Task.objects.filter(pk=late.pk).update(created_at=NOW)
    assert at(clock, hours=48) == set()


def test_the_owner_of_an_open_task_is_warned_a_day_before_and_again_when_the_deadline_moves(
    clock: time_machine.Traveller,
) -> None:
    task = TaskFactory(deadline=NOW + 25 * HOUR)
    assert at(clock, hours=2) == {(task.client_id, "deadline_choose")}
    fresh = TaskFactory(deadline=NOW + 5 * HOUR)
    assert at(clock, hours=2, minutes=30) == set()
    Task.objects.filter(pk=task.pk).update(deadline=NOW + 20 * HOUR)
    assert at(clock, hours=2, minutes=40) == {(task.client_id, "deadline_choose")}
    assert at(clock, hours=3, minutes=1) == {(fresh.client_id, "deadline_choose")}


def test_who_was_chosen_just_now_is_not_told_of_the_deadline_at_once(clock: time_machine.Traveller) -> None:
    task = StartedTaskFactory(deadline=NOW + 10 * HOUR)
    Task.objects.update(created_at=NOW - DAY)
    ApplicationFactory(task=task, freelancer=task.assigned_to, status="ACCEPTED")
    assert at(clock, minutes=30) == set()
    assert at(clock, minutes=61) == {(task.assigned_to_id, "deadline_deliver")}


def test_applications_that_wait_three_days_are_told_together_and_each_counts_once(
    clock: time_machine.Traveller,
) -> None:
    task = TaskFactory(applications_count=2)
    ApplicationFactory.create_batch(2, task=task)
    clock.shift(DAY)
    ApplicationFactory(task=task)
    assert at(clock, days=2, hours=23) == set()
    assert at(clock, days=3) == {(task.client_id, "applications_waiting")}
    assert Notification.objects.get().params["waiting"] == 3
    assert at(clock, days=4, hours=1) == set(), "the third was told of with the first two"
    ApplicationFactory(task=task)
    assert at(clock, days=7, hours=2) == {(task.client_id, "applications_waiting")}


def test_an_application_that_is_answered_or_withdrawn_is_not_told(clock: time_machine.Traveller) -> None:
    for status in ("REJECTED", "WITHDRAWN"):
        ApplicationFactory(status=status)
    ApplicationFactory(task=TaskFactory(status="CANCELLED"))
    ApplicationFactory(task=TaskFactory(deadline=NOW + DAY))
    assert not {one for one in at(clock, days=3) if one[1] == "applications_waiting"}


def test_an_application_that_is_sent_again_waits_anew(clock: time_machine.Traveller) -> None:
    application = ApplicationFactory()
    owner = (application.client_id, "applications_waiting")
    assert owner in at(clock, days=3)
    TaskApplication.objects.update(created_at=NOW + 4 * DAY)
    assert owner not in at(clock, days=6)
    assert owner in at(clock, days=7)


def test_both_sides_are_asked_for_their_review_after_3_and_10_days_while_it_is_unwritten(
    clock: time_machine.Traveller,
) -> None:
    task = CompletedTaskFactory()
    both = {(task.client_id, "review_write"), (task.assigned_to_id, "review_write")}
    assert at(clock, days=2, hours=23) == set()
    assert at(clock, days=3) == both
    ReviewFactory(task=task, reviewer=task.client, reviewee=task.assigned_to)
    assert at(clock, days=9) == set()
    assert at(clock, days=10) == {(task.assigned_to_id, "review_write")}
    assert at(clock, days=12) == set()


def test_a_delivery_is_told_to_the_owner_after_3_and_5_days_from_the_last_one(
    clock: time_machine.Traveller,
) -> None:
    task = StartedTaskFactory(delivered_at=NOW)
    owner = {(task.client_id, "delivery_waiting")}
    assert at(clock, days=3) == owner
    Task.objects.filter(pk=task.pk).update(delivered_at=None)
    assert at(clock, days=5) == set()
    Task.objects.filter(pk=task.pk).update(delivered_at=NOW + 6 * DAY)
    assert at(clock, days=9) == owner
    assert at(clock, days=11) == owner
    Task.objects.filter(pk=task.pk).update(status="COMPLETED", completed_at=NOW + 11 * DAY)
    assert at(clock, days=13) == set()


def test_a_task_nobody_applied_to_is_told_once_after_three_days(clock: time_machine.Traveller) -> None:
    task = TaskFactory()
    TaskFactory(listing_type=ListingType.SERVICE_OFFER)
    TaskFactory(applications_count=1)
    assert at(clock, days=2) == set()
    assert at(clock, days=3) == {(task.client_id, "task_no_applications")}
    assert at(clock, days=4) == set()


@pytest.mark.parametrize(("days", "wanted"), [(3.9, 2), (4.1, 0), (10.1, 2), (16.9, 2), (17.1, 0)])
def test_a_machine_that_slept_leaves_out_a_step_that_another_follows_and_makes_up_the_last(
    clock: time_machine.Traveller, days: float, wanted: int
) -> None:
    CompletedTaskFactory()
    assert len(at(clock, days=days)) == wanted


def test_what_is_told_at_the_same_time_by_two_is_told_once(clock: time_machine.Traveller) -> None:
    CompletedTaskFactory()
    clock.shift(3 * DAY)
    step = next(one for one in STEPS if one.kind == "review_of_client")
    assert reminders_tell(step=step) == 1
    assert reminders_tell(step=step) == 0
    assert Notification.objects.count() == 1


def test_a_run_takes_the_same_queries_however_much_is_due(clock: time_machine.Traveller) -> None:
    def cost(number: int) -> int:
        for _ in range(number):
            CompletedTaskFactory(completed_at=NOW - 3 * DAY)
            ApplicationFactory(task=TaskFactory(), created_at=NOW - 3 * DAY)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for step in STEPS:
                reminders_tell(step=step)
        return len(queries)

    few = cost(2)
    assert cost(12) == few


def test_every_reminder_has_its_sentence_in_both_languages() -> None:
    from multitask.notifications.texts import WORDINGS

    params = {"task": "X", "sender": "Y", "days": 3, "waiting": 2}
    for step in STEPS:
        wording = WORDINGS[step.wording]
        for text in (wording.title, wording.message):
            assert text.show("en", **params) != text.show("ar", **params)


def test_windows_of_one_kind_do_not_overlap() -> None:
    by_kind: dict[str, list[Any]] = {}
    for step in STEPS:
        by_kind.setdefault(step.kind, []).append(step)
    for steps in by_kind.values():
        for first, second in pairwise(steps):
            assert first.after + first.late <= second.after
            assert first.number < second.number


def test_an_account_that_is_closed_is_told_nothing(clock: time_machine.Traveller) -> None:
    task = CompletedTaskFactory(assigned_to=FreelancerFactory(is_active=False))
    assert at(clock, days=3) == {(task.client_id, "review_write")}
