"""As many sockets as one may have are so many over all web processes, and no place is lost with a process."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from websockets.exceptions import ConnectionClosed

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.realtime.models import Stream
from multitask.realtime.places import LEASE_SECONDS
from multitask.realtime.presence import RollCall
from multitask.testing.sockets import WebProcess, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

WEB = {"SOCKETS_PER_USER": "4"}


@pytest.fixture(autouse=True)
def _every_place_free() -> None:
    """Ids are given out anew in each test."""
    store = redis.Redis.from_url(settings.REDIS_URL)
    for key in store.keys(f"{settings.REDIS_PREFIX}sockets:*"):
        store.delete(key)


@pytest.fixture
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    """A further process of the same site."""
    with WebProcess(tmp_path_factory.mktemp("web") / "web.log", talk=True, **WEB) as running:
        yield running


def is_refused(web: WebProcess, user: User) -> bool:
    """Whether one more is closed with 4429; one that is let in is closed again."""
    with web.open("notifications", token=tokens_issue(user=user).access) as client:
        try:
            return client.receive()["type"] != "hello"
        except ConnectionClosed:
            return client.code() == 4429


def test_the_limit_of_sockets_holds_over_all_web_processes(web: WebProcess, second: WebProcess) -> None:
    user = ClientFactory()
    open_now = [web.enter(user), web.enter(user), second.enter(user), second.enter(user)]
    assert is_refused(web, user)
    assert is_refused(second, user)
    # Nobody else's, and no other stream's, are counted.
    others = [web.enter(ClientFactory()), second.enter(user, "talk")]
    # Each place that is given back, on whichever process, is free at once.
    for place, free in ((0, second), (2, web)):
        open_now[place].close()
        wait_until(lambda: held(user) == 3, what="the place", timeout=3)
        open_now[place] = free.enter(user)
        assert is_refused(free, user)
    for client in (*open_now, *others):
        client.close()
    wait_until(lambda: held(user) == 0, what="the end of them")


def test_places_on_a_killed_process_are_free_when_their_leases_have_run_out(
    web: WebProcess, second: WebProcess
) -> None:
    user = ClientFactory()
    for _ in range(3):
        second.enter(user)
    kept = web.enter(user)
    second.stop(signal.SIGKILL)
    assert is_refused(web, user)
    wait_until(lambda: not is_refused(web, user), what="a free place", timeout=LEASE_SECONDS + 5)
    # The lease of who is there was renewed meanwhile.
    assert held(user) >= 1
    kept.say("ping")
    kept.until("pong")
    kept.close()


def test_sockets_are_counted_again_after_a_redis_that_forgot_everything(web: WebProcess) -> None:
    user = ClientFactory()
    with web.enter(user), web.enter(user):
        assert held(user) == 2
        redis.Redis.from_url(settings.REDIS_URL).delete(key(user))
        wait_until(lambda: held(user) == 2, what="their places", timeout=12)


def test_while_redis_is_away_sockets_are_let_in(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"

    class Somebody:
        id, user_id, stream = "1", 1, Stream.CHAT

    async def take() -> bool:
        nobody: Any = None
        somebody: Any = Somebody()
        return await RollCall(nobody).places.take(somebody)

    assert asyncio.run(take()) is True


def key(user: User) -> str:
    return f"{settings.REDIS_PREFIX}sockets:notifications:{user.pk}"


def held(user: User) -> int:
    number: Any = redis.Redis.from_url(settings.REDIS_URL).zcard(key(user))
    return int(number)
