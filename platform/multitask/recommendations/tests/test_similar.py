"""Tasks like a task: by words and skills, by category without vectors, at a constant cost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import FreelancerFactory
from multitask.recommendations.models import Skill
from multitask.tasks.factories import StartedTaskFactory, TaskFactory
from multitask.tasks.models import Category, Task
from multitask.testing.market import join, post, skill_ids
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


def _similar(api: APIClient, task: Task, query: str = "") -> list[int]:
    answer = api.get(f"/api/tasks/{task.pk}/similar/{query}")
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_shared_skills_and_the_category_make_tasks_alike_without_any_vector(api: APIClient) -> None:
    design = Category.objects.get(slug="design")
    task = TaskFactory()
    two, one, same, elsewhere, far = (
        TaskFactory(),
        TaskFactory(),
        TaskFactory(),
        TaskFactory(category=design),
        TaskFactory(category=design),
    )
    skills = list(Skill.objects.filter(slug__in=["python", "django"]))
    for each, needed in ((task, skills), (two, skills), (one, skills[:1]), (elsewhere, skills[:1])):
        each.required_skills.set(needed)
    assert _similar(api, task) == [two.pk, one.pk, elsewhere.pk, same.pk]
    assert far.pk not in _similar(api, task)


def test_only_open_listings_of_the_same_kind_are_shown(api: APIClient) -> None:
    task = TaskFactory()
    StartedTaskFactory()
    TaskFactory(status="CANCELLED")
    TaskFactory(deadline=timezone.now() - timedelta(minutes=1))
    TaskFactory(listing_type="service_offer", client=FreelancerFactory())
    other = TaskFactory()
    assert _similar(api, task) == [other.pk]
    assert api.get("/api/tasks/1000000000/similar/").status_code == 404


def test_words_count_most(api: APIClient, pipeline: Pipeline) -> None:
    client = join("client")
    join("freelancer", skills=skill_ids("python"))
    shop = post(client, title="A shop for the web", description="Products, a basket, payment on delivery.")
    near = post(
        client,
        category="design",
        title="Another shop for the web",
        description="Basket, payment on delivery.",
    )
    far = post(client, title="Translate contracts", description="Sixty pages, from German.")
    pipeline.drain()
    assert pipeline.dead() == []
    assert _similar(api, shop) == [near.pk, far.pk]


def test_the_cost_does_not_grow_with_what_is_found(api: APIClient) -> None:
    task = TaskFactory()
    for one in TaskFactory.create_batch(2, client=task.client):
        one.required_skills.set(Skill.objects.all()[:3])
    for _ in range(2):
        with CaptureQueriesContext(connection) as few:
            assert len(_similar(api, task)) == 2
    for one in TaskFactory.create_batch(28, client=task.client):
        one.required_skills.set(Skill.objects.all()[:3])
    with CaptureQueriesContext(connection) as many:
        assert len(_similar(api, task)) == 12
    assert len(many) == len(few) <= 9
    assert len(_similar(api, task, "?page=2")) == 12
    assert set(api.get(f"/api/tasks/{task.pk}/similar/?fields=id").json()["results"][0]) == {"id"}
