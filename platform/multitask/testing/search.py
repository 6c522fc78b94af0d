"""What search reads, made in one go for rows that a test wrote past the services."""

from __future__ import annotations

from ml.text import Mentions
from multitask.accounts.models import User
from multitask.recommendations.selectors import features, search_texts
from multitask.recommendations.services import search_index
from multitask.tasks.models import Task


def index_everything() -> None:
    """Index every task and freelancer as the jobs do, and count their words."""
    names = features.skill_names()
    mentions = Mentions(features.skill_vocabulary())
    tasks = list(Task.objects.values_list("pk", flat=True))
    people = list(User.objects.values_list("pk", flat=True))
    search_index.task_documents_store(made=search_texts.task_documents(tasks, names=names, mentions=mentions))
    search_index.person_documents_store(made=search_texts.person_documents(people, names=names))
    search_index.terms_count()
    search_index.phrases_refresh()
