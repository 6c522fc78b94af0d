from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.common.idempotency import _fingerprint, idempotency_purge
from multitask.common.models import IdempotencyRecord
from multitask.conftest import AsUser
from multitask.outbox.models import OutboxEvent
from multitask.tasks.models import Task
from multitask.testing.concurrency import at_once

TASK: dict[str, Any] = {
    "category": "programming",
    "title": "A shop for the web",
    "description": "Products, a basket, payment on delivery.",
    "budget": "1500.00",
}


def _post(client: APIClient, key: str, **changes: Any) -> Any:
    return client.post("/api/tasks/", TASK | changes, format="json", headers={"Idempotency-Key": key})


def _key() -> str:
    return str(uuid.uuid4())


@pytest.mark.django_db
def test_a_repeat_returns_the_first_answer_and_creates_nothing(as_user: AsUser, client_user: User) -> None:
    client, key = as_user(client_user), _key()
    first, second = _post(client, key), _post(client, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Task.objects.count() == 1
    assert OutboxEvent.objects.filter(topic="task.created").count() == 1


@pytest.mark.django_db
def test_the_first_answer_stands_even_where_the_object_has_changed_since(
    as_user: AsUser, client_user: User
) -> None:
    client, key = as_user(client_user), _key()
    first = _post(client, key)
    Task.objects.update(title="Another title")
    assert _post(client, key).json() == first.json()


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_422_and_changes_nothing(
    as_user: AsUser, client_user: User
) -> None:
    client, key = as_user(client_user), _key()
    first = _post(client, key)
    answer = _post(client, key, budget="1600.00")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert Task.objects.count() == 1
    assert _post(client, key).json() == first.json()


@pytest.mark.django_db
def test_the_same_key_at_another_address_is_422(as_user: AsUser, both_user: User) -> None:
    client, key = as_user(both_user), _key()
    assert _post(client, key).status_code == 201
    answer = client.post("/api/skills/user-skills/", TASK, format="json", headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")


@pytest.mark.django_db
def test_the_order_of_fields_and_spaces_make_no_other_body(as_user: AsUser, client_user: User) -> None:
    client, key = as_user(client_user), _key()
    assert _post(client, key).status_code == 201
    text = "{\n" + ",\n".join(f'  "{name}":   "{TASK[name]}"' for name in reversed(TASK)) + "}"
    answer = client.post(
        "/api/tasks/", text, content_type="application/json", headers={"Idempotency-Key": key}
    )
    assert (answer.status_code, answer["Idempotency-Replayed"]) == (201, "true")


@pytest.mark.django_db
def test_a_key_belongs_to_its_user(as_user: AsUser, client_user: User) -> None:
    key = _key()
    first, second = _post(as_user(client_user), key), _post(as_user(ClientFactory()), key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.django_db
def test_a_request_without_a_key_is_done_every_time(as_user: AsUser, client_user: User) -> None:
    client = as_user(client_user)
    assert [client.post("/api/tasks/", TASK, format="json").status_code for _ in range(2)] == [201, 201]
    assert Task.objects.count() == 2
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db
def test_after_an_error_the_corrected_request_may_use_the_same_key(
    as_user: AsUser, client_user: User
) -> None:
    client, key = as_user(client_user), _key()
    assert _post(client, key, budget="1").status_code == 400
    assert not IdempotencyRecord.objects.exists()
    answer = _post(client, key)
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer


@pytest.mark.django_db
def test_a_defect_is_not_remembered_and_leaves_no_half_of_the_work(
    as_user: AsUser, client_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, key = as_user(client_user), _key()

    def broken(**values: Any) -> None:
        Task.objects.all().update(title="changed on the way")
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("multitask.tasks.api.views.task_create", broken)
        assert _post(client, key).status_code == 500
    assert not IdempotencyRecord.objects.exists()
    assert _post(client, key).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "مفتاح", "a\x7fb", "a\tb"])
def test_a_key_that_is_none_is_named_as_such(as_user: AsUser, client_user: User, key: str) -> None:
    answer = _post(as_user(client_user), key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_after_a_day_a_key_is_new_and_its_record_is_purged(client_user: User, as_user: AsUser) -> None:
    key = _key()
    with time_machine.travel(timezone.now() - timedelta(hours=25)):
        assert _post(as_user(client_user), key).status_code == 201
    IdempotencyRecord.objects.create(user=client_user, key="old", place="POST /", fingerprint="")
    IdempotencyRecord.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
    second = _post(as_user(client_user), key, budget="2000.00")
    assert second.status_code == 201
    assert "Idempotency-Replayed" not in second
    assert idempotency_purge() == 1
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == [key]


@pytest.mark.django_db
def test_nobody_is_remembered_without_a_login(api: APIClient) -> None:
    assert _post(api, _key()).status_code == 401
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_repeats_at_once_one_is_done_and_the_others_get_its_answer(as_user: AsUser) -> None:
    user, key = ClientFactory(), _key()
    calls: list[Callable[[], Any]] = [lambda: _post(as_user(user), key)] * 8
    answers = at_once(calls)
    assert [answer.status_code for answer in answers] == [201] * 8, answers
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 7
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_repeat_does_not_wait_for_ever(as_user: AsUser, monkeypatch: pytest.MonkeyPatch) -> None:
    user, key = ClientFactory(), _key()
    from multitask.tasks.api import views

    real = views.task_create

    def slow(**values: Any) -> Task:
        time.sleep(1.5)
        return real(**values)

    def impatient() -> Any:
        time.sleep(0.3)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
            return _post(as_user(user), key)

    monkeypatch.setattr(views, "task_create", slow)
    first, second = at_once([lambda: _post(as_user(user), key), impatient])
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
    assert Task.objects.count() == 1


def _form(content: bytes, **fields: str) -> MultiValueDict[str, Any]:
    file = SimpleUploadedFile("a.png", content)
    return MultiValueDict({name: [value] for name, value in fields.items()} | {"image": [file]})


def test_of_a_form_the_fields_and_the_bytes_of_its_files_count() -> None:
    first = _fingerprint(_form(b"one", title="a"))
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert first == _fingerprint(_form(b"one", title="a"))
    assert first != _fingerprint(_form(b"two", title="a"))
    assert first != _fingerprint(_form(b"one", title="b"))


def test_a_form_is_read_from_its_beginning_afterwards() -> None:
    form = _form(b"one")
    _fingerprint(form)
    assert form["image"].read() == b"one"
