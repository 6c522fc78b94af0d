from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.common.errors import DomainError
from multitask.outbox.models import OutboxEvent
from multitask.tasks.factories import CompletedTaskFactory, StartedTaskFactory, TaskFactory
from multitask.tasks.models import Category, Review, Task, TaskApplication
from multitask.tasks.selectors.applications import access_application
from multitask.tasks.services.applications import application_accept, application_reject
from multitask.tasks.services.reviews import review_create
from multitask.tasks.services.tasks import task_cancel, task_complete, task_update
from multitask.testing.concurrency import at_once
from multitask.testing.market import bid, post, skill_ids

pytestmark = pytest.mark.django_db


def _topics() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("topic", flat=True))


def _refused(code: str, status: int, function: Callable[..., Any], **arguments: Any) -> DomainError:
    before = OutboxEvent.objects.count()
    with pytest.raises(DomainError) as caught:
        function(**arguments)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert OutboxEvent.objects.count() == before
    return caught.value


def _counters_are_true() -> None:
    for task in Task.objects.all():
        assert task.applications_count == task.applications.exclude(status="WITHDRAWN").count()
    for user in User.objects.all():
        shown = Review.objects.filter(reviewee=user, is_public=True, removed_at=None).exclude(
            published_at=None
        )
        stars = list(shown.values_list("rating", flat=True))
        assert user.total_reviews == len(stars)
        assert float(user.average_rating) == pytest.approx(sum(stars) / len(stars) if stars else 0, abs=0.005)


# --- Applying -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [FreelancerFactory, BothFactory])
def test_who_takes_work_applies_to_an_open_task(make: type[FreelancerFactory]) -> None:
    task = TaskFactory()
    application = bid(make(), task, proposal="  I can.  ")
    assert (application.status, application.proposal, application.client_id) == (
        "PENDING",
        "I can.",
        task.client_id,
    )
    assert _topics() == ["application.created"]
    _counters_are_true()


@pytest.mark.parametrize("make", [ClientFactory, AdminFactory])
def test_who_takes_no_work_does_not_apply(make: type[ClientFactory]) -> None:
    _refused("not_a_freelancer", 403, bid, freelancer=make(), task=TaskFactory())


def test_nobody_applies_to_their_own_task_or_twice_or_to_none() -> None:
    both, freelancer = BothFactory(), FreelancerFactory()
    own, other = TaskFactory(client=both), TaskFactory()
    _refused("own_task", 409, bid, freelancer=both, task=own)
    bid(freelancer, other)
    _refused("already_applied", 409, bid, freelancer=freelancer, task=other)
    _refused("not_found", 404, bid, freelancer=freelancer, task=Task(pk=10**9))
    _counters_are_true()


@pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETED", "CANCELLED"])
def test_nobody_applies_to_a_task_that_is_not_open(status: str) -> None:
    assigned = None if status == "CANCELLED" else FreelancerFactory()
    task = TaskFactory(status=status, assigned_to=assigned)
    _refused("task_not_open", 409, bid, freelancer=FreelancerFactory(), task=task)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"proposal": " "}, "blank", "proposal"),
        ({"proposal": "?!"}, "no_words", "proposal"),
        ({"proposal": "x" * 5_001}, "too_long", "proposal"),
        ({"offered_price": Decimal("9.99")}, "budget_range", "offered_price"),
        ({"offered_price": Decimal("10000000.01")}, "budget_range", "offered_price"),
        ({"offered_price": Decimal("NaN")}, "budget_range", "offered_price"),
        ({"offered_price": Decimal("Infinity")}, "budget_range", "offered_price"),
    ],
)
def test_an_application_says_something_and_asks_a_possible_price(
    changes: dict[str, Any], code: str, field: str
) -> None:
    error = _refused(code, 400, bid, freelancer=FreelancerFactory(), task=TaskFactory(), **changes)
    assert error.field == field


# --- Accepting and rejecting ----------------------------------------------------------------------------------------


@pytest.fixture
def task() -> Task:
    return TaskFactory()


def test_accepting_starts_the_task_and_rejects_the_others(task: Task) -> None:
    first, second, third = (bid(FreelancerFactory(), task) for _ in range(3))
    application_reject(actor=task.client, application_id=third.pk)
    OutboxEvent.objects.all().delete()
    application_accept(actor=task.client, application_id=second.pk)
    task.refresh_from_db()
    assert (task.status, task.assigned_to_id) == ("IN_PROGRESS", second.freelancer_id)
    statuses = dict(TaskApplication.objects.values_list("pk", "status"))
    assert statuses == {first.pk: "REJECTED", second.pk: "ACCEPTED", third.pk: "REJECTED"}
    told = list(OutboxEvent.objects.order_by("id").values_list("topic", "payload"))
    assert told == [
        ("application.accepted", {"application": second.pk}),
        ("application.rejected", {"application": first.pk}),
        ("task.closed", {"task": task.pk}),
    ]
    _counters_are_true()


