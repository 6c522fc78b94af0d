"""Nobody learns here whether an address has an account: everything about a free and a taken one is alike."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts.factories import PASSWORD, ClientFactory
from multitask.accounts.models import AttemptLog, User
from multitask.accounts.services.tokens import tokens_issue
from multitask.accounts.tests.test_passwords import NEW, link
from multitask.outbox.models import OutboxEvent
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
ADDRESS = "wanted@example.com"
OTHERS = "Another-long-Passphrase-1"
REGISTER, LOGIN, OWN = "/api/auth/register/", "/api/auth/login/", "/api/auth/user/"
VERIFY, RESEND, RESET = "/api/auth/email/verify/", "/api/auth/email/resend/", "/api/auth/password/reset/"
# Whose the address is beforehand.
CASES = ["free", "proved", "unproved"]
PASSING = {
    "id",
    "access_token",
    "refresh_token",
    "created_at",
    "updated_at",
    "exported_at",
    "date_joined",
    "last_login",
}


def owner(case: str, **more: Any) -> User | None:
    if case == "free":
        return None
    return ClientFactory(email=ADDRESS, is_verified=case == "proved", password=OTHERS, **more)


def client_of(user: User, language: str = "en") -> APIClient:
    client = APIClient(headers={"Accept-Language": language})
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens_issue(user=user).access}")
    return client


def register(username: str = "mona_dev", email: str = ADDRESS, **more: Any) -> Any:
    body = {"username": username, "email": email, "password": PASSWORD, "password2": PASSWORD}
    return APIClient().post(REGISTER, body | {"user_type": "freelancer"} | more)


def log_in(name: str, password: str = PASSWORD) -> Any:
    return APIClient(headers={"Accept-Language": "en"}).post(LOGIN, {"username": name, "password": password})


def lasting(value: Any) -> Any:
    """A body without what differs between any two accounts."""
    if isinstance(value, dict):
        return {key: lasting(item) for key, item in value.items() if key not in PASSING}
    if isinstance(value, str):
        # How long a lock still holds depends on the second in which it is asked for.
        return re.sub(r"\d+(?= (?:seconds|ثاني|ثوان))", "N", value)
    return [lasting(item) for item in value] if isinstance(value, list) else value


class Seen:
    """What one request shows, and what it does: to be alike whoever has the address."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def call(self, made: Any) -> Any:
        before = OutboxEvent.objects.count()
        hashed: list[str] = []
        encode = MD5PasswordHasher.encode

        def counting(hasher: Any, password: str, salt: str) -> str:
            hashed.append(password)
            return encode(hasher, password, salt)

        with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as queries:
            patch.setattr(MD5PasswordHasher, "encode", counting)
            answer = made()
        # What a query is, without its values: where it reads and what it writes.
        shapes = [re.sub(r"'[^']*'|\"s\d+_x\d+\"|\d+|\s+", " ", query["sql"])[:60] for query in queries]
        topics = list(OutboxEvent.objects.order_by("id").values_list("topic", flat=True))[before:]
        headers = sorted(set(answer.headers) - {"X-Request-ID", "Date"})
        body = lasting(answer.json()) if answer.content else None
        self.rows.append((answer.status_code, body, headers, topics, shapes, len(hashed)))
        return answer


