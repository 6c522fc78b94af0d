"""Whatever dies, each event reaches its user once and in order: web process, Redis and PostgreSQL are ended by turns."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from multitask.testing.sockets import Client
from workers.tests.rig import ROOT, Rig, wait_for

pytestmark = pytest.mark.chaos

USERS = 12
EVENTS = 900

# Publishes one event a line of standard input, however often the database fails it; answers each with its line.
PUBLISHER = """
import json, sys, time
import django; django.setup()
from django.db import Error, connection, transaction
from multitask.realtime.events import UnreadCount
from multitask.realtime.models import UserEvent
from multitask.realtime.publish import Outgoing, publish
for line in sys.stdin:
    user, count = json.loads(line)
    while True:
        try:
            with transaction.atomic():
                # An answer of the database that was lost on the way: the event is there.
                if not UserEvent.objects.filter(user_id=user, body__count=count).exists():
                    publish([Outgoing(user, UnreadCount(count=count))])
            break
        except Error:
            connection.close()
            time.sleep(0.1)
    print(line, end="", flush=True)
"""


@pytest.fixture
def rig(service_dir: Path) -> Iterator[Rig]:
    with Rig(service_dir, only=("web",)) as running:
        yield running


class Follower(threading.Thread):
    """A client as it should be: it keeps the number of the last event, and syncs from there whenever it is cut."""

    def __init__(self, rig: Rig, token: str) -> None:
        super().__init__(daemon=True)
        self.rig, self.token = rig, token
        self.got: list[tuple[int, int]] = []
        self.connections = 0
        self.resyncs = 0
        self.faults: list[str] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._follow()
            except (OSError, ConnectionClosed, InvalidHandshake, EOFError, TimeoutError):
                time.sleep(0.1)

    def _follow(self) -> None:
        url = f"ws://127.0.0.1:{self.rig.port}/ws/notifications/?token={self.token}&lang=en"
        with Client(url) as client:
            client.say("sync", since=self.got[-1][0] if self.got else 0)
            self.connections += 1
            while not self.stopping.is_set():
                try:
                    frame = client.receive(0.5)
                except TimeoutError:
                    continue
                if frame["type"] == "unread_count":
                    if frame["seq"] != len(self.got) + 1:
                        self.faults.append(f"{frame['seq']} came after {len(self.got)}")
                    self.got.append((frame["seq"], frame["count"]))
                self.resyncs += frame["type"] == "resync_required"


def test_each_event_arrives_once_and_in_order_though_everything_is_restarted(rig: Rig) -> None:
    tokens = [rig.register(f"user{number}", "client") for number in range(USERS)]
    ids = [rig.value("SELECT id FROM accounts_user WHERE username = %s", (f"user{n}",)) for n in range(USERS)]
    followers = [Follower(rig, token) for token in tokens]
    for follower in followers:
        follower.start()
    publisher = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER],
        env=rig.environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert publisher.stdin is not None
    assert publisher.stdout is not None
    published = []

    def read() -> None:
        assert publisher.stdout is not None
        published.extend(json.loads(line) for line in publisher.stdout)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    faults = [
        rig.redis.restart,
        lambda: rig.kill("web"),
        lambda: rig.postgres.restart("fast"),
        lambda: rig.terminate("web"),
        lambda: (rig.redis.kill(), time.sleep(2), rig.redis.start()),
        lambda: rig.postgres.restart("immediate"),
        lambda: rig.kill("web", signal.SIGKILL),
    ]
    for number in range(EVENTS):
        publisher.stdin.write(json.dumps([ids[number % USERS], number]) + "\n")
        publisher.stdin.flush()
        time.sleep(0.02)
        if number % 110 == 60 and faults:
            faults.pop(0)()  # type: ignore[no-untyped-call]
    publisher.stdin.close()
    reading.join(60)
    assert len(published) == EVENTS
    assert not faults
    begun = time.monotonic()
    wait_for(
        lambda: all(len(one.got) == EVENTS // USERS for one in followers), timeout=30, what="every event"
    )
    late = time.monotonic() - begun
    for number, follower in enumerate(followers):
        assert follower.faults == []
        assert follower.got == [(n + 1, n * USERS + number) for n in range(EVENTS // USERS)]
        assert follower.resyncs == 0
        assert follower.connections >= 4
        follower.stopping.set()
    assert late < 10
    publisher.wait(10)


def test_a_dead_redis_delays_no_event(rig: Rig) -> None:
    token = rig.register("somebody", "client")
    user = rig.value("SELECT id FROM accounts_user WHERE username = 'somebody'")
    url = f"ws://127.0.0.1:{rig.port}/ws/notifications/?token={token}"
    publisher = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER],
        env=rig.environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert publisher.stdin is not None
    assert publisher.stdout is not None
    with Client(url) as client:
        client.until("hello")
        client.say("ping")
        client.until("pong")
        rig.redis.kill()
        for number in range(40):
            publisher.stdin.write(json.dumps([user, number]) + "\n")
            publisher.stdin.flush()
            publisher.stdout.readline()
            begun = time.monotonic()
            assert client.until("unread_count")["count"] == number
            assert time.monotonic() - begun < 0.5
        # One that opens now has its events too.
        with Client(url) as other:
            assert len(other.synced(0)) == 40 + 1
    publisher.stdin.close()
    publisher.wait(10)
