"""A new address is claimed until it is proved; until then the proved one stays, and its mailbox is told."""

from __future__ import annotations

import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import PASSWORD, AdminFactory, ClientFactory
from multitask.accounts.models import FormerAddress, User
from multitask.accounts.selectors.addresses import _claims, _owns, _people
from multitask.accounts.services.leaving import account_erase
from multitask.accounts.services.moderation import user_edit
from multitask.accounts.services.users import user_change, user_register
from multitask.accounts.services.verification import (
    email_verify,
    former_addresses_prune,
    verification_key,
)
from multitask.accounts.tests.test_addresses import (
    ADDRESS,
    OWN,
    RESET,
    VERIFY,
    client_of,
    log_in,
    register,
)
from multitask.accounts.tests.test_passwords import NEW, link
from multitask.common.errors import DomainError, Invalid
from multitask.outbox.models import OutboxEvent
from multitask.testing.concurrency import at_once
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
OLD = "old@example.com"


def proved(**more: Any) -> User:
    return ClientFactory(email=OLD, is_verified=True, username="salma", language="en", **more)


def claimer(number: int) -> User:
    return ClientFactory(username=f"claimer{number}", email="", pending_email=ADDRESS)


def now(user: User) -> tuple[str, str, bool]:
    user.refresh_from_db()
    return user.email, user.pending_email, user.is_verified


def test_the_proved_address_stays_until_the_new_one_is_proved_and_then_is_told(pipeline: Pipeline) -> None:
    user = proved()
    answer = client_of(user).patch(OWN, {"email": ADDRESS})
    assert (answer.json()["email"], answer.json()["is_verified"]) == (ADDRESS, False)
    assert now(user) == (OLD, ADDRESS, True)
    pipeline.drain()
    by_address = {message.to[0]: message for message in mail.outbox}
    assert set(by_address) == {OLD, ADDRESS}
    assert by_address[OLD].subject == "Your e-mail address is being changed"
    assert ADDRESS not in by_address[OLD].body
    assert "key=" in by_address[ADDRESS].body
    for name in (OLD, ADDRESS):
        assert log_in(name).status_code == 200
    mail.outbox[:] = [by_address[ADDRESS]]
    key = link()
    mail.outbox.clear()
    assert APIClient().post(VERIFY, key).status_code == 200
    assert now(user) == (ADDRESS, "", True)
    pipeline.drain()
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([OLD], "Your e-mail address was changed")
    assert APIClient().post(VERIFY, key).status_code == 200
    assert log_in(OLD).status_code == 401


@pytest.mark.parametrize(
    ("step", "subject"),
    [("asked", "يجري تغيير بريدك الإلكتروني"), ("done", "تم تغيير بريدك الإلكتروني")],
)
def test_the_old_mailbox_is_told_in_its_readers_language(pipeline: Pipeline, step: str, subject: str) -> None:
    user = proved()
    User.objects.filter(pk=user.pk).update(language="ar")
    user_change(actor=user, email=ADDRESS)
    if step == "done":
        user.refresh_from_db()
        email_verify(key=verification_key(user=user))
    pipeline.drain()
    (message,) = [one for one in mail.outbox if one.to == [OLD]]
    assert message.subject == subject
    assert 'dir="rtl"' in str(message.alternatives[0][0])  # type: ignore[attr-defined]


def test_a_reset_by_the_old_mailbox_ends_the_change(pipeline: Pipeline) -> None:
    user = proved()
    user_change(actor=user, email=ADDRESS)
    user.refresh_from_db()
    key = verification_key(user=user)
    pipeline.drain()
    mail.outbox.clear()
    APIClient().post(RESET, {"email": OLD})
    pipeline.drain()
    body = {**link(), "new_password": NEW, "new_password2": NEW}
    assert APIClient().post(f"{RESET}confirm/", body).status_code == 200
    assert now(user) == (OLD, "", True)
    assert APIClient().post(VERIFY, {"key": key}).status_code == 400
    assert now(user) == (OLD, "", True)


def test_going_back_to_the_proved_address_ends_the_change_without_a_mail() -> None:
    user = proved()
    client = client_of(user)
    client.patch(OWN, {"email": ADDRESS})
    OutboxEvent.objects.all().delete()
    answer = client.patch(OWN, {"email": OLD.upper()})
    assert (answer.json()["email"], answer.json()["is_verified"]) == (OLD, True)
    assert now(user) == (OLD, "", True)
    assert not OutboxEvent.objects.exists()


def test_an_address_that_was_never_proved_is_let_go_and_not_told(pipeline: Pipeline) -> None:
    user = ClientFactory(email=OLD)
    client_of(user).patch(OWN, {"email": ADDRESS})
    assert now(user) == ("", ADDRESS, False)
    pipeline.drain()
    assert [message.to for message in mail.outbox] == [[ADDRESS]]
    assert APIClient().post(VERIFY, link()).status_code == 200
    assert now(user) == (ADDRESS, "", True)
    assert not FormerAddress.objects.exists()


def test_a_claim_is_refused_like_a_stale_key_once_somebody_owns_the_address() -> None:
    user = claimer(1)
    key = verification_key(user=user)
    user_register(username="first", email=ADDRESS, password=None)
    answer = APIClient(headers={"Accept-Language": "en"}).post(VERIFY, {"key": key})
    stale = APIClient(headers={"Accept-Language": "en"}).post(VERIFY, {"key": "stale"})
    assert (answer.status_code, answer.content) == (stale.status_code, stale.content)
    assert now(user) == ("", ADDRESS, False)