def life_with_the_address(case: str) -> list[Any]:
    """Everything a stranger can do with the address, in order."""
    someone = owner(case)
    seen = Seen()
    me = User.objects.get(pk=seen.call(register).json()["user"]["id"])
    seen.call(lambda: log_in(ADDRESS))
    seen.call(lambda: log_in(ADDRESS.upper(), "wrong"))
    seen.call(lambda: register("mona_two"))
    seen.call(lambda: log_in(ADDRESS))
    seen.call(lambda: APIClient().post(RESET, {"email": ADDRESS}))
    client = client_of(me)
    seen.call(lambda: client.get(OWN))
    seen.call(lambda: client.get("/api/auth/export/"))
    seen.call(
        lambda: client.post(
            "/api/auth/password/change/",
            {"old_password": PASSWORD, "new_password": ADDRESS, "new_password2": ADDRESS},
        )
    )
    # Away from the address and back to it.
    seen.call(lambda: client.patch(OWN, {"email": "elsewhere@example.com"}))
    seen.call(lambda: log_in("elsewhere@example.com"))
    User.objects.filter(username="mona_two").delete()
    seen.call(lambda: log_in(ADDRESS))
    seen.call(lambda: client.patch(OWN, {"email": ADDRESS}))
    seen.call(lambda: log_in(ADDRESS))
    # The lock on the address outlives the account.
    for _ in range(6):
        seen.call(lambda: log_in(ADDRESS, "wrong"))
    seen.call(lambda: client.delete(OWN, {"password": PASSWORD}))
    seen.call(lambda: log_in(ADDRESS, "wrong"))
    seen.call(lambda: register("mona_three"))
    assert someone is None or User.objects.get(pk=someone.pk).email == ADDRESS
    return seen.rows


@pytest.mark.parametrize("case", CASES[1:])
def test_a_taken_address_is_like_a_free_one_from_registration_to_the_end(case: str) -> None:
    taken = life_with_the_address(case)
    User.objects.all().delete()
    OutboxEvent.objects.all().delete()
    AttemptLog.objects.all().delete()
    free = life_with_the_address("free")
    assert [row[:4] for row in taken] == [row[:4] for row in free]
    assert [row[5] for row in taken] == [row[5] for row in free]
    for step, (one, other) in enumerate(zip(taken, free, strict=True)):
        assert one[4] == other[4], step


@pytest.mark.parametrize("proved", [False, True])
def test_moving_to_a_taken_address_is_like_moving_to_a_free_one(proved: bool) -> None:
    rows = []
    for case in CASES:
        owner(case)
        me = ClientFactory(is_verified=proved, email=f"me-{case}@example.com", username=f"me_{case}")
        client, seen = client_of(me), Seen()
        seen.call(lambda c=client: c.patch(OWN, {"email": ADDRESS.upper()}))
        seen.call(lambda c=client: c.get(OWN))
        seen.call(lambda: log_in(ADDRESS))
        seen.call(lambda n=f"me-{case}@example.com": log_in(n))
        rows.append([(row[0], *row[2:]) for row in seen.rows])
        assert [row[1]["email"] for row in seen.rows[:2]] == [ADDRESS] * 2
        assert seen.rows[0][1]["is_verified"] is False
        User.objects.all().delete()
    assert rows[0] == rows[1] == rows[2]


def test_asking_for_the_mail_again_shows_nothing_whoever_has_the_address() -> None:
    rows = []
    for case in [*CASES, "nobody"]:
        User.objects.all().delete()
        AttemptLog.objects.all().delete()
        owner("free" if case == "nobody" else case)
        if case != "nobody":
            register()
        seen = Seen()
        seen.call(lambda: APIClient().post(RESEND, {"email": ADDRESS}))
        rows.append(seen.rows)
    assert rows[0] == rows[1] == rows[2] == rows[3]
    assert rows[0][0][0] == 200


def test_owner_and_claimer_both_log_in_with_the_address_each_by_the_own_password() -> None:
    someone = owner("proved")
    me = register().json()["user"]["id"]
    assert someone is not None
    assert log_in(ADDRESS, OTHERS).json()["user"]["id"] == someone.pk
    assert log_in(ADDRESS).json()["user"]["id"] == me
    assert log_in(ADDRESS, "neither").status_code == 401


def test_logging_in_by_address_costs_the_same_hashes_whoever_has_it() -> None:
    numbers = []
    for make in (lambda: None, lambda: owner("proved"), register, lambda: register("mona_two")):
        make()
        for password in (PASSWORD, OTHERS, "neither"):
            seen = Seen()
            seen.call(lambda p=password: log_in(ADDRESS, p))
            numbers.append(seen.rows[0][5])
    assert numbers == [3] * 12


def test_however_many_claim_an_address_its_proved_owner_logs_in_with_it() -> None:
    someone = owner("proved")
    for number in range(4):
        register(f"claimer{number}")
    assert someone is not None
    assert log_in(ADDRESS, OTHERS).json()["user"]["id"] == someone.pk


