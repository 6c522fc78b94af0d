"""Candidates from the HNSW index are those of the exact scan, as far as the index holds them."""

from __future__ import annotations

import random

import pytest
from django.db import transaction

from multitask.recommendations.models import RecommendationList
from multitask.recommendations.selectors import candidates, indexes
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
    users = list(RecommendationList.objects.order_by("pk").values_list("user_id", flat=True))[:10]
    exact_users = {task: candidates.profiles_for_task(task, index=index) for task in tasks}
    exact_tasks = {user: candidates.tasks_for_profile(user, index=index) for user in users}
    assert any(exact_users.values())
    assert any(exact_tasks.values())
    monkeypatch.setattr(candidates, "uses_ann", lambda table, index: True)
    with transaction.atomic():
        for task in tasks:
            assert candidates.profiles_for_task(task, index=index) == exact_users[task]
        for user in users:
            assert candidates.tasks_for_profile(user, index=index) == exact_tasks[user]
