"""Telling: once, on every channel that is wanted, and bursts as one line that counts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.notifications.factories import NotificationFactory
from multitask.notifications.models import (
    Notification,
    NotificationDelivery,
    NotificationPreference,
    PushSubscription,
)
from multitask.notifications.services.notify import Notice, notify_many
from multitask.notifications.services.reading import group_read, notification_mark, notifications_mark_all
from multitask.outbox.models import OutboxEvent
from multitask.realtime.models import UserEvent
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


def application(user: User, number: int, *, task: int = 1, **more: Any) -> Notice:
    return Notice(
        user.pk,
        "task_application",
        f"application:{number}:received",
        {"task": "Logo", "sender": f"Sender {number}"},
        task_id=task,
        application_id=number,
        link=f"/tasks/{task}/applications",
        group_key=f"applications:{task}",
        **more,
    )


def outcome(user: User, **about: Any) -> list[tuple[str, str, str]]:
    rows = NotificationDelivery.objects.filter(recipient=user, **about).order_by("channel", "pk")
    return [(row.channel, row.state, row.reason) for row in rows]


def subscribe(user: User) -> None:
    PushSubscription.objects.create(
        user=user,
        endpoint=f"https://fcm.googleapis.com/{user.pk}",
        p256dh="x",
        auth="x",
        renewed_at=datetime.now(UTC),
    )


# --- Bursts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_a_time", [1, 5, 12])
def test_twelve_applications_to_one_task_are_one_unread_line_that_counts(
    as_user: AsUser, freelancer: User, at_a_time: int
) -> None:
    notices = [application(freelancer, number) for number in range(12)]
    for start in range(0, 12, at_a_time):
        notify_many(notices[start : start + at_a_time])
    client = as_user(freelancer)
    (row,) = client.get("/api/notifications/").json()["results"]
    assert (row["count"], row["title"]) == (12, "12 new applications for your task")
    assert row["message"] == "“Logo” has 12 new applications, the newest from Sender 11."
    assert row["application_id"] == 11
    assert client.get("/api/notifications/unread-count/").json() == {"unread_count": 1}
    arabic = client.get("/api/notifications/", headers={"Accept-Language": "ar"}).json()["results"][0]
    assert arabic["title"] == "12 طلبًا جديدًا على مهمتك"
    stored = Notification.objects.get()
    assert (stored.title, stored.count) == (arabic["title"], 12)
    states = Counter(NotificationDelivery.objects.filter(channel="in_app").values_list("state", flat=True))
    assert states == {"sent": 1, "merged": 11}


def test_a_line_joins_only_its_own_group_and_only_while_it_is_unread(freelancer: User) -> None:
    notify_many([application(freelancer, 1), application(freelancer, 2, task=2), application(freelancer, 3)])
    assert sorted(Notification.objects.values_list("task_id", "count")) == [(1, 2), (2, 1)]
    notification_mark(actor=freelancer, notification_id=Notification.objects.get(task_id=1).pk, is_read=True)
    notify_many([application(freelancer, 4), application(freelancer, 5)])
    assert sorted(Notification.objects.filter(task_id=1).values_list("is_read", "count")) == [
        (False, 2),
        (True, 2),
    ]
    # One marked as unread again is a line of the past: two lines of a group never compete for what is new.
    old = Notification.objects.get(task_id=1, is_read=True)
    notification_mark(actor=freelancer, notification_id=old.pk, is_read=False)
    notify_many([application(freelancer, 6)])
    assert Notification.objects.get(pk=old.pk).count == 2


def test_a_joined_line_comes_to_the_top(as_user: AsUser, freelancer: User) -> None:
    notify_many([application(freelancer, 1)])
    NotificationFactory(recipient=freelancer)
    notify_many([application(freelancer, 2)])
    rows = as_user(freelancer).get("/api/notifications/").json()["results"]
    assert [row["count"] for row in rows] == [2, 1]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_event_delivered_three_times_in_any_order_is_counted_once(
    freelancer: User, order: tuple[int, ...]
) -> None:
    notices = [application(freelancer, number) for number in range(3)]
    for _ in range(3):
        for number in order:
            notify_many([notices[number], notices[number]])
    assert Notification.objects.get().count == 3
    assert Counter(NotificationDelivery.objects.values_list("channel", flat=True)) == {
        "in_app": 3,
        "email": 3,
        "push": 3,
    }


@pytest.mark.django_db(transaction=True)
def test_a_burst_told_by_several_jobs_at_once_is_one_line_with_the_right_count() -> None:
    users = FreelancerFactory.create_batch(3)
    numbers = range(16)
    jobs = [
        # Each event in two jobs, the users in another order in every second one.
        lambda part=part: notify_many(
            [
                application(user, number)
                for number in numbers
                if number % 4 == part % 4
                for user in (users if part < 4 else reversed(users))
            ]
        )
        for part in range(8)
    ]
    assert at_once(jobs) == [None] * 8
    rows = Notification.objects.values_list("recipient_id", "count")
    assert sorted(rows) == sorted((user.pk, 16) for user in users)
    for user in users:
        events = UserEvent.objects.filter(user=user, type="notification.new").order_by("seq")
        assert [event.body["notification"]["count"] for event in events] == sorted(
            event.body["notification"]["count"] for event in events
        )
        assert {event.body["unread_count"] for event in events} == {1}


@pytest.mark.django_db(transaction=True)
def test_telling_and_reading_at_once_never_lose_a_line_or_a_count() -> None:
    user = FreelancerFactory()
    jobs = [lambda number=number: notify_many([application(user, number)]) for number in range(6)]
    jobs += [lambda: notifications_mark_all(actor=user)] * 3
    results = at_once(jobs)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(Notification.objects.values_list("count", flat=True)) == 6
    unread = Notification.objects.filter(is_read=False).count()
    last = UserEvent.objects.filter(user=user, type="unread_count").order_by("seq").last()
    assert last is not None
    assert last.body["count"] == unread <= 1


def test_what_is_read_elsewhere_is_read_here_and_nothing_else(freelancer: User) -> None:
    other = FreelancerFactory()
    notify_many([application(freelancer, 1), application(freelancer, 2, task=2), application(other, 3)])
    with transaction.atomic():
        told = group_read(user_id=freelancer.pk, group_key="applications:1")
        assert group_read(user_id=freelancer.pk, group_key="applications:1") == []
    assert [one.event.type for one in told] == ["notification.read", "unread_count"]
    assert Notification.objects.filter(is_read=True).count() == 1


# --- Channels -------------------------------------------------------------------------------------------------------


def test_every_event_has_one_row_a_channel_with_its_reason(freelancer: User) -> None:
    NotificationPreference.objects.create(user=freelancer, overrides={"task_application": {"email": False}})
    notify_many([application(freelancer, 1)])
    assert outcome(freelancer) == [
        ("email", "suppressed", "preference"),
        ("in_app", "sent", ""),
        ("push", "suppressed", "no_subscription"),
    ]
    assert not OutboxEvent.objects.filter(topic__startswith="notification.").exists()


def test_a_mail_and_a_push_are_asked_for_by_one_event_a_line(freelancer: User) -> None:
    subscribe(freelancer)
    notify_many([application(freelancer, number) for number in range(5)])
    line = Notification.objects.get()
    events = OutboxEvent.objects.order_by("topic").values_list("topic", "key", "payload", "not_before")
    assert list(events) == [
        ("notification.email_due", f"email:{line.pk}", {"notification": line.pk}, None),
        ("notification.push_due", f"push:{line.pk}", {"notification": line.pk}, None),
    ]


def test_who_does_not_want_a_type_in_the_application_has_no_line_of_it(
    as_user: AsUser, freelancer: User
) -> None:
    NotificationPreference.objects.create(user=freelancer, overrides={"task_application": {"in_app": False}})
    notify_many([application(freelancer, 1), application(freelancer, 2)])
    client = as_user(freelancer)
    assert client.get("/api/notifications/").json()["count"] == 0
    assert client.get("/api/notifications/unread-count/").json() == {"unread_count": 0}
    assert client.post("/api/notifications/mark-all-read/").json()["count"] == 0
    hidden = Notification.objects.get()
    assert client.patch(f"/api/notifications/{hidden.pk}/", {"is_read": True}).status_code == 404
    assert outcome(freelancer, channel="in_app") == [("in_app", "suppressed", "preference")] * 2
    assert outcome(freelancer, channel="email") == [("email", "pending", "")] * 2
    assert not UserEvent.objects.exists()
    # Switched on again: what is new is shown, and does not tell of what was not.
    NotificationPreference.objects.update(overrides={})
    notify_many([application(freelancer, 3)])
    assert client.get("/api/notifications/").json()["results"][0]["count"] == 1


@pytest.mark.parametrize("kind", ["system", "payment_received"])
def test_critical_types_are_told_on_every_channel_whatever_was_chosen(freelancer: User, kind: str) -> None:
    subscribe(freelancer)
    off = dict.fromkeys(("in_app", "email", "push"), False)
    NotificationPreference.objects.create(
        user=freelancer, overrides={kind: off}, quiet_from=time(0), quiet_to=time(23, 59)
    )
    with time_machine.travel(NOON, tick=False):
        notify_many(
            [Notice(freelancer.pk, kind, "k", {"task": "x", "reason": "y"}, wording="review_removed")]
        )
    assert outcome(freelancer) == [("email", "pending", ""), ("in_app", "sent", ""), ("push", "pending", "")]
    assert UserEvent.objects.filter(type="notification.new", body__quiet=False).count() == 1


def test_in_quiet_hours_the_list_is_told_and_mail_and_push_wait_for_their_end(freelancer: User) -> None:
    subscribe(freelancer)
    NotificationPreference.objects.create(user=freelancer, quiet_from=time(22), quiet_to=time(7))
    # 23:30 and 06:59 in Cairo.
    for number, moment in enumerate(
        (NOON.replace(hour=20, minute=30), NOON.replace(day=4, hour=3, minute=59))
    ):
        with time_machine.travel(moment, tick=False):
            notify_many([application(freelancer, number)])
    end = datetime(2026, 6, 4, 4, 0, tzinfo=UTC)
    rows = NotificationDelivery.objects.exclude(channel="in_app")
    assert {(row.state, row.reason, row.due_at) for row in rows} == {("deferred", "quiet_hours", end)}
    assert set(
        OutboxEvent.objects.filter(topic__startswith="notification.").values_list("not_before", flat=True)
    ) == {end}
    assert [
        event.body["quiet"] for event in UserEvent.objects.filter(type="notification.new").order_by("seq")
    ] == [True, True]
    with time_machine.travel(end, tick=False):
        notify_many([application(freelancer, 9, task=9)])
    assert outcome(freelancer, notification__task_id=9, channel="email") == [("email", "pending", "")]


# --- Costs and bad input --------------------------------------------------------------------------------------------


def test_telling_five_hundred_costs_as_many_queries_as_telling_two() -> None:
    counts = []
    for number in (2, 500):
        users = FreelancerFactory.create_batch(number, password="!")
        for first in (0, 1):  # new lines, and lines that are joined
            with CaptureQueriesContext(connection) as queries:
                notify_many([application(user, first) for user in users])
            counts.append(len(queries))
    assert counts[:2] == counts[2:], counts
    assert max(counts) <= 20


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/",
        "//example.com/",
        "/\\example.com",
        "/a\\b",
        "javascript:alert(1)",
        "/tasks/1\r\nX: y",
        "/a b",
        "tasks/1",
        "/" + "x" * 500,
    ],
)
def test_a_notification_leads_nowhere_but_to_a_path_of_this_site(link: str) -> None:
    with pytest.raises(ValueError, match="path of this site"):
        Notice(1, "task_completed", "k", {"task": "x"}, link=link)


def test_a_notice_that_nothing_is_known_to_say_about_is_refused() -> None:
    with pytest.raises(ValueError, match="Nothing is known"):
        Notice(1, "task_completed", "k", wording="gossip")
    with pytest.raises(ValueError, match="too long"):
        Notice(1, "task_completed", "k" * 201)


def test_braces_in_names_and_titles_are_shown_as_they_are(as_user: AsUser, freelancer: User) -> None:
    evil = "{0.__class__} {reason} %s"
    notify_many([Notice(freelancer.pk, "task_completed", "k", {"task": evil})])
    assert evil in as_user(freelancer).get("/api/notifications/").json()["results"][0]["message"]


def test_a_list_can_be_gone_through_by_cursor_while_lines_are_added(
    as_user: AsUser, freelancer: User
) -> None:
    with time_machine.travel(NOON) as clock:
        for number in range(10):
            clock.shift(timedelta(seconds=1))
            notify_many([application(freelancer, number, task=number)])
    client = as_user(freelancer)
    answer = client.get("/api/notifications/?cursor=&page_size=4").json()
    found = [row["task_id"] for row in answer["results"]]
    notify_many([application(freelancer, 99, task=99)])
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        found += [row["task_id"] for row in answer["results"]]
    assert found == list(range(9, -1, -1))
