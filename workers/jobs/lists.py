"""Keep every freelancer's list."""

from __future__ import annotations

from multitask.recommendations.selectors.heads import users_between
from multitask.recommendations.selectors.tables import users_at_once
from multitask.recommendations.services.lists import list_recompute, task_place, task_withdraw
from multitask.recommendations.services.recompute import lists_recompute
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
    """One by one: somebody waits for each."""
    for user_id in run.payloads("user"):
        list_recompute(user_id=user_id)


@job("lists.recompute_chunk", queue="recommend")
def recompute_chunk(run: Run) -> None:
    """The lists of one span of users, a few in a transaction."""
    payload = run.one.payload
    users = users_between(first=payload["first"], last=payload["last"])
    together = users_at_once()
    for begin in range(0, len(users), together):
        lists_recompute(user_ids=users[begin : begin + together])
