"""Candidates from the HNSW index are those of the exact scan, as far as the index holds them."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from ml.batch import TaskTable
from ml.ranking import Signals
from multitask.recommendations.models import RecommendationList
from multitask.recommendations.selectors import candidates, features, indexes
from multitask.recommendations.selectors.tables import tasks_for_profiles
from multitask.tasks.models import Task
from multitask.testing.market import join, post, skill_ids
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(pipeline: Pipeline) -> None:
    """Forty freelancers and sixty tasks over a few skills, everything indexed."""
    dice = random.Random(7)
    slugs = ["python", "django", "react", "logo-design", "plumbing", "seo", "video-editing"]
    for _ in range(40):
        join("freelancer", skills=skill_ids(*dice.sample(slugs, 2)))
    client = join("client")
    for _ in range(60):
        post(client, skills=skill_ids(*dice.sample(slugs, 2)))
    pipeline.drain()


def test_the_index_finds_whom_the_exact_scan_finds(market: None, monkeypatch: pytest.MonkeyPatch) -> None:
    index = indexes.active_index()
    assert index is not None
    tasks = list(Task.objects.order_by("pk").values_list("pk", flat=True))[:10]
    exact_users = {task: candidates.profiles_for_task(task, index=index) for task in tasks}
    assert any(exact_users.values())
    monkeypatch.setattr(candidates, "uses_ann", lambda table, index: True)
    with transaction.atomic():
        for task in tasks:
            assert candidates.profiles_for_task(task, index=index) == exact_users[task]


def test_both_directions_find_the_same_pairs_with_the_same_similarities(market: None) -> None:
    index = indexes.active_index()
    assert index is not None
    users = list(RecommendationList.objects.order_by("pk").values_list("user_id", flat=True))
    found = {
        (task, user): signals
        for task in Task.objects.values_list("pk", flat=True)
        for user, signals in candidates.profiles_for_task(task, index=index).items()
    }
    profiles = features.profile_facts(users)
    tables = tasks_for_profiles(profiles, index=index)
    assert found == {
        (int(task), user): Signals(float(cosine), float(tfidf))
        for user, table in tables.items()
        for task, cosine, tfidf in zip(table.ids, table.cosine, table.tfidf, strict=True)
    }


def test_freelancers_asked_about_together_get_what_each_gets_alone(market: None) -> None:
    index = indexes.active_index()
    assert index is not None
    users = list(RecommendationList.objects.order_by("pk").values_list("user_id", flat=True))[:8]
    profiles = features.profile_facts(users)
    together = tasks_for_profiles(profiles, index=index)
    assert set(together) == set(users)
    for user in users:
        (alone,) = tasks_for_profiles({user: profiles[user]}, index=index).values()
        for one, other in zip(_arrays(together[user]), _arrays(alone), strict=True):
            assert np.array_equal(one, other)


def _arrays(table: TaskTable) -> list[Any]:
    whole = [table.ids, table.cosine, table.tfidf, table.budget, table.place, table.task_type, table.category]
    return [
        *whole,
        *(np.array(sorted(zip(*pairs, strict=True))) for pairs in (table.required, table.mentioned)),
    ]
