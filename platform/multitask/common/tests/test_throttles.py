from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory
from multitask.common import throttles
from multitask.conftest import AsUser
from multitask.testing.concurrency import at_once


@pytest.fixture(autouse=True)
def _no_pause() -> Iterator[None]:
    throttles._paused_until[0] = 0.0
    yield
    throttles._paused_until[0] = 0.0


@pytest.fixture
def address() -> str:
    """A caller's address that no other test has used up."""
    return f"fd00::{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}"


@pytest.fixture
def limit(settings: Any) -> Any:
    def set_rates(**rates: str) -> None:
        rest: dict[str, Any] = dict(settings.REST_FRAMEWORK)
        rest["DEFAULT_THROTTLE_RATES"] = rest["DEFAULT_THROTTLE_RATES"] | rates
        settings.REST_FRAMEWORK = rest

    return set_rates


def _get(address: str, **headers: str) -> Any:
    return APIClient().get("/api/", REMOTE_ADDR=address, headers=headers)


def test_the_limit_of_an_address_holds_exactly_under_fifty_requests_at_once(limit: Any, address: str) -> None:
    limit(anon="20/day")
    answers = at_once([lambda: _get(address)] * 50)
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200] * 20 + [429] * 30


def test_a_throttled_caller_learns_when_to_come_back(limit: Any, address: str) -> None:
    limit(anon="1/day")
    _get(address)
    answer = _get(address, **{"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 86_400
    assert str(int(answer["Retry-After"])) in answer.json()["detail"]


def test_another_address_has_a_limit_of_its_own(limit: Any, address: str) -> None:
    limit(anon="1/day")
    assert [_get(address).status_code, _get(address).status_code] == [200, 429]
    assert _get(address + "1").status_code == 200


def test_a_forged_forwarded_address_does_not_help(limit: Any, address: str) -> None:
    limit(anon="3/day")
    statuses = [_get(address, **{"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(6)]
    assert statuses == [200] * 3 + [429] * 3


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_fifty_forged_forwarded_addresses_do_not_multiply_the_limit(
    limit: Any, settings: Any, address: str, proxies: int
) -> None:
    limit(anon="10/day")
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": proxies}
    # What the caller makes up stands left of what our own proxies append: the caller's address, then theirs.
    own = [] if proxies == 0 else [address, "10.0.0.2"][:proxies]
    peer = address if proxies == 0 else "10.0.0.1"

    def call(number: int) -> Any:
        forged = [f"203.0.113.{number}", f"fd00::{number:x}"][: 1 + number % 2]
        return _get(peer, **{"X-Forwarded-For": ", ".join([*forged, *own])})

    answers = at_once([lambda number=number: call(number) for number in range(50)])
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 40
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 0 < int(refused["Retry-After"]) <= 86_400


@pytest.mark.parametrize(
    "value", ["", ",", " , ", "x" * 5_000, "unknown", "203.0.113.1:80", "'; --", "\u00ff"]
)
def test_an_odd_forwarded_address_is_an_address_like_any_other(
    limit: Any, settings: Any, address: str, value: str
) -> None:
    limit(anon="2/day")
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    forwarded = f"{value}, {address}"
    statuses = [_get("10.0.0.1", **{"X-Forwarded-For": forwarded}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_behind_one_proxy_the_address_it_wrote_counts(limit: Any, settings: Any, address: str) -> None:
    limit(anon="1/day")
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    forwarded = [f"203.0.113.1, {address}", f"203.0.113.2, {address}", f"{address}, {address}9"]
    statuses = [_get("10.0.0.1", **{"X-Forwarded-For": value}).status_code for value in forwarded]
    assert statuses == [200, 429, 200]


@pytest.mark.django_db
def test_login_has_a_tighter_limit_than_the_rest(limit: Any, address: str) -> None:
    limit(anon="100/day", login="2/day")
    body = {"username": "nobody", "password": "nothing"}
    statuses = [
        APIClient().post("/api/auth/login/", body, format="json", REMOTE_ADDR=address).status_code
        for _ in range(4)
    ]
    assert statuses == [401, 401, 429, 429]
    assert _get(address).status_code == 200


@pytest.mark.django_db
def test_a_user_is_counted_by_account_and_not_by_address(limit: Any, as_user: AsUser) -> None:
    limit(user="2/day", anon="1/day")
    # Ids come back after a rollback, and the counters do not know: start far from any other test.
    user = ClientFactory(id=uuid.uuid4().int % 10**12)
    client = as_user(user)
    statuses = [client.get("/api/auth/user/", REMOTE_ADDR=f"10.9.0.{n}").status_code for n in range(4)]
    assert statuses == [200, 200, 429, 429]


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cache_at(settings: Any, port: int) -> None:
    default = settings.CACHES["default"] | {"LOCATION": f"redis://127.0.0.1:{port}/0"}
    settings.CACHES = {"default": default}


def test_a_dead_cache_lets_requests_pass_and_quickly(limit: Any, settings: Any, address: str) -> None:
    limit(anon="1/day")
    _cache_at(settings, _closed_port())
    begun = time.monotonic()
    assert [_get(address).status_code for _ in range(5)] == [200] * 5
    assert time.monotonic() - begun < 2.0


def test_a_hung_cache_is_waited_for_once_and_then_left_alone(limit: Any, settings: Any, address: str) -> None:
    limit(anon="1/day")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        _cache_at(settings, silent.getsockname()[1])
        begun = time.monotonic()
        assert _get(address).status_code == 200
        first = time.monotonic() - begun
        begun = time.monotonic()
        assert [_get(address).status_code for _ in range(5)] == [200] * 5
        assert first < 5.0
        assert time.monotonic() - begun < 1.0


def test_the_limit_holds_again_when_the_cache_is_back(limit: Any, settings: Any, address: str) -> None:
    limit(anon="1/day")
    alive = settings.CACHES
    _cache_at(settings, _closed_port())
    assert _get(address).status_code == 200
    settings.CACHES = alive
    throttles._paused_until[0] = 0.0
    assert [_get(address).status_code for _ in range(2)] == [200, 429]