@pytest.mark.parametrize("decide", [application_accept, application_reject])
def test_only_the_owner_decides_and_a_stranger_learns_nothing(task: Task, decide: Callable[..., Any]) -> None:
    application = bid(FreelancerFactory(), task)
    _refused("permission_denied", 403, decide, actor=application.freelancer, application_id=application.pk)
    for actor in (ClientFactory(), BothFactory(), AdminFactory()):
        _refused("not_found", 404, decide, actor=actor, application_id=application.pk)
    _refused("not_found", 404, decide, actor=task.client, application_id=10**9)
    application.refresh_from_db()
    assert application.status == "PENDING"


@pytest.mark.parametrize("decide", [application_accept, application_reject])
@pytest.mark.parametrize("status", ["ACCEPTED", "REJECTED", "WITHDRAWN"])
def test_what_is_decided_stays_decided(task: Task, decide: Callable[..., Any], status: str) -> None:
    application = bid(FreelancerFactory(), task)
    TaskApplication.objects.filter(pk=application.pk).update(status=status)
    _refused("application_not_pending", 409, decide, actor=task.client, application_id=application.pk)


def test_a_pending_application_to_a_cancelled_task_cannot_be_accepted(task: Task) -> None:
    application = bid(FreelancerFactory(), task)
    Task.objects.filter(pk=task.pk).update(status="CANCELLED")
    _refused("task_not_open", 409, application_accept, actor=task.client, application_id=application.pk)
    application.refresh_from_db()
    assert application.status == "PENDING"


def test_an_application_is_known_to_its_two_sides_only(task: Task) -> None:
    application = bid(FreelancerFactory(), task)
    for actor in (task.client, application.freelancer):
        assert access_application(actor=actor, application_id=application.pk) == application
    _refused("not_found", 404, access_application, actor=FreelancerFactory(), application_id=application.pk)
    _refused("not_found", 404, access_application, actor=task.client, application_id=10**9)


# --- Changing, completing, cancelling -------------------------------------------------------------------------------


def test_a_change_that_matching_reads_counts_a_new_version_and_says_so(task: Task) -> None:
    task_update(actor=task.client, task_id=task.pk, title="Another shop")
    task_update(actor=task.client, task_id=task.pk, required_skills=skill_ids("python"))
    task.refresh_from_db()
    assert task.content_version == 3
    payloads = list(OutboxEvent.objects.order_by("id").values_list("payload", flat=True))
    assert payloads == [{"task": task.pk, "version": 2}, {"task": task.pk, "version": 3}]


def test_a_change_that_matching_does_not_read_disturbs_nobody(task: Task) -> None:
    task_update(actor=task.client, task_id=task.pk, location="Tahrir square", is_negotiable=True)
    task_update(actor=task.client, task_id=task.pk, title=task.title, required_skills=[])
    task.refresh_from_db()
    assert (task.content_version, task.location, _topics()) == (1, "Tahrir square", [])


def test_a_change_is_checked_like_a_new_task(task: Task) -> None:
    for field, value, code in (
        ("title", "!!!", "no_words"),
        ("description", "x" * 10_001, "too_long"),
        ("budget", Decimal(1), "budget_range"),
        ("deadline", timezone.now() - timedelta(seconds=1), "deadline_past"),
        ("required_skills", [10**9], "unknown_skill"),
    ):
        error = _refused(code, 400, task_update, actor=task.client, task_id=task.pk, **{field: value})
        assert error.field == field


@pytest.mark.parametrize("change", [task_update, task_cancel, task_complete])
def test_only_the_owner_or_an_admin_moves_a_task(change: Callable[..., Any]) -> None:
    task = StartedTaskFactory()
    for actor in (task.assigned_to, ClientFactory(), FreelancerFactory()):
        _refused("permission_denied", 403, change, actor=actor, task_id=task.pk)
    _refused("not_found", 404, change, actor=task.client, task_id=10**9)
    task_cancel(actor=AdminFactory(), task_id=task.pk)