def test_a_claimers_own_logins_give_no_further_guesses_at_the_owners_password() -> None:
    owner("proved")
    register()
    for _ in range(4):
        assert log_in(ADDRESS, "guess").status_code == 401
    assert log_in(ADDRESS).status_code == 200
    assert log_in(ADDRESS, "guess").status_code == 401
    assert log_in(ADDRESS, "guess").status_code == 429


@pytest.mark.parametrize("case", CASES)
def test_the_lock_on_an_address_does_not_end_with_an_account_that_had_not_proved_it(case: str) -> None:
    owner(case)
    me = User.objects.get(pk=register().json()["user"]["id"])
    client = client_of(me)
    assert [log_in(ADDRESS, "guess").status_code for _ in range(6)] == [401] * 5 + [429]
    assert client.delete(OWN, {"password": PASSWORD}).status_code == 204
    assert log_in(ADDRESS, "guess").status_code == 429


def test_an_owners_login_forgets_the_failures_under_the_proved_address() -> None:
    owner("proved")
    for _ in range(3):
        for _ in range(4):
            assert log_in(ADDRESS, "guess").status_code == 401
        assert log_in(ADDRESS, OTHERS).status_code == 200


@pytest.mark.parametrize("case", CASES)
def test_a_reset_goes_to_the_owner_alone(case: str, pipeline: Pipeline) -> None:
    someone = owner(case)
    if someone is not None:
        register()
    pipeline.drain()
    mail.outbox.clear()
    APIClient().post(RESET, {"email": ADDRESS})
    pipeline.drain()
    assert [message.to for message in mail.outbox] == ([[ADDRESS]] if someone else [])
    if someone is not None:
        body = {**link(), "new_password": NEW, "new_password2": NEW}
        assert APIClient().post(f"{RESET}confirm/", body).status_code == 200
        assert log_in(someone.username, NEW).status_code == 200
        assert log_in("mona_dev", NEW).status_code == 401


def test_a_claim_on_an_address_that_nobody_owns_gets_no_reset(pipeline: Pipeline) -> None:
    ClientFactory(email="", pending_email=ADDRESS)
    APIClient().post(RESET, {"email": ADDRESS})
    pipeline.drain()
    assert not mail.outbox


@pytest.mark.parametrize(
    ("language", "subject"), [("ar", "لديك حساب بالفعل"), ("en", "You already have an account")]
)
@pytest.mark.parametrize("how", ["register", "change", "resend"])
def test_the_mailbox_of_a_taken_address_is_told_without_a_key_or_a_word_of_the_other(
    pipeline: Pipeline, language: str, subject: str, how: str
) -> None:
    someone = owner("proved", language=language, first_name="Salma")
    if how == "change":
        me = ClientFactory(username="mona_dev", first_name="Mallory")
        client_of(me).patch(OWN, {"email": ADDRESS})
    else:
        register(first_name="Mallory")
    if how == "resend":
        pipeline.drain()
        mail.outbox.clear()
        APIClient().post(RESEND, {"email": ADDRESS})
    pipeline.drain()
    (message,) = mail.outbox
    assert someone is not None
    assert (message.subject, message.to) == (subject, [ADDRESS])
    said = str(message.body) + str(message.alternatives[0][0])  # type: ignore[attr-defined]
    assert "Salma" in said
    assert "key=" not in said
    assert "Mallory" not in said
    assert "mona_dev" not in said


def test_a_free_address_gets_the_key_and_the_mail_says_whose_account_it_is(pipeline: Pipeline) -> None:
    register()
    pipeline.drain()
    (message,) = mail.outbox
    assert "mona_dev" in message.body
    assert APIClient().post(VERIFY, link()).status_code == 200
    me = User.objects.get(username="mona_dev")
    assert (me.email, me.pending_email, me.is_verified) == (ADDRESS, "", True)


def test_one_address_gets_three_such_mails_an_hour_however_many_register_with_it(pipeline: Pipeline) -> None:
    owner("proved")
    assert [register(f"claimer{number}").status_code for number in range(6)] == [201] * 6
    pipeline.drain()
    assert len(mail.outbox) == 3
