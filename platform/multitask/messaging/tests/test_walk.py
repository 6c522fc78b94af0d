"""Random walks of both sides: one order, counters as a recount, and a client that applies events holds what it fetches.

For each class of event of the conversations' stream (message.new, receipt, conversation.new).
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from multitask.accounts.factories import BothFactory, ClientFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.files.factories import StoredFileFactory
from multitask.messaging.models import Participant
from multitask.messaging.services.following import task_step_note
from multitask.messaging.services.receipts import unread_count
from multitask.realtime.models import UserEvent
from multitask.tasks.factories import StartedTaskFactory
from multitask.tasks.models import Task

pytestmark = pytest.mark.django_db

LIST = "/api/messages/conversations/"
KINDS = ("send", "send", "send", "file", "read", "delivered", "again", "line", "open")
# What an event does not tell of a conversation: of the moment, or of others' accounts.
PASSING = ("online", "last_seen")


class Side:
    """A client: what it holds after applying its events, and what the API gives it."""

    def __init__(self, as_user: AsUser, user: User) -> None:
        self.user, self.api = user, as_user(user)
        self.conversations: dict[int, dict[str, Any]] = {}
        self.messages: dict[int, list[dict[str, Any]]] = {}
        self.seq = 0

    def fetch(self) -> tuple[dict[int, dict[str, Any]], dict[int, list[dict[str, Any]]]]:
        rows = self.api.get(f"{LIST}?page_size=100").json()["results"]
        conversations = {row["id"]: row for row in rows}
        for row in rows:
            for name in PASSING:
                row["other"].pop(name)
        messages = {
            pk: self.api.get(f"{LIST}{pk}/messages/?page_size=100").json()["results"][::-1]
            for pk in conversations
        }
        return conversations, messages

    def catch_up(self) -> None:
        """Apply every event since the last time, as a client would."""
        for event in UserEvent.objects.filter(user=self.user, stream="chat", seq__gt=self.seq).order_by(
            "seq"
        ):
            assert event.seq == self.seq + 1
            self.seq = event.seq
            self._apply(_in_english(event.body))

    def _apply(self, body: dict[str, Any]) -> None:
        if body["type"] == "conversation.new":
            pk = body["conversation"]
            row = self.api.get(f"{LIST}{pk}/").json()
            for name in PASSING:
                row["other"].pop(name)
            # Fetched when the event came: what is in the log behind it was not there then.
            self.conversations[pk], self.messages[pk] = row, []
        elif body["type"] == "message.new":
            self._message(body["message"], body["unread_count"])
        else:
            self._receipt(body)

    def _message(self, message: dict[str, Any], unread: int) -> None:
        row = self.conversations[message["conversation"]]
        self.messages[row["id"]].append(message)
        name = (message["attachment"] or {}).get("name", "")
        row |= {
            "unread_count": unread,
            "last_message_content": (message["content"] or name)[:100],
            "last_message_type": message["message_type"],
            "last_message_at": message["created_at"],
            "last_message_sender": message["sender"],
            "updated_at": message["created_at"],
        }

    def _receipt(self, body: dict[str, Any]) -> None:
        row = self.conversations[body["conversation"]]
        row["unread_count"] = body["unread_count"]
        mine = body["user"] == self.user.pk
        place = row if mine else row["other"]
        place |= {name: body[name] for name in ("delivered_up_to", "read_up_to")}
        for message in self.messages[row["id"]]:
            own = message["sender"] == self.user.pk
            if own is not mine and message["id"] <= body["read_up_to"]:
                message["is_read"] = True


def _in_english(value: Any) -> Any:
    if isinstance(value, dict):
        return value["en"] if value.keys() == {"en", "ar"} else {k: _in_english(v) for k, v in value.items()}
    return value


class Walk:
    def __init__(self, as_user: AsUser, chosen: random.Random) -> None:
        self.chosen = chosen
        self.sides = [Side(as_user, ClientFactory()), Side(as_user, BothFactory())]
        self.task: Task = StartedTaskFactory(client=self.sides[0].user, assigned_to=self.sides[1].user)
        self.ids: list[int] = []
        self.sent: list[tuple[Side, int, dict[str, Any], int]] = []
        self.lines = 0

    def open(self, side: Side) -> None:
        other = next(one for one in self.sides if one is not side)
        task = self.chosen.choice([None, self.task.pk])
        answer = side.api.post(LIST, {"participant": other.user.pk, "task": task})
        assert answer.status_code in {200, 201}
        if answer.json()["id"] not in self.ids:
            self.ids.append(answer.json()["id"])

    def step(self, kind: str) -> None:
        side = self.chosen.choice(self.sides)
        if kind == "open" or not self.ids:
            self.open(side)
            return
        place = f"{LIST}{self.chosen.choice(self.ids)}/"
        if kind == "send":
            self.send(side, place, {"content": f"Hello {self.chosen.random()}"})
        elif kind == "file":
            stored = StoredFileFactory(owner=side.user)
            self.send(side, place, {"attachment": str(stored.pk)})
        elif kind == "again" and self.sent:
            who, pk, body, known = self.chosen.choice(self.sent)
            assert who.api.post(f"{LIST}{pk}/messages/", body).json()["id"] == known
        elif kind == "line":
            self.lines += 1
            task_step_note(topic="task.delivered", task_id=self.task.pk, at=str(self.lines))
            self.ids += [pk for pk in side.fetch()[0] if pk not in self.ids]
        elif kind in {"read", "delivered"}:
            newest = max((known for *_, known in self.sent), default=1)
            up_to = self.chosen.randint(1, newest + 2)
            assert side.api.post(f"{place}{kind}/", {"up_to": up_to}).status_code == 200

    def send(self, side: Side, place: str, body: dict[str, Any]) -> None:
        body["client_id"] = f"c{len(self.sent)}"
        answer = side.api.post(f"{place}messages/", body)
        assert answer.status_code == 201, answer.content
        found = answer.json()
        self.sent.append((side, found["conversation"], body, found["id"]))

    def check(self) -> None:
        fetched = []
        for side in self.sides:
            side.catch_up()
            conversations, messages = side.fetch()
            assert (side.conversations, side.messages) == (conversations, messages)
            fetched.append(messages)
        orders = [{pk: [row["id"] for row in rows] for pk, rows in one.items()} for one in fetched]
        assert orders[0] == orders[1]
        assert all(ids == sorted(set(ids)) for ids in orders[0].values())
        for row in Participant.objects.all():
            assert row.unread_count == unread_count(
                conversation_id=row.conversation_id, user_id=row.user_id, read_up_to=row.read_up_to
            )
            assert row.read_up_to <= row.delivered_up_to


def _walked(as_user: AsUser, kinds: list[str], seed: int) -> None:
    with override_settings(MESSAGES_PER_MINUTE=10_000, CONVERSATIONS_PER_HOUR=100):
        walk = Walk(as_user, random.Random(seed))
        for number, kind in enumerate(kinds):
            walk.step(kind)
            # Events are applied as they come, and sometimes many at once.
            if number % 3 == 0 or kind == "open":
                for side in walk.sides:
                    side.catch_up()
        walk.check()


@pytest.mark.parametrize("seed", [1, 2])
def test_what_events_tell_is_what_is_fetched_in_a_long_walk(as_user: AsUser, seed: int) -> None:
    chosen = random.Random(seed)
    _walked(as_user, ["open", *(chosen.choice(KINDS) for _ in range(90))], seed)


@settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True
)
@given(kinds=st.lists(st.sampled_from(KINDS), max_size=15), seed=st.integers(0, 1000))
def test_what_events_tell_is_what_is_fetched_in_any_short_walk(
    as_user: AsUser, kinds: list[str], seed: int
) -> None:
    _walked(as_user, kinds, seed)