def test_only_an_open_task_is_changed_and_only_a_started_one_completed() -> None:
    started, open_task = StartedTaskFactory(), TaskFactory()
    _refused("task_not_open", 409, task_update, actor=started.client, task_id=started.pk, title="New")
    _refused("task_not_in_progress", 409, task_complete, actor=open_task.client, task_id=open_task.pk)
    task_complete(actor=started.client, task_id=started.pk)
    _refused("task_not_in_progress", 409, task_complete, actor=started.client, task_id=started.pk)
    started.refresh_from_db()
    assert started.status == "COMPLETED"
    assert started.completed_at is not None
    assert _topics() == ["task.completed"]


def test_cancelling_rejects_what_was_pending_and_takes_the_task_off_the_lists(task: Task) -> None:
    application = bid(FreelancerFactory(), task)
    OutboxEvent.objects.all().delete()
    task_cancel(actor=task.client, task_id=task.pk, reason="x" * 600)
    application.refresh_from_db()
    assert application.status == "REJECTED"
    assert _topics() == ["task.closed", "task.cancelled"]
    assert len(OutboxEvent.objects.get(topic="task.cancelled").payload["reason"]) == 500
    _counters_are_true()


@pytest.mark.parametrize("make", [CompletedTaskFactory, lambda: TaskFactory(status="CANCELLED")])
def test_what_is_over_cannot_be_cancelled(make: Callable[[], Task]) -> None:
    over = make()
    _refused("task_not_open", 409, task_cancel, actor=over.client, task_id=over.pk)


def test_a_task_is_posted_with_its_event_or_not_at_all(client_user: User) -> None:
    made = post(client_user, skills=skill_ids("python"))
    event = OutboxEvent.objects.get()
    assert (event.topic, event.key, event.payload) == (
        "task.created",
        f"task:{made.pk}",
        {"task": made.pk, "version": 1},
    )
    error = _refused("unknown_skill", 400, post, client=client_user, skills=[10**9])
    assert error.params == {"skill": 10**9}
    assert Task.objects.count() == 1
    assert Category.objects.count() == 9


# --- Reviews --------------------------------------------------------------------------------------------------------


def test_the_two_sides_of_a_completed_task_review_each_other_once() -> None:
    task = CompletedTaskFactory()
    mine = review_create(actor=task.client, task_id=task.pk, rating=5, comment=" good ", quality_rating=4)
    theirs = review_create(actor=task.assigned_to, task_id=task.pk, rating=3)
    assert (mine.reviewee_id, theirs.reviewee_id) == (task.assigned_to_id, task.client_id)
    assert (mine.comment, mine.quality_rating, mine.is_verified) == ("good", 4, True)
    _refused("already_reviewed", 409, review_create, actor=task.client, task_id=task.pk, rating=1)
    assert _topics() == ["review.created", "review.created", "review.published", "review.published"]
    _counters_are_true()


def _reviewed(freelancer: User, rating: int) -> Review:
    """A review of the freelancer, and theirs of the client, which shows both."""
    task = CompletedTaskFactory(assigned_to=freelancer)
    review_create(actor=freelancer, task_id=task.pk, rating=5)
    return review_create(actor=task.client, task_id=task.pk, rating=rating)


def test_the_average_is_that_of_the_reviews_that_are_shown(freelancer: User) -> None:
    for rating in (5, 4, 4):
        _reviewed(freelancer, rating)
    Review.objects.filter(reviewee=freelancer, rating=5).update(is_public=False)
    _reviewed(freelancer, 3)
    hidden = CompletedTaskFactory(assigned_to=freelancer)
    review_create(actor=hidden.client, task_id=hidden.pk, rating=1)
    freelancer.refresh_from_db()
    assert (freelancer.average_rating, freelancer.total_reviews) == (Decimal("3.67"), 3)


@pytest.mark.parametrize("make", [TaskFactory, StartedTaskFactory, lambda: TaskFactory(status="CANCELLED")])
def test_nobody_reviews_before_the_work_is_completed(make: Callable[[], Task]) -> None:
    task = make()
    _refused("task_not_completed", 409, review_create, actor=task.client, task_id=task.pk, rating=5)


def test_a_stranger_cannot_review() -> None:
    task = CompletedTaskFactory()
    _refused("not_found", 404, review_create, actor=FreelancerFactory(), task_id=task.pk, rating=5)
    _refused("not_found", 404, review_create, actor=task.client, task_id=10**9, rating=5)


