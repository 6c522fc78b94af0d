"""Who is there and who is writing: told to whom it concerns, by any process, and over by itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.realtime.line import moments_send
from multitask.realtime.models import Presence
from multitask.realtime.moments import Typing
from multitask.realtime.presence import presence_of
from multitask.testing.sockets import Client, Deaf, WebProcess, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

WEB = {"TALK_TYPING_SECONDS": "1.5"}


@pytest.fixture(autouse=True)
def _nobody_there() -> None:
    """Ids are given out anew in each test; who was there in the one before must be gone."""
    forget()


def forget() -> None:
    """What Redis knows of presence is gone."""
    store = redis.Redis.from_url(settings.REDIS_URL)
    store.delete(f"{settings.REDIS_PREFIX}present", *store.keys(f"{settings.REDIS_PREFIX}presence:*"))


@pytest.fixture
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    """A further process of the same site."""
    log = tmp_path_factory.mktemp("web") / "web.log"
    with WebProcess(log, talk=True, **WEB) as running:
        yield running


def watching(web: WebProcess, *users: User) -> Client:
    client = web.enter(ClientFactory(), "talk")
    client.say("watch", users=[user.pk for user in users])
    for _ in users:
        client.until("presence")
    return client


def moments(client: Client, seconds: float, kind: str) -> list[tuple[Any, ...]]:
    frames = [frame for frame in client.quiet(seconds) if frame["type"] == kind]
    if kind == "presence":
        return [(frame["user"], frame["online"]) for frame in frames]
    return [(frame["conversation"], frame["user"], frame["active"]) for frame in frames]


def is_there(user: User) -> bool | None:
    return presence_of([user.pk])[user.pk][0]


def test_several_tabs_and_devices_are_one_presence(web: WebProcess, second: WebProcess) -> None:
    user = ClientFactory()
    watcher = watching(web, user)
    tabs = [web.enter(user, "talk"), web.enter(user), second.enter(user, "talk")]
    assert moments(watcher, 1.5, "presence") == [(user.pk, True)]
    for tab in tabs[:2]:
        tab.close()
    assert moments(watcher, 6, "presence") == []
    assert is_there(user) is True
    tabs[2].close()
    frame = watcher.until("presence", timeout=8)
    assert (frame["user"], frame["online"]) == (user.pk, False)
    assert is_there(user) is False
    watcher.close()


def test_a_page_that_is_loaded_again_does_not_blink(web: WebProcess) -> None:
    user = ClientFactory()
    watcher = watching(web, user)
    web.enter(user).close()
    time.sleep(0.5)
    with web.enter(user):
        assert moments(watcher, 5, "presence") == [(user.pk, True)]
    watcher.close()


def test_whoever_watches_is_told_at_once_how_things_stand(web: WebProcess) -> None:
    here, gone = ClientFactory(), ClientFactory()
    Presence.objects.create(user=gone, seen_at=timezone.now() - timedelta(days=1))
    with web.enter(here), web.enter(ClientFactory(), "talk") as watcher:
        wait_until(lambda: is_there(here) is True, what="their presence")
        watcher.say("watch", users=[here.pk, gone.pk])
        found = {frame["user"]: frame for frame in (watcher.until("presence") for _ in range(2))}
        assert found[here.pk]["online"] is True
        assert found[gone.pk]["online"] is False
        assert found[gone.pk]["last_seen"].startswith(f"{timezone.now() - timedelta(days=1):%Y-%m-%d}")


def test_nobody_is_told_of_whom_they_do_not_watch(web: WebProcess) -> None:
    one, other = ClientFactory(), ClientFactory()
    watcher, stranger = watching(web, one), watching(web, other)
    with web.enter(one):
        assert moments(watcher, 1.5, "presence") == [(one.pk, True)]
        assert moments(stranger, 0.2, "presence") == []
        # Watching others ends watching the first.
        watcher.say("watch", users=[other.pk])
        watcher.until("presence")
    assert moments(watcher, 5, "presence") == []
    for client in (watcher, stranger):
        client.close()


def test_last_seen_is_kept_and_survives_a_redis_that_forgets_everything(web: WebProcess) -> None:
    user = ClientFactory()
    before = timezone.now()
    web.enter(user).close()
    wait_until(lambda: Presence.objects.filter(user=user).exists(), what="the row")
    forget()
    online, seen = presence_of([user.pk])[user.pk]
    assert online is False
    assert seen is not None
    assert before - timedelta(seconds=1) <= seen <= timezone.now()


def test_after_a_redis_that_forgot_everything_those_who_are_there_are_there_again(web: WebProcess) -> None:
    user = ClientFactory()
    with web.enter(user):
        wait_until(lambda: is_there(user) is True, what="their presence")
        forget()
        assert is_there(user) is False
        wait_until(lambda: is_there(user) is True, what="their presence again", timeout=12)


def test_who_was_on_a_killed_process_is_noticed_by_another_within_thirty_seconds(
    web: WebProcess, second: WebProcess
) -> None:
    user = ClientFactory()
    watcher = watching(web, user)
    second.enter(user)
    assert watcher.until("presence")["online"] is True
    begun = time.monotonic()
    second.stop(signal.SIGKILL)
    frame = watcher.until("presence", timeout=31)
    assert (frame["user"], frame["online"]) == (user.pk, False)
    assert time.monotonic() - begun < 30
    watcher.close()


def test_a_connection_that_goes_silent_is_noticed_within_thirty_seconds(web: WebProcess) -> None:
    user = ClientFactory()
    watcher = watching(web, user)
    # Its machine is gone: nothing answers the server's pings, and nothing says that the connection has ended.
    silent = Deaf(web, user)
    assert watcher.until("presence")["online"] is True
    begun = time.monotonic()
    frame = watcher.until("presence", timeout=31)
    assert frame["online"] is False
    assert 15 < time.monotonic() - begun < 30
    watcher.close()
    silent.raw.close()


def test_presence_is_unknown_rather_than_wrong_while_redis_is_away(settings: Any) -> None:
    user = ClientFactory()
    Presence.objects.create(user=user, seen_at=timezone.now())
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    begun = time.monotonic()
    online, seen = presence_of([user.pk])[user.pk]
    assert (online, seen is not None) == (None, True)
    assert time.monotonic() - begun < 1


def test_writing_is_told_to_the_other_side_alone_and_is_over_by_itself(
    web: WebProcess, second: WebProcess
) -> None:
    writer, reader, stranger = ClientFactory(), ClientFactory(), ClientFactory()
    with (
        web.enter(writer, "talk") as writing,
        web.enter(reader, "talk") as here,
        second.enter(reader, "talk") as there,
        second.enter(stranger, "talk") as other,
        second.enter(reader) as notifications,
    ):
        writing.say("typing", conversation=7, users=[reader.pk], active=True)
        for client in (here, there):
            assert moments(client, 2.5, "typing") == [(7, writer.pk, True), (7, writer.pk, False)]
        writing.say("typing", conversation=7, users=[reader.pk], active=True)
        writing.say("typing", conversation=7, users=[reader.pk], active=False)
        assert moments(here, 2.0, "typing") == [(7, writer.pk, True), (7, writer.pk, False)]
        assert moments(other, 0.1, "typing") == []
        assert moments(notifications, 0.1, "typing") == []


def test_writing_that_goes_on_is_not_interrupted(web: WebProcess) -> None:
    writer, reader = ClientFactory(), ClientFactory()
    with web.enter(writer, "talk") as writing, web.enter(reader, "talk") as here:
        for _ in range(3):
            writing.say("typing", conversation=7, users=[reader.pk], active=True)
            assert moments(here, 1.0, "typing") == [(7, writer.pk, True)]
        assert moments(here, 1.5, "typing") == [(7, writer.pk, False)]


def test_writing_is_over_when_the_writer_is_gone(web: WebProcess, second: WebProcess) -> None:
    writer, reader = ClientFactory(), ClientFactory()
    with web.enter(reader, "talk") as here:
        writing = web.enter(writer, "talk")
        writing.say("typing", conversation=7, users=[reader.pk], active=True)
        here.until("typing")
        begun = time.monotonic()
        writing.close()
        assert here.until("typing")["active"] is False
        assert time.monotonic() - begun < 1
        # Its process is gone too, and can say nothing.
        writing = second.enter(writer, "talk")
        writing.say("typing", conversation=7, users=[reader.pk], active=True)
        assert here.until("typing")["active"] is True
        second.stop(signal.SIGKILL)
        assert here.until("typing", timeout=3)["active"] is False


def test_a_worker_tells_a_moment_without_a_socket_of_its_own(web: WebProcess) -> None:
    reader = ClientFactory()
    with web.enter(reader, "talk") as here:
        assert moments_send([reader.pk], Typing(conversation=1, user=2, active=True)) is True
        assert here.until("typing")["conversation"] == 1
        begun = time.monotonic()
        for number in range(50):
            assert moments_send([reader.pk], Typing(conversation=number, user=2, active=True))
        # One connection for all of them.
        assert time.monotonic() - begun < 2
        got = [here.until("typing")["conversation"] for _ in range(50)]
        assert got == list(range(50))


def test_a_moment_that_cannot_be_told_is_dropped_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from channels.layers import channel_layers

    from multitask.settings.layers import channel_layers as configured

    nowhere = configured("redis://127.0.0.1:9/0", "x:", "secret")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "CHANNEL_LAYERS", nowhere)
        patch.setattr(channel_layers, "backends", {})
        begun = time.monotonic()
        assert moments_send([1], Typing(conversation=1, user=2, active=True)) is False
        assert time.monotonic() - begun < 4
    channel_layers.backends = {}
