from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.common.text import Text
from multitask.conftest import AsUser
from multitask.notifications.defaults import CRITICAL, KINDS
from multitask.notifications.factories import NotificationFactory
from multitask.notifications.models import Notification, NotificationDelivery, NotificationType
from multitask.notifications.services.notify import Notice, notify_many
from multitask.notifications.texts import WORDINGS
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db
ARABIC = re.compile("[\u0621-\u064a]")


def _rows(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def _unread(client: APIClient) -> int:
    return int(client.get("/api/notifications/unread-count/").json()["unread_count"])


# --- Reading --------------------------------------------------------------------------------------------------------


def test_notifications_are_their_recipient_s_alone(api: APIClient, as_user: AsUser, freelancer: User) -> None:
    mine, theirs = NotificationFactory(recipient=freelancer), NotificationFactory()
    client = as_user(freelancer)
    assert _rows(client.get("/api/notifications/")) == [mine.pk]
    assert client.patch(f"/api/notifications/{theirs.pk}/", {"is_read": True}).status_code == 404
    theirs.refresh_from_db()
    assert not theirs.is_read
    for method, path in (
        ("get", "/api/notifications/"),
        ("get", "/api/notifications/unread-count/"),
        ("post", "/api/notifications/mark-all-read/"),
        ("patch", f"/api/notifications/{mine.pk}/"),
    ):
        assert getattr(api, method)(path).status_code == 401


def test_the_newest_comes_first_and_pages_hold_twelve(as_user: AsUser, freelancer: User) -> None:
    rows = NotificationFactory.create_batch(15, recipient=freelancer)
    Notification.objects.filter(pk=rows[3].pk).update(bumped_at=timezone.now() + timedelta(hours=1))
    client = as_user(freelancer)
    first, second = _rows(client.get("/api/notifications/")), _rows(client.get("/api/notifications/?page=2"))
    newest = [rows[3].pk] + [row.pk for row in reversed(rows) if row != rows[3]]
    assert (len(first), first + second) == (12, newest)


def test_notifications_are_narrowed_by_reading_and_by_type(as_user: AsUser, freelancer: User) -> None:
    read = NotificationFactory(recipient=freelancer, is_read=True)
    fresh = NotificationFactory(recipient=freelancer, notification_type="task_completed")
    client = as_user(freelancer)
    assert _rows(client.get("/api/notifications/?is_read=true")) == [read.pk]
    assert _rows(client.get("/api/notifications/?is_read=false")) == [fresh.pk]
    assert _rows(client.get("/api/notifications/?notification_type=task_completed")) == [fresh.pk]
    assert _rows(client.get("/api/notifications/?notification_type=task_completed&is_read=true")) == []
    assert client.get("/api/notifications/?notification_type=gossip").status_code == 400


def test_a_list_of_twenty_costs_as_many_queries_as_a_list_of_two(as_user: AsUser, freelancer: User) -> None:
    client = as_user(freelancer)
    counts = []
    for number in (2, 18):
        NotificationFactory.create_batch(number, recipient=freelancer)
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/notifications/?page_size=100")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


@pytest.mark.parametrize("written_in", ["ar", "en"])
def test_the_reader_s_language_counts_whichever_it_was_written_in(as_user: AsUser, written_in: str) -> None:
    user = FreelancerFactory(language=written_in)
    notify_many(
        [Notice(user.pk, NotificationType.APPLICATION_ACCEPTED, "application:1:ACCEPTED", {"task": "Logo"})]
    )
    stored = Notification.objects.get()
    assert bool(ARABIC.search(stored.title)) == (written_in == "ar")
    client = as_user(user)
    english = client.get("/api/notifications/").json()["results"][0]
    arabic = client.get("/api/notifications/", headers={"Accept-Language": "ar"}).json()["results"][0]
    assert english["title"] == "Your application was accepted"
    assert english["message"] == "You were chosen for “Logo”."
    assert ARABIC.search(arabic["title"])
    assert "Logo" in arabic["message"]


def test_a_type_without_wording_is_shown_as_it_was_written(as_user: AsUser, freelancer: User) -> None:
    NotificationFactory(recipient=freelancer, notification_type="system", title="صيانة", message="الليلة")
    row = as_user(freelancer).get("/api/notifications/").json()["results"][0]
    assert (row["title"], row["message"]) == ("صيانة", "الليلة")


@pytest.mark.parametrize("kind", sorted(WORDINGS))
def test_every_wording_says_the_same_in_both_languages(kind: str) -> None:
    wording = WORDINGS[kind]
    single = _places(wording.title) | _places(wording.message)
    for text in (wording.title, wording.message):
        assert ARABIC.search(text.ar)
        assert not ARABIC.search(text.en)
        assert set(re.findall(r"\{(\w+)\}", text.en)) == set(re.findall(r"\{(\w+)\}", text.ar))
    for plural in (wording.many.title, wording.many.message) if wording.many else ():
        for number in (2, 3, 10, 11, 99, 100, 101, 102, 103, 111):
            text = plural.of(number)
            assert ARABIC.search(text.ar)
            assert not ARABIC.search(text.en)
            # "Two" is a word of its own in Arabic; what else is said is said in both, and is known of one event.
            assert _places(Text(text.en, "")) - {"count"} == _places(Text("", text.ar)) - {"count"} <= single
            if number != 2 and "count" in _places(Text(plural.en["other"], "")):
                assert "{count}" in text.en
                assert "{count}" in text.ar


def _places(text: Text) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text.en + text.ar))


