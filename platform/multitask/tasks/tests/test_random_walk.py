"""Walks of a thousand actions of several people, legal and not: every answer is foreseen, counters equal a recount."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.tasks.models import Review, Task, TaskApplication

SEEDS, LONG = (1, 2, 3), 1_000
EXAMPLES, SHORT = 8, 50
RECOUNT_EVERY = 25
PEOPLE, TASKS = 6, 5
OFFER = 4
NEW = {"proposal": "I can begin today.", "offered_price": "500.00", "estimated_time": "a week"}

ANYBODY = tuple(range(PEOPLE))
# None is whoever may do it: with anybody alone, nearly every action is refused and a walk gets nowhere.
MOSTLY_RIGHT = (None, None, None, None, None, None, *ANYBODY)
NUMBERS = tuple(range(TASKS))
STARS = (1, 2, 3, 4, 5)
# What each action of `Marketplace` is drawn with.
ACTIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "apply": {"person": (*ANYBODY, 1, 2, 3, 4), "number": NUMBERS},
    "decide": {
        "person": MOSTLY_RIGHT,
        "number": NUMBERS,
        "which": ANYBODY,
        "decision": ("ACCEPTED", "ACCEPTED", "REJECTED"),
    },
    "edit_or_withdraw": {
        "person": MOSTLY_RIGHT,
        "number": NUMBERS,
        "which": ANYBODY,
        "withdraws": (True, True, False),
    },
    "end": {"person": MOSTLY_RIGHT, "number": NUMBERS, "action": ("complete",) * 5 + ("cancel",)},
    "deliver": {"person": MOSTLY_RIGHT, "number": NUMBERS},
    "request_changes": {"person": MOSTLY_RIGHT, "number": NUMBERS},
    "change": {"person": MOSTLY_RIGHT, "number": NUMBERS},
    "delete": {"person": (*ANYBODY, *(3, 4) * 6), "number": NUMBERS},
    "review": {"person": MOSTLY_RIGHT, "number": NUMBERS, "rating": STARS, "by_client": (True, False)},
    "touch_a_review": {
        "person": MOSTLY_RIGHT,
        "which": tuple(range(20)),
        "rating": STARS,
        "way": ("change", "change", "reply", "reply", "remove"),
    },
    "look": {"person": ANYBODY, "number": NUMBERS},
    "post_anew": {"number": NUMBERS, "now": (True, False)},
}
# How often each is drawn beside the others: tasks must not end faster than people apply and are chosen.
NAMES = (*ACTIONS, *("apply",) * 3, "decide", "deliver", "review", "review", "touch_a_review", "post_anew")
# What the long walks together must have come to, or they have shown nothing.
REACHED = {
    ("apply", 201),
    ("apply", 409),
    ("decide ACCEPTED", 200),
    ("decide ACCEPTED", 409),
    ("decide REJECTED", 200),
    ("edit", 200),
    ("withdraw", 204),
    ("complete", 200),
    ("cancel", 200),
    ("deliver", 200),
    ("request-changes", 200),
    ("change", 200),
    ("delete", 204),
    ("review", 201),
    ("review change", 200),
    ("review reply", 201),
    ("review remove", 204),
}


class Marketplace:
    """Six people and five places for a task, over HTTP. Each action says beforehand how it will be answered."""

    def __init__(self, as_user: AsUser) -> None:
        makers = [ClientFactory, BothFactory, BothFactory, FreelancerFactory, FreelancerFactory, AdminFactory]
        self.users: list[User] = [make() for make in makers]
        self.places = {user.pk: place for place, user in enumerate(self.users)}
        self.clients: list[APIClient] = [as_user(user) for user in self.users]
        self.seen: Counter[tuple[str, int]] = Counter()
        self.ids: dict[int, int] = {}
        for number in NUMBERS:
            self.post(number=number)

    def act(self, name: str, arguments: dict[str, Any]) -> None:
        getattr(self, name)(**arguments)

    def post(self, *, number: int) -> None:
        """By one of the three who may; the one at OFFER is a service, which nobody applies to."""
        body = {
            "category": "design",
            "title": f"Logo {number}",
            "description": "A logo for a café.",
            "budget": "500",
            "listing_type": "service_offer" if number == OFFER else "task_request",
        }
        answer = self.clients[number % 3].post("/api/tasks/", body)
        assert answer.status_code == 201, answer.content
        self.ids[number] = answer.json()["id"]

    def _answered(self, name: str, answer: Any, *expected: int) -> None:
        assert answer.status_code in expected, (name, expected, answer.content)
        self.seen[name, answer.status_code] += 1

    def _task(self, number: int) -> Task | None:
        return Task.objects.filter(pk=self.ids[number]).first()

    def _application(self, number: int, which: int) -> TaskApplication | None:
        rows = list(TaskApplication.objects.filter(task=self.ids[number]).order_by("pk"))
        return rows[which % len(rows)] if rows else None

    def _is_owner(self, person: int, task: Task) -> bool:
        return task.client_id == self.users[person].pk or self.users[person].user_type == "admin"

    def apply(self, person: int, number: int) -> None:
        task, user = self._task(number), self.users[person]
        before = TaskApplication.objects.filter(task=self.ids[number], freelancer=user).first()
        answer = self.clients[person].post(f"/api/tasks/{self.ids[number]}/applications/", NEW)
        sent = before is not None and before.status != "WITHDRAWN"
        if user.user_type not in {"freelancer", "both"}:
            expected = 403
        elif task is None:
            expected = 404
        elif task.client_id == user.pk or number == OFFER or task.status != "OPEN" or sent:
            expected = 409
        else:
            expected = 201
        self._answered("apply", answer, expected)

    def decide(self, person: int | None, number: int, which: int, decision: str) -> None:
        if (row := self._application(number, which)) is None:
            return
        person = self.places[row.client_id] if person is None else person
        user = self.users[person]
        answer = self.clients[person].patch(f"/api/tasks/applications/{row.pk}/", {"status": decision})
        if user.pk not in {row.client_id, row.freelancer_id}:
            expected = 404
        elif row.client_id != user.pk:
            expected = 403
        else:
            expected = 200 if row.status == "PENDING" else 409
        self._answered(f"decide {decision}", answer, expected)

    def edit_or_withdraw(self, person: int | None, number: int, which: int, withdraws: bool) -> None:
        if (row := self._application(number, which)) is None:
            return
        person = self.places[row.freelancer_id] if person is None else person
        user, client = self.users[person], self.clients[person]
        path = f"/api/tasks/applications/{row.pk}/"
        answer = client.delete(path) if withdraws else client.patch(path, {"offered_price": "450.00"})
        if user.pk not in {row.client_id, row.freelancer_id}:
            expected = 404
        elif row.freelancer_id != user.pk:
            expected = 403
        elif row.status != "PENDING":
            expected = 409
        else:
            expected = 204 if withdraws else 200
        self._answered("withdraw" if withdraws else "edit", answer, expected)

    def _move(self, person: int, task: Task, action: str, *, allowed: bool, possible: bool) -> None:
        answer = self.clients[person].post(f"/api/tasks/{task.pk}/{action}/", {"reason": "So it is."})
        self._answered(action, answer, 403 if not allowed else 200 if possible else 409)

    def end(self, person: int | None, number: int, action: str) -> None:
        if (task := self._task(number)) is not None:
            person = self.places[task.client_id] if person is None else person
            wanted = {"IN_PROGRESS"} if action == "complete" else {"OPEN", "IN_PROGRESS"}
            allowed = self._is_owner(person, task)
            self._move(person, task, action, allowed=allowed, possible=task.status in wanted)

    def deliver(self, person: int | None, number: int) -> None:
        if (task := self._task(number)) is not None:
            person = self.places[task.assigned_to_id or task.client_id] if person is None else person
            possible = task.status == "IN_PROGRESS" and task.delivered_at is None
            allowed = task.assigned_to_id == self.users[person].pk
            self._move(person, task, "deliver", allowed=allowed, possible=possible)

    def request_changes(self, person: int | None, number: int) -> None:
        if (task := self._task(number)) is not None:
            person = self.places[task.client_id] if person is None else person
            possible = task.status == "IN_PROGRESS" and task.delivered_at is not None
            allowed = self._is_owner(person, task)
            self._move(person, task, "request-changes", allowed=allowed, possible=possible)

    def change(self, person: int | None, number: int) -> None:
        if (task := self._task(number)) is not None:
            person = self.places[task.client_id] if person is None else person
            answer = self.clients[person].patch(f"/api/tasks/{task.pk}/", {"budget": "600"})
            possible = 200 if task.status == "OPEN" else 409
            self._answered("change", answer, possible if self._is_owner(person, task) else 403)

    def delete(self, person: int, number: int) -> None:
        if (task := self._task(number)) is None:
            return
        applied = task.applications.exists()
        answer = self.clients[person].delete(f"/api/tasks/{task.pk}/")
        if not self._is_owner(person, task):
            expected = 403
        elif task.status == "COMPLETED" or (task.status == "CANCELLED" and applied):
            expected = 409
        else:
            expected = 204
            assert Task.objects.filter(pk=task.pk).exists() == applied
        self._answered("delete", answer, expected)

    def review(self, person: int | None, number: int, rating: int, by_client: bool) -> None:
        if (task := self._task(number)) is None:
            return
        if person is None:
            person = self.places[task.client_id if by_client else task.assigned_to_id or task.client_id]
        user = self.users[person]
        written = Review.objects.filter(task=task, reviewer=user).exists()
        answer = self.clients[person].post(f"/api/tasks/{task.pk}/reviews/", {"rating": rating})
        if user.pk not in {task.client_id, task.assigned_to_id}:
            expected = 404
        else:
            expected = 201 if task.status == "COMPLETED" and not written else 409
        self._answered("review", answer, expected)

    def touch_a_review(self, person: int | None, which: int, rating: int, way: str) -> None:
        rows = list(Review.objects.order_by("pk"))
        if not rows:
            return
        row = rows[which % len(rows)]
        if person is None:
            right = {"change": row.reviewer_id, "reply": row.reviewee_id, "remove": self.users[-1].pk}
            person = self.places[right[way]]
        client, path = self.clients[person], f"/api/reviews/{row.pk}/"
        if way == "change":
            answer = client.patch(path, {"rating": rating})
        elif way == "reply":
            answer = client.post(f"{path}reply/", {"reply": "Thanks"})
        else:
            answer = client.delete(f"{path}?reason=Insults")
        self._answered(f"review {way}", answer, 200, 201, 204, 403, 404, 409)

    def look(self, person: int, number: int) -> None:
        answer = self.clients[person].get(f"/api/tasks/{self.ids[number]}/")
        self._answered("look", answer, 200 if self._task(number) else 404)

    def post_anew(self, number: int, now: bool) -> None:
        """What is over makes room, so that a long walk does not end among finished tasks; its rows stay."""
        task = self._task(number)
        if task is None or (now and task.status in {"COMPLETED", "CANCELLED"}):
            self.post(number=number)


def recount() -> None:
    """Compare every counter with its rows."""
    for task in Task.objects.prefetch_related("applications"):
        rows = list(task.applications.all())
        assert task.applications_count == sum(row.status != "WITHDRAWN" for row in rows), task.pk
        accepted = [row.freelancer_id for row in rows if row.status == "ACCEPTED"]
        assert accepted == ([] if task.assigned_to_id is None else [task.assigned_to_id])
        assert task.status == "OPEN" or not any(row.status == "PENDING" for row in rows)
        assert task.listing_type == "task_request" or not rows
    for user in User.objects.all():
        shown = Review.objects.filter(reviewee=user, removed_at=None).exclude(published_at=None)
        stars = list(shown.values_list("rating", flat=True))
        assert user.total_reviews == len(stars)
        mean = sum(stars) / len(stars) if stars else 0
        assert float(user.average_rating) == pytest.approx(mean, abs=0.005)


@contextmanager
def _undone() -> Iterator[None]:
    """Each walk begins in an empty marketplace."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _no_daily_limit(settings: Any) -> None:
    settings.APPLICATIONS_PER_DAY = 10**6


