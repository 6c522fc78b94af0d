"""Ten thousand messages over real sockets while everything between the two sides breaks: each arrives once, in order."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from workers.tests.rig import Rig

pytestmark = pytest.mark.chaos

PAIRS = 50
EACH = 100
WINDOW = 4
SEED = 20_261_122
# Chances: that a frame received is the last of its connection, and that a message is told to be read.
DROP, READ = 0.004, 0.15
SECONDS = 300
EVENTS = frozenset({"conversation.new", "message.new", "receipt", "resync_required"})

PEOPLE = f"""
import json
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.messaging.services.conversations import conversation_open
found = []
for number in range({PAIRS}):
    users = [
        User.objects.create(username=f"p{{number}}{{side}}", email=f"p{{number}}{{side}}@example.org", language="en")
        for side in "ab"
    ]
    opened = conversation_open(actor=users[0], participant_id=users[1].pk, limited=False)
    for user in users:
        found.append((user.pk, opened.conversation.pk, tokens_issue(user=user).access))
print(json.dumps(found))
"""


@pytest.fixture
def rig(service_dir: Path) -> Iterator[Rig]:
    # The jobs that follow a message have tests of their own; here they would take the second core.
    with Rig(
        service_dir,
        only=("web",),
        MESSAGES_PER_MINUTE="100000",
        SOCKET_FRAMES_PER_SECOND="1000",
        SOCKET_FRAMES_BURST="2000",
    ) as running:
        yield running


@dataclass
class Person:
    """A client that keeps what it has not been told is kept, and never believes a socket."""

    user: int
    conversation: int
    url: str
    dice: random.Random
    waiting: dict[str, str] = field(default_factory=dict)
    acked: dict[str, int] = field(default_factory=dict)
    seq: int = 0
    synced: bool = False
    received: list[int] = field(default_factory=list)
    unread: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    async def run(self, everybody_done: asyncio.Event, expected: int) -> None:
        pause = 0.1
        while not (everybody_done.is_set() and len(self.received) >= expected):
            try:
                async with connect(self.url, compression=None, max_queue=None, open_timeout=5) as socket:
                    pause = 0.1
                    await self._talk(socket, everybody_done, expected)
            except (OSError, WebSocketException, TimeoutError, EOFError):
                self.tally["connections lost"] += 1
            await asyncio.sleep(pause * self.dice.uniform(0.5, 1.0))
            pause = min(2.0, pause * 2)

    async def _talk(self, socket: ClientConnection, everybody_done: asyncio.Event, expected: int) -> None:
        self.synced = False
        await socket.send(json.dumps({"type": "sync", "since": self.seq}))
        flying: set[str] = set()
        while not (everybody_done.is_set() and len(self.received) >= expected):
            for client_id in list(self.waiting)[:WINDOW]:
                if client_id not in flying:
                    flying.add(client_id)
                    await self._say(
                        socket, "message.send", content=self.waiting[client_id], client_id=client_id
                    )
            try:
                async with asyncio.timeout(1.0):
                    frame = json.loads(await socket.recv())
            except TimeoutError:
                continue
            await self._take(socket, frame, flying)
            if self.dice.random() < DROP:
                self.tally["connections dropped"] += 1
                socket.transport.abort()
                return

    async def _say(self, socket: ClientConnection, kind: str, **fields: Any) -> None:
        await socket.send(json.dumps({"type": kind, "conversation": self.conversation, **fields}))

    def _is_next(self, frame: dict[str, Any]) -> bool:
        """Whether an event is the next one. Another one may come only before what was asked for has begun to come: a
        socket whose first frame is late is sent what is new."""
        if frame["type"] != "resync_required" and frame["seq"] == self.seq + 1:
            self.seq += 1
            return True
        if self.synced or frame["type"] == "resync_required":
            self.faults.append(f"{frame['type']} {frame['seq']} after {self.seq}")
        self.tally["events out of turn"] += 1
        return False

    async def _take(self, socket: ClientConnection, frame: dict[str, Any], flying: set[str]) -> None:
        if frame["type"] in EVENTS and not self._is_next(frame):
            return
        if frame["type"] == "message.ack":
            self.acked[frame["client_id"]] = frame["message"]["id"]
            self.waiting.pop(frame["client_id"], None)
            flying.discard(frame["client_id"])
        elif frame["type"] == "synced":
            self.synced = True
        elif frame["type"] == "message.new":
            self.received.append(frame["message"]["id"])
            self.unread = frame["unread_count"]
            if frame["message"]["sender"] != self.user and self.dice.random() < READ:
                await self._say(socket, "message.read", up_to=frame["message"]["id"])
        elif frame["type"] == "receipt":
            self.unread = frame["unread_count"]
        elif frame["type"] == "error":
            self.tally[frame["code"]] += 1
            if "client_id" not in frame:
                raise EOFError("A sync or a receipt was refused: begin anew.")
            # To be said again.
            await asyncio.sleep(0.1)
            flying.discard(frame["client_id"])


def _faults(rig: Rig, stop: threading.Event, dice: random.Random) -> Counter[str]:
    """Hurt the stack every few seconds; each kind at least twice."""
    done: Counter[str] = Counter()
    plan = ["web killed", "redis restarted", "web killed", "redis restarted", "database restarted"]
    while not stop.wait(dice.uniform(4.0, 6.0)) and plan:
        fault = plan.pop(0)
        if fault == "web killed":
            rig.kill("web")
        elif fault == "redis restarted":
            rig.redis.kill()
            time.sleep(1.0)
            rig.redis.start()
        else:
            rig.postgres.restart("fast")
        done[fault] += 1
    return done


async def _all(people: list[Person], rig: Rig, dice: random.Random) -> tuple[Counter[str], float]:
    begun, done = time.monotonic(), asyncio.Event()
    stop = threading.Event()
    hurting = asyncio.create_task(asyncio.to_thread(_faults, rig, stop, dice))
    talking = [asyncio.create_task(one.run(done, 2 * EACH)) for one in people]
    try:
        async with asyncio.timeout(SECONDS):
            while any(one.waiting for one in people) or not hurting.done():
                await asyncio.sleep(0.2)
            done.set()
            await asyncio.gather(*talking)
    except TimeoutError:
        left = sum(len(one.waiting) for one in people)
        short = [
            (one.user, one.seq, len(one.received), one.faults)
            for one in people
            if len(one.received) < 2 * EACH
        ]
        raise AssertionError(
            f"{left} messages were never acknowledged; not all told: {short[:5]}; {_tally(people)}"
        ) from None
    finally:
        stop.set()
        for task in talking:
            task.cancel()
        faults = await hurting
    return faults, time.monotonic() - begun


def _tally(people: list[Person]) -> dict[str, int]:
    return dict(sum((one.tally for one in people), Counter[str]()))


def test_ten_thousand_messages_arrive_once_and_in_one_order_whatever_breaks(rig: Rig) -> None:
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    people = [
        Person(
            user=user,
            conversation=conversation,
            url=f"ws://127.0.0.1:{rig.port}/ws/chat/?token={token}&lang=en",
            dice=random.Random(f"{SEED}:{user}"),
            waiting={f"{user}-{number}": f"Message {number} of {user}" for number in range(EACH)},
        )
        for user, conversation, token in json.loads(rig.python(PEOPLE))
    ]
    faults, seconds = asyncio.run(_all(people, rig, dice))
    assert faults == {"web killed": 2, "redis restarted": 2, "database restarted": 1}
    assert rig.restarts["web"] == 2

    # Each message is there once, as it was acknowledged.
    rows = rig.rows("SELECT conversation_id, sender_id, client_id, id FROM messaging_message ORDER BY id")
    assert len(rows) == 2 * PAIRS * EACH
    kept = {(sender, client_id): pk for _, sender, client_id, pk in rows}
    assert len(kept) == len(rows)
    assert {(one.user, name): pk for one in people for name, pk in one.acked.items()} == kept

    # Each side was told of each message of its conversation once, without a gap, in the order in which they are kept.
    assert [fault for one in people for fault in one.faults] == []
    for one in people:
        assert one.received == [pk for conversation, *_, pk in rows if conversation == one.conversation]

    # The counters are what a recount gives, and what the last event said.
    recounted = rig.rows(
        """SELECT side.user_id, side.unread_count, (
               SELECT count(*) FROM messaging_message m WHERE m.conversation_id = side.conversation_id
               AND m.id > side.read_up_to AND m.sender_id <> side.user_id)
           FROM messaging_participant side"""
    )
    assert all(kept == counted for _, kept, counted in recounted)
    last = rig.rows(
        """SELECT DISTINCT ON (user_id) user_id, (body->>'unread_count')::int FROM realtime_userevent
           WHERE stream = 'chat' ORDER BY user_id, seq DESC"""
    )
    assert {user: unread for user, unread, _ in recounted} == dict(last)
    assert {one.user: one.unread for one in people} == dict(last)
    print(
        f"{len(rows)} messages in {seconds:.1f} s ({len(rows) / seconds:.0f} a second); faults {dict(faults)}; "
        f"{_tally(people)}"
    )