# --- Marking --------------------------------------------------------------------------------------------------------


def test_one_is_marked_as_read_and_as_unread_again(as_user: AsUser, freelancer: User) -> None:
    row = NotificationFactory(recipient=freelancer)
    client = as_user(freelancer)
    answer = client.patch(f"/api/notifications/{row.pk}/", {"is_read": True}, format="json")
    assert (answer.status_code, answer.json()["is_read"]) == (200, True)
    first_read = answer.json()["read_at"]
    again = client.patch(f"/api/notifications/{row.pk}/", {"is_read": True}, format="json")
    assert again.json()["read_at"] == first_read
    undone = client.patch(f"/api/notifications/{row.pk}/", {"is_read": False}, format="json").json()
    assert (undone["is_read"], undone["read_at"]) == (False, None)


@pytest.mark.parametrize("body", [{}, {"is_read": "perhaps"}, {"is_read": None}])
def test_what_to_mark_it_as_must_be_said(as_user: AsUser, freelancer: User, body: dict[str, Any]) -> None:
    row = NotificationFactory(recipient=freelancer)
    answer = as_user(freelancer).patch(f"/api/notifications/{row.pk}/", body, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["is_read"])


def test_marking_never_changes_what_it_says(as_user: AsUser, freelancer: User) -> None:
    row = NotificationFactory(recipient=freelancer)
    body = {"is_read": True, "title": "forged", "recipient": 1, "link": "https://example.com"}
    as_user(freelancer).patch(f"/api/notifications/{row.pk}/", body, format="json")
    found = Notification.objects.get(pk=row.pk)
    assert (found.title, found.recipient_id, found.link) == (row.title, freelancer.pk, row.link)


def test_all_are_marked_at_once_and_only_one_s_own(as_user: AsUser, freelancer: User) -> None:
    NotificationFactory.create_batch(3, recipient=freelancer)
    NotificationFactory(recipient=freelancer, is_read=True)
    other = NotificationFactory()
    client = as_user(freelancer)
    body = client.post("/api/notifications/mark-all-read/").json()
    assert body == {"detail": "All notifications are marked as read.", "count": 3}
    assert client.post("/api/notifications/mark-all-read/").json()["count"] == 0
    assert not Notification.objects.filter(recipient=freelancer, is_read=False).exists()
    assert Notification.objects.filter(recipient=freelancer, read_at__isnull=False).count() == 3
    other.refresh_from_db()
    assert not other.is_read


def test_the_unread_count_equals_a_recount_after_every_step(as_user: AsUser, freelancer: User) -> None:
    client = as_user(freelancer)
    rows = NotificationFactory.create_batch(4, recipient=freelancer)
    NotificationFactory()
    steps = [
        ("patch", rows[0].pk, True),
        ("patch", rows[0].pk, True),
        ("patch", rows[1].pk, True),
        ("patch", rows[0].pk, False),
        ("all", 0, True),
        ("patch", rows[2].pk, False),
    ]
    assert _unread(client) == 4
    for kind, pk, is_read in steps:
        if kind == "all":
            client.post("/api/notifications/mark-all-read/")
        else:
            client.patch(f"/api/notifications/{pk}/", {"is_read": is_read}, format="json")
        assert _unread(client) == Notification.objects.filter(recipient=freelancer, is_read=False).count()
    assert _unread(client) == 1


