"""A task's pictures are its owner's to add and to take away, at most eight beside the main one."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from multitask.accounts.factories import AdminFactory, BothFactory, ClientFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.files.factories import picture_upload, upload
from multitask.tasks.factories import StartedTaskFactory, TaskFactory
from multitask.tasks.models import Task, TaskImage
from multitask.tasks.services.images import MAX_IMAGES, task_image_add
from multitask.testing.concurrency import at_once
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


def add(client: APIClient, task: Task, sent: Any = None) -> Any:
    return client.post(
        f"/api/tasks/{task.pk}/images/", {"image": sent or picture_upload()}, format="multipart"
    )


def put(client: APIClient, task: Task, sent: Any = None) -> Any:
    return client.put(f"/api/tasks/{task.pk}/image/", {"image": sent or picture_upload()}, format="multipart")


@pytest.fixture
def task(client_user: User) -> Task:
    return TaskFactory(client=client_user)


def test_the_owner_adds_pictures_which_anyone_sees_in_their_order(
    api: APIClient, as_user: AsUser, task: Task
) -> None:
    owner = as_user(task.client)
    assert put(owner, task).status_code == 200
    answers = [add(owner, task) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    seen = api.get(f"/api/tasks/{task.pk}/").json()
    assert [image["order"] for image in seen["images"]] == [0, 1, 2]
    assert seen["image"].startswith("http://testserver/media/tasks/2")
    assert api.get(seen["images"][2]["image"]).status_code == 200


@pytest.mark.parametrize("call", [add, put])
def test_only_the_owner_and_an_admin_change_the_pictures_of_a_task(
    api: APIClient, as_user: AsUser, task: Task, call: Any
) -> None:
    assert call(api, task).status_code == 401
    for stranger in (ClientFactory(), BothFactory()):
        assert call(as_user(stranger), task).status_code == 403
    assert call(as_user(AdminFactory()), task).status_code in {200, 201}
    assert call(as_user(task.client), Task(pk=task.pk + 1)).status_code == 404


def test_only_the_owner_takes_pictures_away_and_the_files_go(
    api: APIClient, as_user: AsUser, task: Task, pipeline: Pipeline
) -> None:
    owner = as_user(task.client)
    put(owner, task)
    image = TaskImage.objects.get(pk=add(owner, task).json()["id"])
    task.refresh_from_db()
    names = [str(task.image.name), str(image.image.name)]
    addresses = [f"/api/tasks/{task.pk}/image/", f"/api/tasks/{task.pk}/images/{image.pk}/"]
    other = TaskFactory(client=task.client)
    for address in addresses:
        assert api.delete(address).status_code == 401
        assert as_user(ClientFactory()).delete(address).status_code == 403
    assert owner.delete(f"/api/tasks/{other.pk}/images/{image.pk}/").status_code == 404
    pipeline.drain()
    assert all(default_storage.exists(name) for name in names)
    assert [owner.delete(address).status_code for address in addresses] == [204, 204]
    pipeline.drain()
    assert not any(default_storage.exists(name) for name in names)
    assert owner.delete(addresses[1]).status_code == 404


def test_a_task_has_at_most_eight_further_pictures(as_user: AsUser, task: Task) -> None:
    TaskImage.objects.bulk_create(TaskImage(task=task, image="x.png", order=n) for n in range(MAX_IMAGES))
    answer = add(as_user(task.client), task)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_images")
    assert "8" in answer.json()["detail"]


@pytest.mark.django_db(transaction=True)
def test_pictures_added_at_once_stay_within_eight_and_have_orders_of_their_own(client_user: User) -> None:
    task = TaskFactory(client=client_user)
    TaskImage.objects.bulk_create(TaskImage(task=task, image="x.png", order=n) for n in range(MAX_IMAGES - 2))
    results = at_once(
        [
            lambda: task_image_add(actor=client_user, task_id=task.pk, upload=picture_upload())
            for _ in range(5)
        ]
    )
    assert sum(isinstance(result, TaskImage) for result in results) == 2
    orders = list(TaskImage.objects.filter(task=task).values_list("order", flat=True))
    assert sorted(orders) == list(range(MAX_IMAGES))


def test_the_pictures_of_a_task_that_has_begun_stay_as_they_are(as_user: AsUser) -> None:
    task = StartedTaskFactory()
    for call in (add, put):
        answer = call(as_user(task.client), task)
        assert (answer.status_code, answer.json()["code"]) == (409, "task_not_open")


def test_what_is_no_picture_is_refused(as_user: AsUser, task: Task) -> None:
    for sent in (upload(b"<svg/>", "a.png"), upload(b"", "a.png"), "text"):
        answer = add(as_user(task.client), task, sent)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["image"])
    assert not TaskImage.objects.exists()


def test_a_task_is_posted_with_its_picture_in_one_form(as_user: AsUser, client_user: User) -> None:
    form = {
        "category": "programming",
        "title": "متجر إلكتروني",
        "description": "متجر بالعربية والإنجليزية.",
        "budget": "1500.00",
        "image": picture_upload("JPEG"),
    }
    answer = as_user(client_user).post("/api/tasks/", form, format="multipart")
    assert answer.status_code == 201, answer.content
    assert default_storage.exists(str(Task.objects.get().image.name))
    assert answer.json()["image"].endswith(".jpg")


def test_a_task_with_a_bad_picture_is_not_posted(as_user: AsUser, client_user: User) -> None:
    form = {
        "category": "programming",
        "title": "A shop",
        "description": "In Arabic and English.",
        "budget": "1500.00",
        "image": upload(b"<script>", "shop.jpg"),
    }
    answer = as_user(client_user).post("/api/tasks/", form, format="multipart")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["image"])
    assert not Task.objects.exists()


def test_the_main_picture_is_changed_with_the_other_fields(
    as_user: AsUser, task: Task, pipeline: Pipeline
) -> None:
    owner = as_user(task.client)
    put(owner, task)
    task.refresh_from_db()
    before = str(task.image.name)
    form = {"title": "متجر آخر", "image": picture_upload("WEBP")}
    answer = owner.patch(f"/api/tasks/{task.pk}/", form, format="multipart")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["title"], answer.json()["image"][-5:]) == ("متجر آخر", ".webp")
    pipeline.drain()
    assert not default_storage.exists(before)
    answer = owner.patch(f"/api/tasks/{task.pk}/", {"image": None}, format="json")
    assert (answer.status_code, answer.json()["image"]) == (200, None)


def test_a_deleted_task_takes_its_files_along(as_user: AsUser, task: Task, pipeline: Pipeline) -> None:
    owner = as_user(task.client)
    put(owner, task)
    image = TaskImage.objects.get(pk=add(owner, task).json()["id"])
    task.refresh_from_db()
    names = [str(task.image.name), str(image.image.name)]
    assert owner.delete(f"/api/tasks/{task.pk}/").status_code in {200, 204}
    pipeline.drain()
    assert not any(default_storage.exists(name) for name in names)
