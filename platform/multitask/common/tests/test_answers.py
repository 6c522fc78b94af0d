from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from multitask.accounts.api.serializers import UserCardSerializer
from multitask.common.answers import AnswerMixin
from multitask.recommendations.factories import SkillFactory
from multitask.tasks.api.serializers import (
    CategorySerializer,
    SkillOfTaskSerializer,
    TaskImageSerializer,
    TaskSerializer,
)
from multitask.tasks.factories import CompletedTaskFactory, TaskFactory
from multitask.tasks.models import Task, TaskImage
from multitask.tasks.selectors.tasks import tasks_furnish, tasks_visible
from multitask.tests.world import PICTURE

pytestmark = pytest.mark.django_db


def _context(host: str = "a.example", query: str = "") -> dict[str, Any]:
    return {"request": Request(APIRequestFactory().get(f"/api/tasks/{query}", SERVER_NAME=host))}


@pytest.fixture
def task() -> Task:
    made = CompletedTaskFactory(image=ContentFile(PICTURE, name="a.png"))
    made.required_skills.set([SkillFactory(), SkillFactory()])
    TaskImage.objects.create(task=made, image=ContentFile(PICTURE, name="b.png"))
    return made


def test_an_answer_is_what_the_framework_itself_would_give(task: Task) -> None:
    skill, image = task.required_skills.first(), task.images.first()
    for kind, row in (
        (TaskSerializer, task),
        (TaskSerializer, TaskFactory()),
        (UserCardSerializer, task.client),
        (CategorySerializer, task.category),
        (SkillOfTaskSerializer, skill),
        (TaskImageSerializer, image),
    ):
        own = kind(context=_context()).to_representation(row)
        plain = serializers.Serializer.to_representation(kind(context=_context()), row)
        assert own == plain
        assert list(own) == list(plain)


def test_a_request_leaves_nothing_behind_for_the_next(task: Task) -> None:
    first = TaskSerializer([task], many=True, context=_context("a.example", "?fields=id,images")).data
    second = TaskSerializer([task], many=True, context=_context("b.example")).data
    assert set(first[0]) == {"id", "images"}
    assert first[0]["images"][0]["image"].startswith("http://a.example/")
    assert second[0]["images"][0]["image"].startswith("http://b.example/")
    assert second[0]["image"].startswith("http://b.example/")
    assert set(second[0]) == set(TaskSerializer.Meta.fields)


def test_a_method_and_an_absent_value_are_read_as_before() -> None:
    class Shown(AnswerMixin, serializers.Serializer[Any]):
        title = serializers.CharField(read_only=True)
        deadline = serializers.DateTimeField(read_only=True)
        loud = serializers.SerializerMethodField()
        owner = serializers.CharField(source="client.username", read_only=True)
        hidden = serializers.CharField(write_only=True)

        def get_loud(self, task: Task) -> str:
            return task.title.upper()

    row = TaskFactory(title="shop")
    assert Shown(row).data == {
        "title": "shop",
        "deadline": None,
        "loud": "SHOP",
        "owner": row.client.username,
    }


def test_a_page_furnished_by_hand_is_the_page_that_is_prefetched(task: Task) -> None:
    TaskFactory()
    prefetched = list(tasks_visible())
    furnished = list(tasks_visible().prefetch_related(None))
    tasks_furnish(furnished)
    shown = [TaskSerializer(rows, many=True, context=_context()).data for rows in (prefetched, furnished)]
    assert shown[0] == shown[1]
    assert shown[0][1]["images"]
    assert len(shown[0][1]["required_skills"]) == 2
