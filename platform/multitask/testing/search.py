"""What search reads, made in one go for rows that a test wrote past the services, and what it finds."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from multitask.accounts.models import User
from multitask.recommendations.selectors import search_texts
from multitask.recommendations.selectors.skill_names import vocabulary
from multitask.recommendations.services import search_index
from multitask.tasks.models import Task

TASKS_PATH = "/api/tasks/"


def ids(answer: Any) -> list[int]:
    """The ids on a page of a list, in their order."""
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def found(api: APIClient, said: str, **more: Any) -> list[int]:
    """The ids of the tasks that a search finds, up to 100, the best first."""
    query: dict[str, Any] = {"search": said, "page_size": 100} | more
    return ids(api.get(TASKS_PATH, query))


def index_everything() -> None:
    """Index every task and freelancer as the jobs do, and count their words."""
    known = vocabulary()
    tasks = list(Task.objects.values_list("pk", flat=True))
    people = list(User.objects.values_list("pk", flat=True))
    search_index.task_documents_store(
        made=search_texts.task_documents(tasks, names=known.skills, mentions=known.mentions)
    )
    search_index.person_documents_store(made=search_texts.person_documents(people, names=known.skills))
    search_index.terms_count()
    search_index.phrases_refresh()


def vectors_make() -> None:
    """Make a vector for every task as the jobs do, with the encoder that is there."""
    from multitask.recommendations.services.vectors import task_vectors_store
    from workers.jobs.vectors import _task_texts, ensure_index, make

    index = ensure_index()
    tasks = list(Task.objects.values_list("pk", flat=True))
    task_vectors_store(index=index, made=make(index, _task_texts(index, tasks)), announce=False)