@pytest.mark.parametrize(
    "field", ["rating", "quality_rating", "communication_rating", "professionalism_rating"]
)
@pytest.mark.parametrize("stars", [0, 6, -1])
def test_a_rating_is_between_one_and_five(field: str, stars: int) -> None:
    task = CompletedTaskFactory()
    ratings = {"rating": 5} | {field: stars}
    error = _refused("rating_range", 400, review_create, actor=task.client, task_id=task.pk, **ratings)
    assert error.field == field
    assert not Review.objects.exists()


# --- At the same moment ---------------------------------------------------------------------------------------------


def _outcomes(results: list[Any]) -> list[str]:
    assert not [one for one in results if isinstance(one, Exception) and not isinstance(one, DomainError)], (
        results
    )
    return sorted(one.code if isinstance(one, DomainError) else "done" for one in results)


@pytest.mark.django_db(transaction=True)
def test_of_two_accepts_at_once_one_wins_and_the_other_is_told() -> None:
    task = TaskFactory()
    applications = [bid(FreelancerFactory(), task) for _ in range(3)]

    def accept(application: TaskApplication) -> Callable[[], Any]:
        return lambda: application_accept(actor=task.client, application_id=application.pk)

    outcomes = _outcomes(at_once([accept(one) for one in applications]))
    assert outcomes == ["application_not_pending", "application_not_pending", "done"]
    assert TaskApplication.objects.filter(status="ACCEPTED").count() == 1
    assert OutboxEvent.objects.filter(topic="application.accepted").count() == 1
    task.refresh_from_db()
    assert task.assigned_to_id == TaskApplication.objects.get(status="ACCEPTED").freelancer_id


@pytest.mark.django_db(transaction=True)
def test_a_double_click_applies_once() -> None:
    task, freelancer = TaskFactory(), FreelancerFactory()
    outcomes = _outcomes(at_once([lambda: bid(freelancer, task)] * 4))
    assert outcomes == ["already_applied"] * 3 + ["done"]
    _counters_are_true()


@pytest.mark.django_db(transaction=True)
def test_applications_at_once_are_all_counted() -> None:
    task = TaskFactory()

    def apply(freelancer: User) -> Callable[[], Any]:
        return lambda: bid(freelancer, task)

    assert _outcomes(at_once([apply(FreelancerFactory()) for _ in range(6)])) == ["done"] * 6
    _counters_are_true()


@pytest.mark.django_db(transaction=True)
def test_an_application_and_a_cancellation_at_once_leave_nothing_pending() -> None:
    for _ in range(4):
        task, freelancer = TaskFactory(), FreelancerFactory()

        def apply(task: Task = task, freelancer: User = freelancer) -> Any:
            return bid(freelancer, task)

        def cancel(task: Task = task) -> Any:
            return task_cancel(actor=task.client, task_id=task.pk)

        assert _outcomes(at_once([apply, cancel])) in (["done", "done"], ["done", "task_not_open"])
    assert not TaskApplication.objects.filter(status="PENDING").exists()
    _counters_are_true()


@pytest.mark.django_db(transaction=True)
def test_an_accept_and_a_rejection_or_a_cancellation_at_once_end_in_one_story() -> None:
    for other in (application_reject, task_cancel):
        task = TaskFactory()
        application = bid(FreelancerFactory(), task)

        def accept(task: Task = task, application: TaskApplication = application) -> Any:
            return application_accept(actor=task.client, application_id=application.pk)

        def against(
            task: Task = task, application: TaskApplication = application, other: Callable[..., Any] = other
        ) -> Any:
            if other is task_cancel:
                return task_cancel(actor=task.client, task_id=task.pk)
            return application_reject(actor=task.client, application_id=application.pk)

        results = at_once([accept, against])
        _outcomes(results)
        task.refresh_from_db()
        application.refresh_from_db()
        assert (application.status == "ACCEPTED") == (task.assigned_to_id is not None)
        assert application.status != "PENDING"


@pytest.mark.django_db(transaction=True)
def test_two_reviews_at_once_leave_the_average_of_both() -> None:
    freelancer = FreelancerFactory()
    tasks = [CompletedTaskFactory(assigned_to=freelancer) for _ in range(4)]
    for task in tasks:
        review_create(actor=freelancer, task_id=task.pk, rating=5)

    def review(task: Task, rating: int) -> Callable[[], Any]:
        return lambda: review_create(actor=task.client, task_id=task.pk, rating=rating)

    outcomes = _outcomes(at_once([review(task, rating) for rating, task in enumerate(tasks, start=2)]))
    assert outcomes == ["done"] * 4
    freelancer.refresh_from_db()
    assert (freelancer.average_rating, freelancer.total_reviews) == (Decimal("3.50"), 4)
