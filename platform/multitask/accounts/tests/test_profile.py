"""One's own account: what may be changed, what never, and what follows from a change."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from multitask.accounts.api.serializers import READ_ONLY, OwnUserChangeSerializer
from multitask.accounts.factories import AdminFactory, ClientFactory
from multitask.accounts.models import User
from multitask.accounts.services.users import CHANGEABLE, user_change
from multitask.conftest import AsUser
from multitask.outbox.models import OutboxEvent

pytestmark = pytest.mark.django_db
ADDRESS = "/api/auth/user/"


def topics() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("topic", flat=True))


def test_the_owner_changes_what_describes_them(as_user: AsUser, client_user: User) -> None:
    values = {
        "first_name": "منى",
        "last_name": "عادل",
        "bio": "أبني متاجر إلكترونية 🛒",
        "phone_number": "+20 100 123 4567",
        "city": "الجيزة",
        "country": "مصر",
        "language": "en",
    }
    answer = as_user(client_user).patch(ADDRESS, values)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in values} == values
    assert as_user(client_user).get(ADDRESS).json() == answer.json()


def test_nobody_changes_an_account(api: APIClient) -> None:
    assert api.patch(ADDRESS, {"bio": "x"}).status_code == 401


def test_nothing_sent_changes_nothing(as_user: AsUser, freelancer: User) -> None:
    before = User.objects.values().get(pk=freelancer.pk)
    assert as_user(freelancer).patch(ADDRESS, {}).status_code == 200
    assert User.objects.values().get(pk=freelancer.pk) == before
    assert not topics()


FIXED = sorted(READ_ONLY - set(OwnUserChangeSerializer().fields))


@pytest.mark.parametrize("name", [*FIXED, "password", "posted_tasks", "pk", "nonsense"])
def test_what_is_not_the_owners_to_set_is_refused_by_name_and_nothing_is_changed(
    as_user: AsUser, freelancer: User, name: str
) -> None:
    before = User.objects.values().get(pk=freelancer.pk)
    answer = as_user(freelancer).patch(ADDRESS, {"bio": "changed", name: 5})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert User.objects.values().get(pk=freelancer.pk) == before


def test_registration_takes_no_field_that_is_not_its_own(api: APIClient) -> None:
    password = "a-long-Passphrase-7"
    answer = api.post(
        "/api/auth/register/",
        {
            "username": "mona_dev",
            "email": "mona@example.com",
            "password": password,
            "password2": password,
            "user_type": "client",
            "is_verified": True,
            "is_staff": True,
        },
    )
    assert set(answer.json()["errors"]) == {"is_verified", "is_staff"}
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bio", "x" * 5001),
        ("bio", None),
        ("bio", ["x"]),
        ("first_name", "x" * 151),
        ("phone_number", "call me"),
        ("phone_number", "1" * 21),
        ("language", "fr"),
        ("user_type", "admin"),
        ("user_type", ""),
        ("email", "no address"),
        ("email", "x" * 250 + "@example.com"),
        ("city", {"a": 1}),
    ],
)
def test_a_value_that_is_not_valid_is_refused_by_its_field(
    as_user: AsUser, client_user: User, field: str, value: Any
) -> None:
    answer = as_user(client_user).patch(ADDRESS, {field: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("client", "freelancer", ["profile.changed"]),
        ("client", "both", ["profile.changed"]),
        ("freelancer", "both", ["profile.changed"]),
        ("both", "client", ["list.stale"]),
        ("client", "client", []),
    ],
)
def test_moving_between_kinds_of_account_makes_or_unmakes_the_list(
    as_user: AsUser, before: str, after: str, told: list[str]
) -> None:
    user = ClientFactory(user_type=before)
    answer = as_user(user).patch(ADDRESS, {"user_type": after})
    assert (answer.status_code, answer.json()["user_type"]) == (200, after)
    assert topics() == told


def test_an_administrator_does_not_become_something_else_here(as_user: AsUser) -> None:
    admin = AdminFactory()
    answer = as_user(admin).patch(ADDRESS, {"user_type": "client"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["user_type"])
    admin.refresh_from_db()
    assert admin.user_type == "admin"


@pytest.mark.parametrize(("field", "told"), [("bio", 1), ("city", 1), ("first_name", 0), ("phone_number", 0)])
def test_matching_is_told_of_what_it_reads(as_user: AsUser, freelancer: User, field: str, told: int) -> None:
    as_user(freelancer).patch(ADDRESS, {field: "0100 123 4567"})
    assert topics() == ["profile.changed"] * told


def test_a_new_address_is_unproved_until_its_own_mail_is_answered(as_user: AsUser, client_user: User) -> None:
    User.objects.filter(pk=client_user.pk).update(is_verified=True)
    answer = as_user(client_user).patch(ADDRESS, {"email": "New@Example.com"})
    assert (answer.json()["email"], answer.json()["is_verified"]) == ("new@example.com", False)
    assert topics() == ["account.verification_asked", "account.email_changing"]


def test_the_service_takes_no_field_beyond_the_owners(client_user: User) -> None:
    with pytest.raises(TypeError, match="is_verified"):
        user_change(actor=client_user, is_verified=True)
    assert not CHANGEABLE & {"is_verified", "average_rating", "is_staff", "password"}


def test_the_searched_words_follow_the_name_and_the_bio(client_user: User) -> None:
    user_change(actor=client_user, bio="تصميم الأزياء", first_name="مُنى")
    client_user.refresh_from_db()
    assert "الازياء" in client_user.search_text
    assert "مني" in client_user.search_text


@pytest.mark.parametrize("name", ["deleted-5", "Deleted-77"])
def test_the_names_of_deleted_accounts_cannot_be_taken(api: APIClient, name: str) -> None:
    password = "a-long-Passphrase-7"
    answer = api.post(
        "/api/auth/register/",
        {
            "username": name,
            "email": "mona@example.com",
            "password": password,
            "password2": password,
            "user_type": "client",
        },
    )
    assert list(answer.json()["errors"]) == ["username"]
