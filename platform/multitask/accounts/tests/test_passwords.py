"""Passwords changed and set anew; addresses proved. No answer tells whether an account exists."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import PASSWORD, ClientFactory
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.conftest import AsUser
from multitask.devstack.processes import free_port
from multitask.mail.models import MailGate
from multitask.outbox.models import OutboxEvent
from multitask.testing.concurrency import at_once
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
NEW = "another-Passphrase-8"
ASK, CONFIRM = "/api/auth/password/reset/", "/api/auth/password/reset/confirm/"
VERIFY, RESEND = "/api/auth/email/verify/", "/api/auth/email/resend/"


def link() -> dict[str, str]:
    """What the link of the latest mail says."""
    found = re.search(r"https?://\S+", str(mail.outbox[-1].body))
    assert found
    return {name: values[0] for name, values in parse_qs(urlsplit(found[0]).query).items()}


def logs_in(user: User, password: str) -> bool:
    answer = APIClient().post("/api/auth/login/", {"username": user.username, "password": password})
    return bool(answer.status_code == 200)


def change(client: APIClient, old: str = PASSWORD, new: str = NEW, new2: str | None = None) -> Any:
    return client.post(
        "/api/auth/password/change/",
        {"old_password": old, "new_password": new, "new_password2": new if new2 is None else new2},
    )


def test_a_changed_password_ends_every_older_token_and_gives_this_device_new_ones(
    as_user: AsUser, client_user: User, pipeline: Pipeline
) -> None:
    other = tokens_issue(user=client_user)
    client = as_user(client_user)
    answer = change(client)
    assert answer.status_code == 200
    assert client.get("/api/auth/user/").status_code == 401
    assert APIClient().post("/api/auth/token/refresh/", {"refresh": other.refresh}).status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
    assert client.get("/api/auth/user/").status_code == 200
    assert logs_in(client_user, NEW)
    assert not logs_in(client_user, PASSWORD)
    pipeline.drain()
    assert [message.to for message in mail.outbox] == [[client_user.email]]
    assert "تم تغيير كلمة مرور" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"old": "wrong"}, "old_password"),
        ({"new": "short"}, "new_password"),
        ({"new": "1234567890123"}, "new_password"),
        ({"new2": "different-Passphrase-9"}, "new_password2"),
    ],
)
def test_a_change_that_is_not_right_changes_nothing(
    as_user: AsUser, client_user: User, changes: dict[str, str], field: str
) -> None:
    client = as_user(client_user)
    answer = change(client, **changes)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert client.get("/api/auth/user/").status_code == 200
    assert logs_in(client_user, PASSWORD)


def test_the_old_password_cannot_be_guessed_by_who_has_a_token(as_user: AsUser, client_user: User) -> None:
    client = as_user(client_user)
    assert [change(client, old=f"guess{n}").status_code for n in range(6)] == [400] * 5 + [429]
    assert change(client).status_code == 429


def test_nobody_changes_a_password(api: APIClient) -> None:
    assert change(api).status_code == 401


def test_a_forgotten_password_is_set_by_the_link_of_a_mail_once(
    api: APIClient, client_user: User, pipeline: Pipeline
) -> None:
    session = tokens_issue(user=client_user)
    assert api.post(ASK, {"email": client_user.email.upper()}).status_code == 200
    pipeline.drain()
    sent = link()
    body = {**sent, "new_password": NEW, "new_password2": NEW}
    assert api.post(CONFIRM, body).status_code == 200
    assert logs_in(client_user, NEW)
    assert not logs_in(client_user, PASSWORD)
    assert api.post("/api/auth/token/refresh/", {"refresh": session.refresh}).status_code == 401
    again = api.post(CONFIRM, body)
    assert (again.status_code, again.json()["code"]) == (400, "reset_link_invalid")
    client_user.refresh_from_db()
    assert client_user.is_verified


def test_a_link_dies_after_two_hours(api: APIClient, client_user: User, pipeline: Pipeline) -> None:
    api.post(ASK, {"email": client_user.email})
    pipeline.drain()
    with time_machine.travel(timezone.now() + timedelta(hours=6), tick=True):
        assert api.post(CONFIRM, {**link(), "new_password": NEW, "new_password2": NEW}).status_code == 400
    assert logs_in(client_user, PASSWORD)


def test_a_weak_password_leaves_the_link_alive(api: APIClient, client_user: User, pipeline: Pipeline) -> None:
    api.post(ASK, {"email": client_user.email})
    pipeline.drain()
    answer = api.post(CONFIRM, {**link(), "new_password": "12345678", "new_password2": "12345678"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["new_password"])
    assert api.post(CONFIRM, {**link(), "new_password": NEW, "new_password2": NEW}).status_code == 200


@pytest.mark.parametrize("uid", ["", "MQ", "x", "😀", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "LTE"])
def test_a_made_up_link_is_refused(api: APIClient, client_user: User, uid: str) -> None:
    answer = api.post(CONFIRM, {"uid": uid, "token": "x-y", "new_password": NEW, "new_password2": NEW})
    assert answer.status_code == 400


def test_anothers_link_sets_ones_own_password_only(
    api: APIClient, client_user: User, both_user: User, pipeline: Pipeline
) -> None:
    api.post(ASK, {"email": client_user.email})
    pipeline.drain()
    mine = link()
    api.post(ASK, {"email": both_user.email})
    pipeline.drain()
    swapped = {"uid": link()["uid"], "token": mine["token"], "new_password": NEW, "new_password2": NEW}
    assert api.post(CONFIRM, swapped).status_code == 400
    assert logs_in(both_user, PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_of_one_link_at_once_one_wins(pipeline: Pipeline) -> None:
    user = ClientFactory()
    APIClient().post(ASK, {"email": user.email})
    pipeline.drain()
    sent = link()

    def use(password: str) -> Any:
        return APIClient().post(CONFIRM, {**sent, "new_password": password, "new_password2": password})

    answers = at_once([lambda n=n: use(f"another-Passphrase-{n}") for n in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


@pytest.mark.parametrize("path", [ASK, RESEND])
def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(
    api: APIClient, client_user: User, path: str
) -> None:
    said, queries = [], []
    for email in (client_user.email, "nobody@example.com"):
        with CaptureQueriesContext(connection) as made:
            said.append(api.post(path, {"email": email}))
        queries.append([re.sub(r"'[^']*'|\d+", "?", query["sql"].split(" WHERE")[0])[:60] for query in made])
    assert {answer.status_code for answer in said} == {200}
    assert len({answer.content for answer in said}) == 1
    assert queries[0] == queries[1]


@pytest.mark.parametrize("path", [ASK, RESEND])
def test_an_address_gets_three_mails_an_hour_whoever_asks(
    client_user: User, pipeline: Pipeline, path: str
) -> None:
    for _ in range(6):
        assert APIClient().post(path, {"email": client_user.email}).status_code == 200
    assert APIClient().post(path, {"email": "nobody@example.com"}).status_code == 200
    pipeline.drain()
    assert [message.to for message in mail.outbox] == [[client_user.email]] * 3
    assert not pipeline.dead()


def test_a_reset_opens_the_lock_that_somebody_else_caused(
    api: APIClient, client_user: User, pipeline: Pipeline
) -> None:
    for _ in range(6):
        logs_in(client_user, "wrong")
    api.post(ASK, {"email": client_user.email})
    pipeline.drain()
    api.post(CONFIRM, {**link(), "new_password": NEW, "new_password2": NEW})
    assert logs_in(client_user, NEW)


def register(api: APIClient, **more: Any) -> User:
    answer = api.post(
        "/api/auth/register/",
        {
            "username": "mona_dev",
            "email": "mona@example.com",
            "password": PASSWORD,
            "password2": PASSWORD,
            "first_name": "<b>Mona</b>",
            "user_type": "client",
        }
        | more,
    )
    assert answer.status_code == 201, answer.content
    return User.objects.get(pk=answer.json()["user"]["id"])


@pytest.mark.parametrize(
    ("language", "subject", "direction"),
    [("ar", "أكّد بريدك الإلكتروني", "rtl"), ("en", "Confirm your e-mail address", "ltr")],
)
def test_registration_sends_the_verification_mail_in_the_users_language(
    api: APIClient, pipeline: Pipeline, language: str, subject: str, direction: str
) -> None:
    user = register(api, language=language)
    assert not user.is_verified
    assert not mail.outbox
    pipeline.drain()
    (message,) = mail.outbox
    assert (message.subject, message.to) == (subject, ["mona@example.com"])
    html = str(message.alternatives[0][0])
    assert f'lang="{language}" dir="{direction}"' in html
    assert "<b>Mona</b>" not in html
    answer = api.post(VERIFY, link())
    assert answer.status_code == 200
    user.refresh_from_db()
    assert user.is_verified


def test_a_registration_that_is_refused_sends_nothing(api: APIClient, pipeline: Pipeline) -> None:
    register(api)
    OutboxEvent.objects.all().delete()
    api.post("/api/auth/register/", {"username": "mona_dev"})
    assert not OutboxEvent.objects.exists()


def test_a_key_proves_the_address_it_was_sent_to_alone(
    api: APIClient, as_user: AsUser, pipeline: Pipeline
) -> None:
    user = register(api)
    pipeline.drain()
    old = link()
    as_user(user).patch("/api/auth/user/", {"email": "other@example.com"})
    pipeline.drain()
    answer = api.post(VERIFY, old)
    assert (answer.status_code, answer.json()["code"]) == (400, "verify_link_invalid")
    user.refresh_from_db()
    assert not user.is_verified
    assert mail.outbox[-1].to == ["other@example.com"]
    assert api.post(VERIFY, link()).status_code == 200
    user.refresh_from_db()
    assert user.is_verified


def test_a_key_expires_after_three_days(api: APIClient, pipeline: Pipeline) -> None:
    register(api)
    pipeline.drain()
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=True):
        assert api.post(VERIFY, link()).status_code == 400


@pytest.mark.parametrize("key", ["x", "a:b:c", "😀", "." * 900])
def test_a_made_up_key_is_refused(api: APIClient, key: str) -> None:
    assert api.post(VERIFY, {"key": key}).status_code == 400


def test_a_proved_address_is_not_asked_for_again(
    api: APIClient, client_user: User, pipeline: Pipeline
) -> None:
    User.objects.filter(pk=client_user.pk).update(is_verified=True)
    assert api.post(RESEND, {"email": client_user.email}).status_code == 200
    pipeline.drain()
    assert not mail.outbox


def test_a_mail_waits_while_the_mail_server_is_down_and_then_goes(
    api: APIClient, client_user: User, pipeline: Pipeline, settings: Any
) -> None:
    kept = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "multitask.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    api.post(ASK, {"email": client_user.email})
    for _ in range(8):
        pipeline.drain()
        MailGate.objects.update(closed_until=None)
        pipeline.make_due()
    assert not mail.outbox
    assert not pipeline.dead()
    settings.EMAIL_BACKEND = kept
    pipeline.drain()
    assert len(mail.outbox) == 1
