"""Repeated failures lock a name and an address for a while, exactly at the limit, known or not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from multitask.accounts.factories import PASSWORD, AdminFactory, ClientFactory
from multitask.accounts.models import AttemptLog
from multitask.accounts.services.attempts import Full, Place, attempt_take, hashed
from multitask.accounts.services.login import network_of
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db


def login(username: str, password: str = "wrong", **extra: Any) -> Any:
    return APIClient(headers={"Accept-Language": "en"}).post(
        "/api/auth/login/", {"username": username, "password": password}, **extra
    )


def age(minutes: int) -> None:
    """Let every attempt be so much older."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_attemptlog SET times = ARRAY(SELECT t - %s * interval '1 minute' FROM unnest(times) t)",
            [minutes],
        )


@pytest.mark.parametrize("name", ["person_x", "nobody_x", "nobody@example.com"])
def test_five_failures_lock_a_name_whether_it_exists_or_not(name: str) -> None:
    ClientFactory(username="person_x")
    answers = [login(name) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert answers[-1].json()["code"] == "login_locked"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 900


def test_the_answers_of_a_known_and_an_unknown_name_are_the_same_all_the_way() -> None:
    ClientFactory(username="person_x")
    said = [[login(name) for _ in range(6)] for name in ("person_x", "nobody_x")]
    for known, unknown in zip(*said, strict=True):
        assert known.status_code == unknown.status_code
        assert known.json()["code"] == unknown.json()["code"]


def test_the_right_password_is_refused_too_while_the_name_is_locked() -> None:
    ClientFactory(username="person_x")
    for _ in range(5):
        login("person_x")
    assert login("person_x", PASSWORD).status_code == 429
    age(16)
    assert login("person_x", PASSWORD).status_code == 200


def test_no_spelling_of_a_name_gives_further_tries() -> None:
    ClientFactory(username="person_x")
    for name in ("person_x", "PERSON_X", "Person_X", "perſon_x", " person_x "):
        assert login(name).status_code == 401
    assert login("person_x", PASSWORD).status_code == 429


def test_a_refused_attempt_prolongs_nothing() -> None:
    ClientFactory(username="person_x")
    for _ in range(5):
        login("person_x")
    age(14)
    assert login("person_x", PASSWORD).status_code == 429
    age(2)
    assert login("person_x", PASSWORD).status_code == 200


def test_a_success_forgets_the_failures_of_its_name() -> None:
    ClientFactory(username="person_x")
    for _ in range(3):
        for _ in range(4):
            assert login("person_x").status_code == 401
        assert login("person_x", PASSWORD).status_code == 200


def test_twenty_failures_lock_an_address_and_its_owners_successes_do_not_open_it() -> None:
    ClientFactory(username="person_x")
    for number in range(20):
        assert login(f"nobody{number}").status_code == 401
        if number < 19:
            assert login("person_x", PASSWORD).status_code == 200
    assert login("nobody_else").status_code == 429
    assert login("person_x", PASSWORD).status_code == 429
    assert login("person_x", PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_a_forged_header_gives_no_further_tries(settings: Any) -> None:
    settings.LOGIN_ADDRESS_FAILURES = 5
    codes = [login(f"nobody{n}", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}").status_code for n in range(50)]
    assert Counter(codes) == {401: 5, 429: 45}


def test_one_network_of_ipv6_is_one_address() -> None:
    assert (
        network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") != network_of("2001:db8:1:3::1")
    )
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_fifty_logins_at_once_are_exactly_the_limit(known: bool) -> None:
    if known:
        ClientFactory(username="person_x")
    answers = at_once([lambda: login("person_x", "wrong")] * 50)
    assert Counter(answer.status_code for answer in answers) == {401: 5, 429: 45}


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_under_as_many_names_are_exactly_the_addresss_limit() -> None:
    answers = at_once([lambda n=n: login(f"nobody{n}") for n in range(50)])
    assert Counter(answer.status_code for answer in answers) == {401: 20, 429: 30}


@pytest.mark.django_db(transaction=True)
def test_places_are_taken_one_by_one_however_many_ask() -> None:
    key = hashed("test", "x")
    found = at_once([lambda: attempt_take(key=key, limit=7, seconds=60)] * 30)
    assert sum(isinstance(one, Place) for one in found) == 7
    assert sum(isinstance(one, Full) for one in found) == 23
    assert len(AttemptLog.objects.get(key=key).times) == 7


def test_the_admins_login_form_is_counted_too() -> None:
    AdminFactory(username="boss")
    client = Client(headers={"Accept-Language": "en"})

    def attempt(password: str) -> int:
        return client.post("/admin/login/", {"username": "boss", "password": password}).status_code

    assert [attempt("wrong") for _ in range(5)] == [200] * 5
    assert attempt(PASSWORD) == 200
    age(16)
    assert attempt(PASSWORD) == 302


def test_no_name_and_no_address_is_kept_in_the_clear() -> None:
    login("person_x")
    for key in AttemptLog.objects.values_list("key", flat=True):
        assert len(key) == 64