# --- Telling --------------------------------------------------------------------------------------------------------


def _notices(users: list[User]) -> list[Notice]:
    return [
        Notice(
            user.pk,
            NotificationType.RECOMMENDATION,
            "recommendation:task:1",
            {"task": "Logo", "percent": 77},
            task_id=1,
        )
        for user in users
    ]


def test_told_twice_is_one_notification_and_the_first_stays() -> None:
    users = FreelancerFactory.create_batch(3)
    notify_many(_notices(users[:2]))
    Notification.objects.update(is_read=True)
    notify_many(_notices(users))
    assert Notification.objects.count() == 3
    assert Notification.objects.filter(is_read=True).count() == 2


def test_the_same_thing_may_be_told_to_many_and_many_things_to_one() -> None:
    one = FreelancerFactory()
    kinds = [
        Notice(one.pk, NotificationType.TASK_COMPLETED, f"task:{number}:COMPLETED", {"task": "x"})
        for number in range(3)
    ]
    notify_many(kinds)
    assert Notification.objects.filter(recipient=one).count() == 3


def test_who_has_left_is_told_nothing() -> None:
    gone = FreelancerFactory(is_active=False)
    notify_many(
        [*_notices([gone]), Notice(10**9, NotificationType.RECOMMENDATION, "k", {"task": "x", "percent": 1})]
    )
    notify_many([])
    assert not Notification.objects.exists()


def test_a_title_fits_its_column_however_long_the_task_s_is() -> None:
    user = FreelancerFactory(language="en")
    notify_many([Notice(user.pk, NotificationType.TASK_COMPLETED, "k", {"task": "x" * 5_000})])
    assert len(Notification.objects.get().title) <= 255


@pytest.mark.django_db(transaction=True)
def test_told_by_several_jobs_at_once_is_one_notification() -> None:
    users = FreelancerFactory.create_batch(5)
    results = at_once([lambda: notify_many(_notices(users))] * 4)
    assert results == [None] * 4
    assert Notification.objects.count() == 5


# --- The database ---------------------------------------------------------------------------------------------------


def test_the_database_itself_keeps_types_links_groups_and_the_once() -> None:
    row, other = NotificationFactory(), NotificationFactory()
    rows = Notification.objects.filter(pk=row.pk)
    with pytest.raises(IntegrityError, match="notification_type_known"), transaction.atomic():
        rows.update(notification_type="gossip")
    for link in ("//example.com/", "/\\example.com", "https://example.com", "javascript:alert(1)"):
        with pytest.raises(IntegrityError, match="notification_link_ours"), transaction.atomic():
            rows.update(link=link)
    rows.update(link="/tasks/1?a=b")
    rows.update(group_key="g")
    with pytest.raises(IntegrityError, match="notification_group_open"), transaction.atomic():
        Notification.objects.filter(pk=other.pk).update(recipient=row.recipient, group_key="g")
    now = timezone.now()
    same = {"recipient": row.recipient, "notification": row, "dedupe_key": "k", "channel": "in_app"}
    NotificationDelivery.objects.create(**same, state="sent", due_at=now, settled_at=now)
    with pytest.raises(IntegrityError, match="notification_delivery_once"), transaction.atomic():
        NotificationDelivery.objects.create(**same, state="sent", due_at=now, settled_at=now)
    for state, settled in (("sent", None), ("pending", now), ("lost", now)):
        with pytest.raises(IntegrityError, match="notification_delivery_settled"), transaction.atomic():
            NotificationDelivery.objects.filter(notification=row).update(state=state, settled_at=settled)


@pytest.mark.parametrize(
    "columns", [["recipient_id", "bumped_at"], ["recipient_id", "is_read"]], ids=",".join
)
def test_the_list_and_the_count_have_their_indexes(columns: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [Notification._meta.db_table])
        definitions = [re.sub(r"[\"() ]| DESC", "", row[0].split(" btree ")[-1]) for row in cursor.fetchall()]
    assert any(found.replace("DESC", "").startswith(",".join(columns)) for found in definitions), definitions


def test_there_are_the_twelve_types_and_each_has_a_default_for_every_channel() -> None:
    assert len(NotificationType.values) == 12
    assert set(KINDS) == set(NotificationType.values)
    assert {"system", "payment_received"} == CRITICAL
