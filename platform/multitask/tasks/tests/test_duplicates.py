"""The same task twice: told of, refused where that is asked for, and never in the way of anybody else."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import BothFactory, ClientFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.tasks.models import Task
from multitask.testing.concurrency import at_once
from multitask.testing.market import post

pytestmark = pytest.mark.django_db
ARABIC = re.compile("[\u0621-\u064a]")
NEW: dict[str, Any] = {
    "category": "cleaning",
    "title": "Paint two rooms",
    "description": "Walls and ceilings, white, next week.",
    "budget": "3000.00",
    "city": "Giza",
}


def _post(client: APIClient, **changes: Any) -> Any:
    return client.post("/api/tasks/", NEW | changes, format="json")


def test_the_same_again_is_posted_and_said_to_be_there_already(as_user: AsUser, client_user: User) -> None:
    client = as_user(client_user)
    first = _post(client).json()
    assert "duplicate_of" not in first
    second = _post(client, title="  PAINT two rooms!", city="الجيزة", budget="3500.00")
    assert (second.status_code, second.json()["duplicate_of"]) == (201, [first["id"]])
    third = _post(client, allow_duplicate=True).json()
    assert third["duplicate_of"] == [second.json()["id"], first["id"]]


def test_who_asks_to_be_stopped_is_stopped_and_told_by_what(as_user: AsUser, client_user: User) -> None:
    client = as_user(client_user)
    assert _post(client, allow_duplicate=False).status_code == 201
    first = Task.objects.get()
    for language in ("ar", "en"):
        answer = client.post(
            "/api/tasks/", NEW | {"allow_duplicate": False}, headers={"Accept-Language": language}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_task")
        assert answer.json()["errors"] == {"duplicate_of": [str(first.pk)]}
        assert bool(ARABIC.search(answer.json()["detail"])) == (language == "ar")
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Paint three rooms"},
        {"description": "Walls and ceilings, blue, next week."},
        {"city": "Alexandria"},
        {"listing_type": "service_offer"},
    ],
)
def test_another_title_text_city_or_kind_is_another_task(
    as_user: AsUser, both_user: User, change: dict[str, Any]
) -> None:
    client = as_user(both_user)
    assert _post(client).status_code == 201
    answer = _post(client, allow_duplicate=False, **change)
    assert answer.status_code == 201, answer.content
    assert "duplicate_of" not in answer.json()


def test_what_is_closed_old_or_somebody_elses_is_no_duplicate(as_user: AsUser) -> None:
    owner, other = ClientFactory(), BothFactory()
    client = as_user(owner)
    closed = Task.objects.get(pk=_post(client).json()["id"])
    Task.objects.filter(pk=closed.pk).update(status="CANCELLED")
    assert _post(as_user(other)).status_code == 201
    fresh = _post(client, allow_duplicate=False)
    assert fresh.status_code == 201
    # A day later it is only told of, a week later no more.
    mine = Task.objects.filter(pk=fresh.json()["id"])
    mine.update(created_at=timezone.now() - timedelta(hours=25))
    assert _post(client, allow_duplicate=False).json()["duplicate_of"] == [fresh.json()["id"]]
    Task.objects.filter(client=owner).update(created_at=timezone.now() - timedelta(days=8))
    assert "duplicate_of" not in _post(client).json()


def test_a_form_that_says_nothing_is_not_stopped(as_user: AsUser, client_user: User) -> None:
    client = as_user(client_user)
    answers = [client.post("/api/tasks/", NEW, format="multipart") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    refused = client.post("/api/tasks/", NEW | {"allow_duplicate": "false"}, format="multipart")
    assert refused.status_code == 409


def test_a_key_answers_a_repeat_before_anything_is_called_a_duplicate(
    as_user: AsUser, client_user: User
) -> None:
    client = as_user(client_user)
    body = NEW | {"allow_duplicate": False}

    def send(key: str, **more: Any) -> Any:
        return client.post("/api/tasks/", body | more, format="json", headers={"Idempotency-Key": key})

    first, again = send("one"), send("one")
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert send("two").status_code == 409
    # The refusal is not remembered: the same key may be used once it is confirmed.
    assert send("two", allow_duplicate=True).status_code == 201
    assert Task.objects.count() == 2


def test_services_that_bring_tasks_in_are_not_hindered(client_user: User) -> None:
    assert post(client_user).pk != post(client_user).pk


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_stopped() -> None:
    client = ClientFactory()
    answers = at_once([lambda: post(client, allow_duplicate=False) for _ in range(2)])
    assert sorted(type(answer).__name__ for answer in answers) == ["DomainError", "Task"], answers
    assert Task.objects.count() == 1
