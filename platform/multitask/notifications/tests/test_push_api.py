"""Web push over HTTP: what a browser may register, whose it is, and what is told of it."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection, connections, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from multitask.accounts.factories import PASSWORD, FreelancerFactory
from multitask.accounts.models import User
from multitask.accounts.services.leaving import account_delete, account_export
from multitask.conftest import AsUser
from multitask.devstack.processes import poll
from multitask.notifications.factories import NotificationFactory, PushSubscriptionFactory
from multitask.notifications.models import PushSubscription
from multitask.notifications.push.keys import own_pair
from multitask.notifications.push.message import PAYLOAD_LIMIT, SHORT_LIMIT, message_for, payload_of
from multitask.notifications.services.subscriptions import subscription_register
from multitask.testing.concurrency import at_once

URL = "/api/notifications/push/"
LIST = f"{URL}subscriptions/"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def browser(name: str = "one", **more: Any) -> dict[str, Any]:
    """What a browser's `PushSubscription.toJSON()` gives."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {
        "endpoint": f"https://fcm.googleapis.com/fcm/send/{name}",
        "expirationTime": None,
        "keys": {"p256dh": b64(raw), "auth": b64(b"0123456789abcdef")},
        **more,
    }


@pytest.fixture
def reader(db: None) -> User:
    return FreelancerFactory()


@pytest.fixture
def mine(reader: User, as_user: AsUser) -> APIClient:
    return as_user(reader)


# --- Registering ------------------------------------------------------------------------------------------------------


def test_a_browser_learns_the_key_registers_and_is_listed(mine: APIClient, reader: User) -> None:
    before = mine.get(URL).json()
    pair = own_pair()
    assert pair is not None
    assert before == {"enabled": True, "detail": "", "public_key": pair.public, "subscriptions": []}
    answer = mine.post(LIST, browser(), headers={"User-Agent": "Firefox on a phone"})
    assert answer.status_code == 201
    (shown,) = mine.get(URL).json()["subscriptions"]
    assert shown == answer.json()
    assert (shown["service"], shown["user_agent"]) == ("fcm.googleapis.com", "Firefox on a phone")
    assert "endpoint" not in shown


def test_the_same_browser_again_is_renewed_with_its_new_keys(mine: APIClient, reader: User) -> None:
    first = mine.post(LIST, browser()).json()
    PushSubscription.objects.update(
        failures=3, failing_since=timezone.now(), last_error="403", retry_at=timezone.now()
    )
    again = browser()
    answer = mine.post(LIST, again)
    assert (answer.status_code, answer.json()["id"]) == (200, first["id"])
    row = PushSubscription.objects.get()
    assert (row.p256dh, row.failures, row.failing_since, row.last_error, row.retry_at) == (
        again["keys"]["p256dh"],
        0,
        None,
        "",
        None,
    )


def test_a_browser_that_somebody_else_logs_in_with_is_theirs_alone(
    mine: APIClient, reader: User, as_user: AsUser
) -> None:
    mine.post(LIST, browser())
    other = FreelancerFactory()
    assert as_user(other).post(LIST, browser()).status_code == 200
    assert mine.get(URL).json()["subscriptions"] == []
    assert PushSubscription.objects.get().user == other


def test_keys_are_taken_in_either_spelling_of_base64_and_kept_in_one(mine: APIClient) -> None:
    given = browser()
    padded = {"p256dh": given["keys"]["p256dh"] + "=", "auth": given["keys"]["auth"] + "=="}
    assert mine.post(LIST, given | {"keys": padded}).status_code == 201
    row = PushSubscription.objects.get()
    assert {"p256dh": row.p256dh, "auth": row.auth} == given["keys"]


def test_of_more_than_twenty_the_one_renewed_longest_ago_goes(
    mine: APIClient, reader: User, settings: Any
) -> None:
    settings.PUSH_SUBSCRIPTIONS_PER_USER = 3
    for name in "abcd":
        mine.post(LIST, browser(name))
    mine.post(LIST, browser("b"))
    mine.post(LIST, browser("e"))
    kept = PushSubscription.objects.order_by("renewed_at").values_list("endpoint", flat=True)
    assert [endpoint[-1] for endpoint in kept] == ["d", "b", "e"]


