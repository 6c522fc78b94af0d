"""Jobs that meet: real transactions of several connections at the same lists."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from threading import Thread
from typing import Any

import pytest
from django.db import connections, transaction

from multitask.notifications.models import Notification
from multitask.recommendations.models import ProfileVector, RecommendationEntry, RecommendationList
from multitask.recommendations.services.lists import list_recompute, task_place
from multitask.recommendations.services.skills import SkillClaim, user_skills_set
from multitask.tasks.models import Task
from multitask.tasks.services.tasks import task_cancel, task_update
from multitask.testing.concurrency import at_once
from multitask.testing.market import join, lists, post, skill_ids
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db(transaction=True)


def _errors(results: list[Any]) -> list[Any]:
    return [one for one in results if isinstance(one, Exception)]


def test_a_task_placed_by_four_jobs_at_once_is_in_each_list_once_and_told_once(pipeline: Pipeline) -> None:
    wanted = skill_ids("python")
    users = [join("freelancer", skills=wanted) for _ in range(5)]
    pipeline.drain()
    task = post(join("client"), skills=wanted)
    pipeline.drain()
    RecommendationEntry.objects.all().delete()
    assert _errors(at_once([lambda: task_place(task_id=task.pk)] * 4)) == []
    pipeline.drain()
    assert RecommendationEntry.objects.count() == len(users)
    assert Notification.objects.filter(task_id=task.pk).count() == len(users)


@pytest.mark.parametrize("job", ["place", "recompute"])
def test_a_job_waits_while_another_holds_the_list(pipeline: Pipeline, job: str) -> None:
    """Of two jobs for one list the later must see what the earlier wrote."""
    wanted = skill_ids("python")
    user = join("freelancer", skills=wanted)
    task = post(join("client"), skills=wanted)
    pipeline.drain()
    RecommendationEntry.objects.all().delete()

    def work() -> None:
        try:
            if job == "place":
                task_place(task_id=task.pk)
            else:
                list_recompute(user_id=user.pk)
        finally:
            connections.close_all()

    thread = Thread(target=work)
    with transaction.atomic():
        RecommendationList.objects.select_for_update().get(user=user)
        thread.start()
        thread.join(timeout=0.7)
        assert thread.is_alive()
        user_skills_set(actor=user, claims=[])
        ProfileVector.objects.update(readable=False, lexical=None)
    thread.join(timeout=10)
    assert not RecommendationEntry.objects.exists()


def test_placing_recomputing_and_closing_at_once_end_where_one_after_another_ends(pipeline: Pipeline) -> None:
    random = Random(7)
    ids = skill_ids("python", "django", "react")
    users = [join("freelancer", skills=random.sample(ids, 2)) for _ in range(4)]
    client = join("client")
    tasks = [post(client, skills=random.sample(ids, 2)) for _ in range(8)]
    pipeline.drain()

    def place(task: Task) -> Callable[[], Any]:
        return lambda: task_place(task_id=task.pk)

    def recompute(user: Any) -> Callable[[], Any]:
        return lambda: list_recompute(user_id=user.pk)

    def learn(user: Any) -> Callable[[], Any]:
        return lambda: user_skills_set(actor=user, claims=[SkillClaim(random.choice(ids))])

    def change(task: Task) -> Callable[[], Any]:
        return lambda: task_update(actor=client, task_id=task.pk, required_skills=[ids[0]])

    def cancel(task: Task) -> Callable[[], Any]:
        return lambda: task_cancel(actor=client, task_id=task.pk)

    for _ in range(3):
        work = [
            place(tasks[0]),
            place(tasks[1]),
            recompute(users[0]),
            recompute(users[1]),
            learn(users[1]),
            learn(users[2]),
        ]
        assert _errors(at_once([*work, change(tasks[2]), place(tasks[2])])) == []
    assert _errors(at_once([cancel(tasks[3]), place(tasks[3]), recompute(users[3]), place(tasks[4])])) == []
    workers = [Pipeline() for _ in range(3)]
    assert _errors(at_once([worker.drain for worker in workers])) == []
    pipeline.drain()
    assert pipeline.dead() == []
    found = lists()
    RecommendationEntry.objects.all().delete()
    for user in users:
        list_recompute(user_id=user.pk)
    assert found == lists()
    assert tasks[3].pk not in {row[0] for rows in found.values() for row in rows}
