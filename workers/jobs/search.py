"""Keep what search reads: words of tasks and freelancers as they change, and counts and phrases by the clock."""

from __future__ import annotations

from django.db import transaction

from multitask.outbox.emit import emit
from multitask.recommendations.selectors import search_texts
from multitask.recommendations.selectors.skill_names import vocabulary
from multitask.recommendations.services import search_index
from multitask.settings.logs import get_logger
from workers.base import Run, job

log = get_logger(__name__)

CHUNK = 500


@job("search.index_tasks", queue="recommend", batch=16)
def index_tasks(run: Run) -> None:
    known = vocabulary()
    made = search_texts.task_documents(run.payloads("task"), names=known.skills, mentions=known.mentions)
    with run.finish():
        search_index.task_documents_store(made=made)


@job("search.index_people", queue="recommend", batch=16)
def index_people(run: Run) -> None:
    users = run.payloads("user")
    made = search_texts.person_documents(users, names=vocabulary().skills)
    gone = set(users) - {one.id for one in made}
    with run.finish():
        search_index.person_documents_store(made=made)
        search_index.person_documents_drop(ids=sorted(gone))


@job("search.fill", queue="default")
def fill(run: Run) -> None:
    """One chunk of what no event has indexed; the next is asked for in the same transaction, counting comes last."""
    known = vocabulary()
    tasks = search_texts.tasks_unread(limit=CHUNK)
    people = search_texts.people_unread(limit=CHUNK - len(tasks)) if len(tasks) < CHUNK else []
    gone = search_texts.people_gone(limit=CHUNK)
    of_tasks = search_texts.task_documents(tasks, names=known.skills, mentions=known.mentions)
    of_people = search_texts.person_documents(people, names=known.skills)
    with run.finish():
        search_index.task_documents_store(made=of_tasks)
        search_index.person_documents_store(made=of_people)
        search_index.person_documents_drop(ids=gone)
        if tasks or people:
            emit("search.behind", key="search")
    if tasks or people or gone:
        log.info("search_filled", tasks=len(of_tasks), people=len(of_people), gone=len(gone))


@job("search.count", queue="default")
def count(run: Run) -> None:
    """Count words and gather phrases anew, where the documents have changed enough; and find what is behind."""
    counted = phrases = 0
    if search_index.counts_are_old():
        counted = search_index.terms_count()
        phrases = search_index.phrases_refresh()
    with transaction.atomic():
        search_index.search_fill_ask()
    if counted:
        log.info("search_counted", words=counted, phrases=phrases)
