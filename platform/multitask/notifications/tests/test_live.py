"""State after the live events equals state fetched again, for every class of event and any order of deeds."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from rest_framework.test import APIClient

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.notifications.models import Notification
from multitask.notifications.services.leaving import NAMELESS, name_forget
from multitask.notifications.services.notify import Notice, notify_many
from multitask.notifications.services.preferences import preferences_set
from multitask.notifications.services.reading import group_read, notification_mark, notifications_mark_all
from multitask.realtime.events import EVENTS
from multitask.realtime.models import UserEvent
from multitask.realtime.publish import publish

pytestmark = pytest.mark.django_db


class Client:
    """A client that fetches once and from then on only applies what the socket tells it, in order."""

    def __init__(self, api: APIClient, user: User) -> None:
        self.api, self.user = api, user
        self.seq = self._last_seq()
        self.rows = {row["id"]: row for row in self.fetched()[0]}
        self.unread = self.fetched()[1]

    def fetched(self) -> tuple[list[dict[str, Any]], int]:
        rows: list[dict[str, Any]] = self.api.get("/api/notifications/?page_size=100").json()["results"]
        return rows, self.api.get("/api/notifications/unread-count/").json()["unread_count"]

    def held(self) -> tuple[list[dict[str, Any]], int]:
        order = sorted(self.rows.values(), key=lambda row: (row["bumped_at"], row["id"]), reverse=True)
        return order, self.unread

    def catch_up(self) -> None:
        events = UserEvent.objects.filter(user=self.user, stream="notifications", seq__gt=self.seq)
        for event in events.order_by("seq"):
            assert event.seq == self.seq + 1
            self.seq = event.seq
            EVENTS[event.type].model_validate(event.body)
            self.apply(_in_english(event.body))

    def apply(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "notification.new":
                self.rows[event["notification"]["id"]] = event["notification"]
                self.unread = event["unread_count"]
            case "notification.read" if event["id"] is not None:
                self.rows[event["id"]] |= {"is_read": event["is_read"], "read_at": event["read_at"]}
                self.unread = event["unread_count"]
            case "notification.read":
                for row in self.rows.values():
                    if not row["is_read"] and row["bumped_at"] <= event["all_up_to"]:
                        row |= {"is_read": True, "read_at": event["read_at"]}
                self.unread = event["unread_count"]
            case "unread_count":
                self.unread = event["count"]

    def _last_seq(self) -> int:
        newest = UserEvent.objects.filter(user=self.user, stream="notifications").order_by("-seq").first()
        return newest.seq if newest else 0


def _in_english(value: Any) -> Any:
    """As a socket sends it: a text of both languages is the one it speaks."""
    if isinstance(value, dict):
        if set(value) == {"en", "ar"}:
            return value["en"]
        return {name: _in_english(item) for name, item in value.items()}
    return value


@pytest.fixture
def watcher(as_user: AsUser, freelancer: User) -> Client:
    for number in range(3):
        tell(freelancer, number, task=number)
    return Client(as_user(freelancer), freelancer)


def tell(user: User, number: int, *, task: int, sender: User | None = None) -> None:
    notify_many(
        [
            Notice(
                user.pk,
                "task_application",
                f"application:{number}",
                {"task": f"Task {task}", "sender": sender.username if sender else f"Sender {number}"},
                task_id=task,
                application_id=number,
                sender_id=sender.pk if sender else None,
                group_key=f"applications:{task}" if task else "",
                link=f"/tasks/{task}",
            )
        ]
    )


def agrees(watcher: Client) -> None:
    watcher.catch_up()
    assert watcher.held() == watcher.fetched()


def test_after_notification_new_a_client_holds_what_a_fetch_gives(watcher: Client) -> None:
    tell(watcher.user, 10, task=9)
    agrees(watcher)
    tell(watcher.user, 11, task=9)  # joins
    tell(watcher.user, 12, task=0)  # does not
    agrees(watcher)
    assert watcher.held()[0][1]["count"] == 2


def test_after_notification_read_of_one_a_client_holds_what_a_fetch_gives(watcher: Client) -> None:
    row = next(iter(watcher.rows))
    for is_read in (True, True, False):
        notification_mark(actor=watcher.user, notification_id=row, is_read=is_read)
        agrees(watcher)
    group_told = group_read(user_id=watcher.user.pk, group_key="applications:1")
    publish(group_told)
    agrees(watcher)


def test_after_notification_read_of_all_a_client_holds_what_a_fetch_gives(watcher: Client) -> None:
    first = min(watcher.rows)
    notification_mark(actor=watcher.user, notification_id=first, is_read=True)
    notifications_mark_all(actor=watcher.user)
    tell(watcher.user, 20, task=1)
    agrees(watcher)
    assert watcher.unread == 1


def test_unread_count_follows_every_change_and_nothing_that_is_none(watcher: Client) -> None:
    user = watcher.user
    tell(user, 30, task=30)
    notifications_mark_all(actor=user)
    events = UserEvent.objects.filter(user=user, seq__gt=watcher.seq, type="unread_count").order_by("seq")
    assert [event.body["count"] for event in events] == [4, 0]
    before = UserEvent.objects.count()
    notifications_mark_all(actor=user)
    tell(user, 30, task=30)
    notification_mark(actor=user, notification_id=min(watcher.rows), is_read=True)
    assert UserEvent.objects.count() == before


def test_when_a_name_is_forgotten_open_lists_forget_it_too_and_nobody_is_disturbed(
    watcher: Client, as_user: AsUser
) -> None:
    leaver = FreelancerFactory(username="leaver")
    tell(watcher.user, 40, task=40, sender=leaver)
    tell(leaver, 41, task=41, sender=leaver)
    agrees(watcher)
    name_forget(leaver)
    agrees(watcher)
    assert "leaver" not in str(watcher.held())
    assert "Somebody who has left" in str(watcher.held())
    arabic = watcher.api.get("/api/notifications/", headers={"Accept-Language": "ar"}).content.decode()
    assert "شخص غادر المنصة" in arabic
    last = UserEvent.objects.filter(user=watcher.user, type="notification.new").order_by("seq").last()
    assert last is not None
    assert last.body["quiet"] is True
    assert Notification.objects.get(application_id=40).params["sender"] == NAMELESS
    # The sweep after an account's end repeats it: nothing more is told.
    before = UserEvent.objects.count()
    name_forget(leaver)
    assert UserEvent.objects.count() == before


def test_what_is_not_shown_is_not_told_live(watcher: Client) -> None:
    preferences_set(actor=watcher.user, changes={"matrix": {"task_application": {"in_app": False}}})
    tell(watcher.user, 50, task=50)
    before = watcher.seq
    agrees(watcher)
    assert watcher.seq == before


@pytest.mark.parametrize("seed", range(6))
def test_after_any_walk_of_deeds_a_client_holds_what_a_fetch_gives(watcher: Client, seed: int) -> None:
    random, user = Random(seed), watcher.user
    leaver = FreelancerFactory()
    for step in range(60):
        deed = random.choice(["tell", "tell", "tell", "mark", "mark", "group", "all", "prefer", "forget"])
        if deed == "tell":
            tell(user, random.randrange(200), task=random.randrange(4), sender=random.choice([None, leaver]))
        elif deed == "mark":
            rows = list(Notification.objects.filter(recipient=user, shown=True))
            row = random.choice(rows)
            notification_mark(actor=user, notification_id=row.pk, is_read=random.random() < 0.6)
        elif deed == "group":
            publish(group_read(user_id=user.pk, group_key=f"applications:{random.randrange(4)}"))
        elif deed == "all" and random.random() < 0.4:
            notifications_mark_all(actor=user)
        elif deed == "prefer":
            preferences_set(
                actor=user, changes={"matrix": {"task_application": {"in_app": random.random() < 0.7}}}
            )
        elif deed == "forget" and random.random() < 0.3:
            name_forget(leaver)
        if step % 7 == 0:
            agrees(watcher)
    agrees(watcher)
