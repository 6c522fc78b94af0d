"""How sockets end: old ones, those of a server that is restarted, and those that could not begin."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.db import connection, transaction

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.realtime.events import UnreadCount
from multitask.realtime.publish import Outgoing, publish
from multitask.testing.sockets import WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

WEB = {"SOCKET_MAX_SECONDS": "3"}


def tell(user: User, number: int) -> None:
    with transaction.atomic():
        publish([Outgoing(user.pk, UnreadCount(count=number))])


def test_a_socket_that_was_open_for_long_is_closed_with_4412_and_misses_nothing(web: WebProcess) -> None:
    user = ClientFactory()
    begun = time.monotonic()
    with web.enter(user) as client:
        tell(user, 1)
        assert client.until("unread_count")["seq"] == 1
        assert client.code() == 4412
        assert 2.5 < time.monotonic() - begun < 6
    tell(user, 2)
    with web.enter(user) as again:
        assert [frame["seq"] for frame in again.synced(1)] == [2]


def test_a_socket_that_cannot_begin_is_closed_with_1011(web: WebProcess) -> None:
    with web.enter(ClientFactory(username="unlucky"), "talk") as client:
        assert client.code() == 1011


def test_a_restart_closes_sockets_with_1012_ends_in_time_and_nobody_blinks(tmp_path: Path) -> None:
    users = [ClientFactory() for _ in range(5)]
    watcher_user = ClientFactory()
    first = WebProcess(tmp_path / "first.log", talk=True)
    with WebProcess(tmp_path / "second.log", talk=True) as second:
        first.start()
        watcher = second.enter(watcher_user, "talk")
        watcher.say("watch", users=[user.pk for user in users])
        for _ in users:
            watcher.until("presence")
        clients = [first.enter(user) for user in users]
        assert {watcher.until("presence")["user"] for _ in users} == {user.pk for user in users}
        begun = time.monotonic()
        first.stop()
        assert time.monotonic() - begun < 8
        assert [client.code() for client in clients] == [1012] * 5
        again = [second.enter(user) for user in users]
        assert [frame for frame in watcher.quiet(5) if frame["type"] == "presence"] == []
        for client in (*again, watcher):
            client.close()
    log = first.log()
    assert "Traceback" not in log
    assert "never retrieved" not in log


def test_a_process_keeps_few_connections_to_the_database_and_gives_them_back(tmp_path: Path) -> None:
    def connections() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    before = connections()
    with WebProcess(tmp_path / "web.log", talk=True, SOCKET_DATABASE_THREADS="3") as own:
        clients = [own.enter(ClientFactory(), "talk") for _ in range(30)]
        for client in clients:
            client.say("sync", since=0)
            client.say("watch", users=[1, 2])
        for client in clients:
            client.until("synced")
        # 3 for what sockets ask, 2 for who comes in, 1 that reads the log and 1 that listens.
        assert connections() - before <= 7
        for client in clients:
            client.close()
    assert connections() <= before
