"""What is posted, changed or deleted is found by its words and its vector, in time and by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.recommendations.models import SearchDocument, SearchTerm, TaskVector
from multitask.recommendations.selectors.search import TASKS, search_rows
from multitask.recommendations.services import search_index
from multitask.recommendations.services.search import query_read
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Task
from multitask.tasks.services.tasks import task_update
from multitask.testing.encoder import HashedEncoder
from multitask.testing.market import post
from multitask.testing.pipeline import Pipeline
from multitask.testing.search import TASKS_PATH, found, ids, index_everything

pytestmark = pytest.mark.django_db


def test_a_posted_task_is_found_by_its_words_and_by_its_vector(
    api: APIClient, client_user: User, pipeline: Pipeline
) -> None:
    logo = post(client_user, title="Logo for a café", description="Simple and modern.")
    post(client_user, title="A shop for the web", description="Basket and payment.")
    pipeline.drain()
    assert pipeline.dead() == []
    answer = api.get(TASKS_PATH, {"search": "logos for cafés"})
    assert (ids(answer)[0], answer.headers["X-Search-Mode"]) == (logo.pk, "hybrid")
    query = query_read("Logo for a café Simple and modern")
    (row, *_) = search_rows(TASKS, asked=query.asked, within=None)
    assert row.id == logo.pk
    assert row.lexical > 0.5
    assert row.cosine is not None
    assert row.cosine > 0.5


def test_a_changed_task_is_found_by_its_new_words_alone(
    api: APIClient, client_user: User, pipeline: Pipeline
) -> None:
    task = post(client_user, title="Logo for a café", description="Simple.")
    pipeline.drain()
    task_update(actor=client_user, task_id=task.pk, title="Plumbing in a kitchen", description="Pipes.")
    pipeline.drain()
    assert found(api, "plumbing") == [task.pk]
    assert found(api, "café") == []


def test_a_task_is_found_by_words_before_it_has_a_vector(
    api: APIClient, client_user: User, pipeline: Pipeline, encoder: HashedEncoder
) -> None:
    task = post(client_user, title="Logo for a café", description="Simple.")
    pipeline.drain()
    TaskVector.objects.update(vector=None, readable=False, error="NaN")
    assert found(api, "logo café") == [task.pk]
    TaskVector.objects.all().delete()
    assert found(api, "logo café") == [task.pk]


def test_an_older_run_does_not_overwrite_newer_words(client_user: User, pipeline: Pipeline) -> None:
    from ml.text import Mentions
    from multitask.recommendations.selectors import search_texts
    from multitask.recommendations.selectors.skill_names import vocabulary

    task = post(client_user, title="Logo", description="Simple.")
    old = search_texts.task_documents([task.pk], names=vocabulary().skills, mentions=Mentions({}))
    task_update(actor=client_user, task_id=task.pk, title="Plumbing")
    pipeline.drain()
    search_index.task_documents_store(made=old)
    assert "plumb" in SearchDocument.objects.get(task=task).words


def test_rows_of_an_old_database_are_indexed_by_the_clock(api: APIClient, pipeline: Pipeline) -> None:
    from django.db import transaction

    from multitask.outbox.emit import emit

    tasks = [TaskFactory(title="Logo", description="Simple") for _ in range(3)]
    person = FreelancerFactory(first_name="Nadia")
    assert found(api, "logo") == []
    with transaction.atomic():
        emit("schedule.search_count", key="schedule:search_count")
    pipeline.drain()
    assert pipeline.dead() == []
    assert sorted(found(api, "logo")) == [task.pk for task in tasks]
    assert ids(api.get("/api/users/", {"search": "nadia"})) == [person.pk]
    SearchDocument.objects.update(text_version="older")
    with transaction.atomic():
        assert search_index.search_fill_ask()
    pipeline.drain()
    with transaction.atomic():
        assert not search_index.search_fill_ask()
    assert not SearchDocument.objects.filter(text_version="older").exists()


def test_words_are_counted_anew_and_what_nobody_says_is_forgotten() -> None:
    tasks = [TaskFactory(title=f"Logo {name}", description="Simple") for name in ("café", "bakery", "garage")]
    index_everything()
    counts = dict(SearchTerm.objects.values_list("term", "documents"))
    assert (counts["logo"], counts["cafe"]) == (3, 1)
    assert (
        counts[""]
        == SearchDocument.objects.count() + User.objects.filter(search_document__isnull=False).count()
    )
    Task.objects.filter(pk=tasks[0].pk).delete()
    SearchTerm.objects.update(counted_at=timezone.now() - timedelta(hours=1))
    assert search_index.counts_are_old()
    search_index.terms_count()
    assert dict(SearchTerm.objects.values_list("term", "documents"))["logo"] == 2
    assert not SearchTerm.objects.filter(term="cafe").exists()
