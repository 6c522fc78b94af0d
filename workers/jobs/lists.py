"""Keep every freelancer's list."""

from __future__ import annotations

from multitask.recommendations.selectors.heads import users_between
from multitask.recommendations.services.lists import list_recompute, task_place, task_withdraw
from workers.base import Run, job


@job("lists.place_task", queue="recommend", batch=8)
def place_task(run: Run) -> None:
    """Each placing is right by itself and may be repeated, so only being done is left for the last transaction."""
    for task_id in run.payloads("task"):
        task_place(task_id=task_id)


@job("lists.withdraw_task", queue="recommend", batch=8)
def withdraw_task(run: Run) -> None:
    with run.finish():
        for task_id in run.payloads("task"):
            task_withdraw(task_id=task_id)


@job("lists.recompute", queue="recommend", batch=8)
def recompute(run: Run) -> None:
    for user_id in run.payloads("user"):
        list_recompute(user_id=user_id)


@job("lists.recompute_chunk", queue="recommend")
def recompute_chunk(run: Run) -> None:
    """The lists of one span of users, each in a transaction of its own so that none waits for another."""
    payload = run.one.payload
    for user_id in users_between(first=payload["first"], last=payload["last"]):
        list_recompute(user_id=user_id)