@pytest.mark.django_db
def test_a_thousand_actions_leave_every_counter_true_and_every_answer_foreseen(as_user: AsUser) -> None:
    seen: Counter[tuple[str, int]] = Counter()
    for seed in SEEDS:
        drawn = random.Random(seed)
        done: list[tuple[str, dict[str, Any]]] = []
        with _undone():
            market = Marketplace(as_user)
            try:
                while len(done) < LONG:
                    name = drawn.choice(NAMES)
                    done.append((name, {key: drawn.choice(few) for key, few in ACTIONS[name].items()}))
                    market.act(*done[-1])
                    if len(done) % RECOUNT_EVERY == 0:
                        recount()
            except AssertionError as error:
                last = "\n".join(f"{name} {arguments}" for name, arguments in done[-RECOUNT_EVERY:])
                error.add_note(f"Seed {seed}, action {len(done)}; the last of them:\n{last}")
                raise
        seen |= market.seen
    assert seen.keys() >= REACHED, sorted(REACHED - seen.keys())


class Walk(RuleBasedStateMachine):
    """The same actions, which Hypothesis draws and, where one goes wrong, makes as few as it can."""

    as_user: AsUser
    moves = st.one_of(
        *(
            st.tuples(
                st.just(name),
                st.fixed_dictionaries({key: st.sampled_from(few) for key, few in drawn_with.items()}),
            )
            for name, drawn_with in ACTIONS.items()
        )
    )

    def __init__(self) -> None:
        super().__init__()
        self.undone = _undone()
        self.undone.__enter__()
        self.market = Marketplace(self.as_user)

    def teardown(self) -> None:
        self.undone.__exit__(None, None, None)

    @rule(move=moves)
    def act(self, move: tuple[str, dict[str, Any]]) -> None:
        self.market.act(*move)

    @invariant()
    def counters_equal_a_recount(self) -> None:
        recount()


@pytest.mark.django_db
def test_every_action_of_a_short_walk_leaves_every_counter_true(as_user: AsUser) -> None:
    machine = type("ShortWalk", (Walk,), {"as_user": staticmethod(as_user)})
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(
            max_examples=EXAMPLES,
            stateful_step_count=SHORT,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
