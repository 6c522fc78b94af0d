"""A thousand actions of several people, legal and not: every answer is foreseen, and counters equal a recount."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.tasks.models import Review, Task, TaskApplication

EXAMPLES, STEPS = 20, 50
PEOPLE, TASKS = 6, 4

people = st.integers(0, PEOPLE - 1)
tasks = st.integers(0, TASKS - 1)
NEW = {"proposal": "I can begin today.", "offered_price": "500.00", "estimated_time": "a week"}


class Marketplace(RuleBasedStateMachine):
    as_user: AsUser

    def __init__(self) -> None:
        super().__init__()
        # Each walk begins in an empty marketplace, and is undone whole.
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        makers = [ClientFactory, BothFactory, BothFactory, FreelancerFactory, FreelancerFactory, AdminFactory]
        self.users: list[User] = [make() for make in makers]
        self.clients: list[APIClient] = [self.as_user(user) for user in self.users]
        self.ids: list[int] = []
        for number in range(TASKS):
            self.post(person=number % 3)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def post(self, *, person: int) -> None:
        body = {
            "category": "design",
            "title": f"Logo {len(self.ids)}",
            "description": "A logo for a café.",
            "budget": "500",
        }
        answer = self.clients[person].post("/api/tasks/", body)
        assert answer.status_code == 201, answer.content
        self.ids.append(answer.json()["id"])

    def _task(self, number: int) -> Task | None:
        return Task.objects.filter(pk=self.ids[number]).first()

    def _application(self, number: int, person: int) -> TaskApplication | None:
        return TaskApplication.objects.filter(task=self.ids[number], freelancer=self.users[person]).first()

    def _move(self, person: int, task: Task, action: str, *, allowed: bool, possible: bool) -> None:
        answer = self.clients[person].post(f"/api/tasks/{task.pk}/{action}/", {"reason": "So it is."})
        expected = 403 if not allowed else 200 if possible else 409
        assert answer.status_code == expected, (action, task.status, answer.content)

    def _is_owner(self, person: int, task: Task) -> bool:
        return task.client_id == self.users[person].pk or self.users[person].user_type == "admin"

    @rule(person=people, number=tasks)
    def apply(self, person: int, number: int) -> None:
        task, before, user = self._task(number), self._application(number, person), self.users[person]
        answer = self.clients[person].post(f"/api/tasks/{self.ids[number]}/applications/", NEW)
        if user.user_type not in {"freelancer", "both"}:
            expected = 403
        elif task is None:
            expected = 404
        elif task.client_id == user.pk or task.status != "OPEN" or (before and before.status != "WITHDRAWN"):
            expected = 409
        else:
            expected = 201
        assert answer.status_code == expected, answer.content

    @rule(person=people, number=tasks, applicant=people, decision=st.sampled_from(["ACCEPTED", "REJECTED"]))
    def decide(self, person: int, number: int, applicant: int, decision: str) -> None:
        row, user = self._application(number, applicant), self.users[person]
        if row is None:
            return
        answer = self.clients[person].patch(f"/api/tasks/applications/{row.pk}/", {"status": decision})
        if user.pk not in {row.client_id, row.freelancer_id}:
            expected = 404
        elif row.client_id != user.pk:
            expected = 403
        else:
            expected = 200 if row.status == "PENDING" else 409
        assert answer.status_code == expected, (row.status, answer.content)

    @rule(person=people, number=tasks, applicant=people, withdraws=st.booleans())
    def edit_or_withdraw(self, person: int, number: int, applicant: int, withdraws: bool) -> None:
        row, user, client = self._application(number, applicant), self.users[person], self.clients[person]
        if row is None:
            return
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
        assert answer.status_code == expected, (row.status, answer.content)

    @rule(person=people, number=tasks, action=st.sampled_from(["complete", "cancel"]))
    def end(self, person: int, number: int, action: str) -> None:
        if (task := self._task(number)) is not None:
            wanted = {"IN_PROGRESS"} if action == "complete" else {"OPEN", "IN_PROGRESS"}
            allowed = self._is_owner(person, task)
            self._move(person, task, action, allowed=allowed, possible=task.status in wanted)

    @rule(person=people, number=tasks)
    def deliver(self, person: int, number: int) -> None:
        if (task := self._task(number)) is not None:
            possible = task.status == "IN_PROGRESS" and task.delivered_at is None
            allowed = task.assigned_to_id == self.users[person].pk
            self._move(person, task, "deliver", allowed=allowed, possible=possible)

    @rule(person=people, number=tasks)
    def ask_for_changes(self, person: int, number: int) -> None:
        if (task := self._task(number)) is not None:
            possible = task.status == "IN_PROGRESS" and task.delivered_at is not None
            allowed = self._is_owner(person, task)
            self._move(person, task, "request-changes", allowed=allowed, possible=possible)

    @rule(person=people, number=tasks)
    def change(self, person: int, number: int) -> None:
        if (task := self._task(number)) is not None:
            answer = self.clients[person].patch(f"/api/tasks/{task.pk}/", {"budget": "600"})
            possible = 200 if task.status == "OPEN" else 409
            assert answer.status_code == (possible if self._is_owner(person, task) else 403)

    @rule(person=people, number=tasks)
    def delete(self, person: int, number: int) -> None:
        if (task := self._task(number)) is None:
            return
        applied = task.applications.exists()
        answer = self.clients[person].delete(f"/api/tasks/{task.pk}/")
        if not self._is_owner(person, task):
            assert answer.status_code == 403
        elif task.status in {"COMPLETED", "CANCELLED"} and (applied or task.status == "COMPLETED"):
            assert answer.status_code == 409
        else:
            assert answer.status_code == 204
            assert Task.objects.filter(pk=task.pk).exists() == applied
        if self._task(number) is None:
            self.post(person=number % 3)
            self.ids[number] = self.ids.pop()

    @rule(person=people, number=tasks, rating=st.integers(1, 5))
    def review(self, person: int, number: int, rating: int) -> None:
        if (task := self._task(number)) is None:
            return
        user = self.users[person]
        written = Review.objects.filter(task=task, reviewer=user).exists()
        answer = self.clients[person].post(f"/api/tasks/{task.pk}/reviews/", {"rating": rating})
        if user.pk not in {task.client_id, task.assigned_to_id}:
            expected = 404
        else:
            expected = 201 if task.status == "COMPLETED" and not written else 409
        assert answer.status_code == expected, answer.content

    @rule(person=people, first=st.booleans(), rating=st.integers(1, 5), way=st.integers(0, 2))
    def touch_a_review(self, person: int, first: bool, rating: int, way: int) -> None:
        row = Review.objects.order_by("pk" if first else "-pk").first()
        if row is None:
            return
        client, path = self.clients[person], f"/api/reviews/{row.pk}/"
        if way == 0:
            answer = client.patch(path, {"rating": rating})
        elif way == 1:
            answer = client.post(f"{path}reply/", {"reply": "Thanks"})
        else:
            answer = client.delete(f"{path}?reason=Insults")
        assert answer.status_code in {200, 201, 204, 403, 404, 409}, answer.content

    @rule(person=people, number=tasks)
    def look(self, person: int, number: int) -> None:
        answer = self.clients[person].get(f"/api/tasks/{self.ids[number]}/")
        assert answer.status_code == 200

    @invariant()
    def counters_equal_a_recount(self) -> None:
        for task in Task.objects.all():
            assert task.applications_count == task.applications.exclude(status="WITHDRAWN").count()
            accepted = [row.freelancer_id for row in task.applications.filter(status="ACCEPTED")]
            assert accepted == ([] if task.assigned_to_id is None else [task.assigned_to_id])
            if task.status != "OPEN":
                assert not task.applications.filter(status="PENDING").exists()
        for user in User.objects.filter(pk__in=[user.pk for user in self.users]):
            shown = Review.objects.filter(reviewee=user, removed_at=None).exclude(published_at=None)
            stars = list(shown.values_list("rating", flat=True))
            assert user.total_reviews == len(stars)
            mean = sum(stars) / len(stars) if stars else 0
            assert float(user.average_rating) == pytest.approx(mean, abs=0.005)


@pytest.mark.django_db
def test_a_thousand_actions_leave_every_counter_true_and_every_answer_foreseen(as_user: AsUser) -> None:
    machine = type("Walk", (Marketplace,), {"as_user": staticmethod(as_user)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