@pytest.mark.django_db(transaction=True)
def test_of_those_who_prove_one_address_at_once_one_owns_it() -> None:
    for _ in range(5):
        keys = [verification_key(user=claimer(number)) for number in range(4)]
        answers = at_once([lambda key=key: APIClient().post(VERIFY, {"key": key}) for key in keys])
        assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
        assert User.objects.filter(email=ADDRESS, is_verified=True, pending_email="").count() == 1
        assert User.objects.filter(email="", is_verified=False, pending_email=ADDRESS).count() == 3
        User.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_of_those_who_register_with_one_address_at_once_one_owns_it_and_all_are_answered_alike() -> None:
    answers = at_once([lambda name=f"person_{number}": register(name) for number in range(4)])
    assert [answer.status_code for answer in answers] == [201] * 4
    assert User.objects.filter(email=ADDRESS).count() == 1
    assert User.objects.filter(email="", pending_email=ADDRESS).count() == 3
    assert OutboxEvent.objects.filter(topic="profile.changed").count() == 4


@pytest.mark.django_db(transaction=True)
def test_proving_and_registering_one_address_at_once_gives_it_one_owner() -> None:
    for _ in range(5):
        key = verification_key(user=claimer(1))
        proof, made = at_once([lambda key=key: APIClient().post(VERIFY, {"key": key}), register])
        assert made.status_code == 201
        assert proof.status_code in {200, 400}
        assert User.objects.filter(email=ADDRESS).count() == 1
        User.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_who_registers_while_another_is_about_to_own_the_address_claims_it() -> None:
    """The other's row is there, not yet committed, when the address is looked up."""

    def first() -> None:
        with transaction.atomic():
            ClientFactory(email=ADDRESS)
            time.sleep(0.5)

    def second() -> Any:
        time.sleep(0.2)
        return register()

    _, answer = at_once([first, second])
    assert answer.status_code == 201
    assert now(User.objects.get(username="mona_dev")) == ("", ADDRESS, False)


def test_a_deactivated_or_deleted_account_proves_nothing() -> None:
    user = claimer(1)
    key = verification_key(user=user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(DomainError, match="expired"):
        email_verify(key=key)


def test_deletion_clears_claim_and_former_addresses() -> None:
    user = proved()
    user_change(actor=user, email="second@example.com")
    user.refresh_from_db()
    email_verify(key=verification_key(user=user))
    user_change(actor=user, email=ADDRESS)
    assert FormerAddress.objects.filter(user=user, email=OLD).exists()
    account_erase(user=user)
    user.refresh_from_db()
    assert (user.pending_email, user.address) == ("", f"deleted-{user.pk}@deleted.invalid")
    assert not FormerAddress.objects.exists()
    with pytest.raises(DomainError, match="deleted"):
        user_change(actor=user, email=ADDRESS)


def test_an_export_holds_the_claim_the_proved_address_and_those_before() -> None:
    user = proved()
    client = client_of(user)
    FormerAddress.objects.create(user=user, email="older@example.com")
    client.patch(OWN, {"email": ADDRESS})
    body = client.get("/api/auth/export/").json()
    account = body["account"]
    assert (account["email"], account["is_verified"], account["proved_email"]) == (ADDRESS, False, OLD)
    assert [row["email"] for row in body["former_addresses"]] == ["older@example.com"]


def test_former_addresses_are_forgotten_after_thirty_days() -> None:
    user = proved()
    for days in (29, 31):
        when = timezone.now() - timedelta(days=days)
        FormerAddress.objects.create(user=user, email=f"{days}@example.com", replaced_at=when)
    assert former_addresses_prune() == 1
    assert FormerAddress.objects.get().email == "29@example.com"


def test_the_log_in_of_an_account_without_an_address_of_its_own_is_its_name() -> None:
    user = claimer(1)
    client = client_of(user)
    body = {"old_password": PASSWORD, "new_password": NEW, "new_password2": NEW}
    assert client.post("/api/auth/password/change/", body).status_code == 200
    assert log_in("claimer1", NEW).status_code == 200


def test_a_changed_password_is_told_to_no_address_that_is_only_claimed(pipeline: Pipeline) -> None:
    client_of(claimer(1)).post(
        "/api/auth/password/change/",
        {"old_password": PASSWORD, "new_password": NEW, "new_password2": NEW},
    )
    pipeline.drain()
    assert not mail.outbox
    assert not pipeline.dead()


def test_an_operator_moves_an_account_to_another_address_as_its_owner_would() -> None:
    user = proved()
    user_edit(actor=AdminFactory(), user_id=user.pk, email=ADDRESS)
    assert now(user) == (OLD, ADDRESS, True)
    with pytest.raises(Invalid):
        user_edit(actor=AdminFactory(), user_id=user.pk, email="")


def test_a_superusers_address_is_stored_as_everybodys() -> None:
    call_command(
        "createsuperuser", "--noinput", "--username=boss", "--email=Boss@Example.com", stdout=StringIO()
    )
    assert User.objects.get(username="boss").email == "boss@example.com"


@pytest.mark.parametrize("field", ["email", "pending_email"])
def test_an_address_is_looked_up_by_an_index(field: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    wanted = _owns(ADDRESS) if field == "email" else _owns(ADDRESS) | _claims(ADDRESS)
    plan = _people().filter(wanted).explain()
    assert "user_email_unique_any_case" in plan
    assert ("user_claims" in plan) == (field == "pending_email")