def somebody_waits() -> bool:
    """Whether another session waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_registrations_at_once_are_counted_one_after_the_other(as_user: AsUser, settings: Any) -> None:
    settings.PUSH_SUBSCRIPTIONS_PER_USER = 1
    reader = FreelancerFactory()
    client = as_user(reader)
    second = Thread(target=lambda: (client.post(LIST, browser("two")), connections.close_all()))
    with transaction.atomic():
        given = browser("one")
        subscription_register(actor=reader, endpoint=given["endpoint"], **given["keys"])
        second.start()
        assert poll(lambda: not second.is_alive() or somebody_waits(), timeout=10)
    second.join(timeout=10)
    assert [row.endpoint[-3:] for row in PushSubscription.objects.all()] == ["two"]


@pytest.mark.django_db(transaction=True)
def test_a_browser_that_registers_several_times_at_once_is_one(as_user: AsUser) -> None:
    reader = FreelancerFactory()
    calls = [(as_user(reader), browser("one")) for _ in range(6)]
    answers = at_once([lambda one=one: one[0].post(LIST, one[1]).status_code for one in calls])
    assert sorted(answers) == [200] * 5 + [201]
    assert PushSubscription.objects.count() == 1


def test_a_subscription_that_ends_is_known_to_end(mine: APIClient) -> None:
    ends = timezone.now() + timedelta(days=3)
    assert mine.post(LIST, browser(expirationTime=int(ends.timestamp() * 1000))).status_code == 201
    row = PushSubscription.objects.get()
    assert row.expires_at is not None
    assert abs(row.expires_at - ends) < timedelta(seconds=1)
    gone = mine.post(LIST, browser(expirationTime=1_000))
    assert (gone.status_code, list(gone.json()["errors"])) == (400, ["expirationTime"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint": "https://evil.example/push"}, "endpoint"),
        ({"endpoint": "http://fcm.googleapis.com/x"}, "endpoint"),
        ({"endpoint": "https://169.254.169.254/latest/"}, "endpoint"),
        ({"endpoint": "not an address"}, "endpoint"),
        ({"endpoint": "https://fcm.googleapis.com/" + "x" * 3000}, "endpoint"),
        ({"endpoint": ""}, "endpoint"),
        ({"endpoint": 5}, "endpoint"),
        ({"keys": {"p256dh": "AAAA", "auth": "tBHItJI5svbpez7KI4CCXg"}}, "keys"),
        ({"keys": {"p256dh": b64(b"\x04" + b"\x01" * 64), "auth": "tBHItJI5svbpez7KI4CCXg"}}, "keys"),
        ({"keys": {"p256dh": "ليس مفتاحًا", "auth": "tBHItJI5svbpez7KI4CCXg"}}, "keys"),
        ({"keys": {"auth": "tBHItJI5svbpez7KI4CCXg"}}, "keys"),
        ({"keys": "text"}, "keys"),
        ({"expirationTime": "soon"}, "expirationTime"),
        ({"expirationTime": 10**18}, "expirationTime"),
        ({"userAgent": "a misspelt field"}, "userAgent"),
    ],
)
def test_what_no_browser_gives_is_refused_by_name(
    mine: APIClient, change: dict[str, Any], field: str
) -> None:
    answer = mine.post(LIST, browser() | change)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not PushSubscription.objects.exists()


def test_a_short_secret_is_refused(mine: APIClient) -> None:
    given = browser()
    given["keys"]["auth"] = "AAAA"
    assert mine.post(LIST, given).status_code == 400


def test_a_registration_sent_twice_with_one_key_is_answered_once(mine: APIClient) -> None:
    given = browser()
    first = mine.post(LIST, given, headers={"Idempotency-Key": "k1"})
    again = mine.post(LIST, given, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"


# --- Forgetting, testing, off -----------------------------------------------------------------------------------------


def test_only_ones_own_browser_can_be_forgotten(mine: APIClient, reader: User) -> None:
    own, others = PushSubscriptionFactory(user=reader), PushSubscriptionFactory()
    assert mine.delete(f"{LIST}{others.pk}/").status_code == 404
    assert mine.delete(f"{LIST}{own.pk}/").status_code == 204
    assert mine.delete(f"{LIST}{own.pk}/").status_code == 404
    assert list(PushSubscription.objects.all()) == [others]


def test_a_test_needs_a_browser(mine: APIClient, reader: User) -> None:
    assert mine.post(f"{URL}test/").json()["code"] == "push_no_subscription"
    PushSubscriptionFactory(user=reader)
    answer = mine.post(f"{URL}test/")
    assert (answer.status_code, answer.json()["count"]) == (202, 1)


@pytest.mark.parametrize(("language", "said"), [("en", "not set up"), ("ar", "غير مفعّلة")])
def test_without_a_key_the_api_says_that_push_is_off(
    mine: APIClient, settings: Any, language: str, said: str
) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    headers = {"Accept-Language": language}
    found = mine.get(URL, headers=headers).json()
    assert (found["enabled"], found["public_key"]) == (False, None)
    assert said in found["detail"]
    refused = mine.post(LIST, browser(), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (503, "push_off")
    assert mine.post(f"{URL}test/").status_code == 503


# --- What is held about a person --------------------------------------------------------------------------------------


def test_an_export_shows_the_browsers_but_not_their_secrets(reader: User) -> None:
    row = PushSubscriptionFactory(user=reader)
    (shown,) = account_export(actor=reader)["push_subscriptions"]
    assert shown["endpoint"] == row.endpoint
    assert row.auth not in json.dumps(shown, default=str)


def test_a_deleted_account_is_pushed_to_nowhere(reader: User) -> None:
    PushSubscriptionFactory(user=reader)
    account_delete(actor=reader, password=PASSWORD)
    assert not PushSubscription.objects.exists()


# --- Sizes ------------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), max_size=5_000)


@given(
    title=texts.map(lambda text: text[:255]), body=texts, limit=st.sampled_from([PAYLOAD_LIMIT, SHORT_LIMIT])
)
def test_whatever_is_said_a_push_is_small_and_readable(title: str, body: str, limit: int) -> None:
    fields = {"title": title, "body": body, "link": "/tasks/1", "notification_id": 1, "tag": "t" * 100}
    raw = payload_of(fields, limit=limit)
    assert len(raw) <= limit
    found = json.loads(raw)
    assert body.startswith(found["body"].removesuffix("…"))
    assert title.startswith(found["title"].removesuffix("…"))
    if len(json.dumps(fields, ensure_ascii=False).encode()) <= limit:
        assert found == fields


def test_a_title_is_cut_where_the_body_alone_does_not_make_it_small() -> None:
    fields = {"title": "😀" * 255, "body": "", "link": "/" + "x" * 400}
    assert len(payload_of(fields, limit=SHORT_LIMIT)) <= SHORT_LIMIT


@pytest.mark.django_db
def test_a_push_of_the_longest_arabic_notification_is_small() -> None:
    line = NotificationFactory(params={"task": "م" * 5_000}, link="/" + "x" * 400)
    message = message_for(line, language="ar")
    assert len(message.full.payload) <= PAYLOAD_LIMIT
    assert len(message.short.payload) <= SHORT_LIMIT
    assert len(json.loads(message.full.payload)["body"]) > 1_000
