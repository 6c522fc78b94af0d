from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.accounts.services.login import user_authenticate
from multitask.accounts.services.users import user_register
from multitask.common.errors import DomainError, Invalid

pytestmark = pytest.mark.django_db


def _refused(constraint: str, **changes: Any) -> None:
    user = ClientFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**changes)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("user_type_known", {"user_type": "king"}),
        ("user_rating_range", {"average_rating": Decimal("5.01")}),
        ("user_rating_range", {"average_rating": Decimal("-0.01")}),
        ("total_reviews", {"total_reviews": -1}),
    ],
)
def test_the_database_itself_refuses_what_must_never_be(constraint: str, changes: dict[str, Any]) -> None:
    _refused(constraint, **changes)


@pytest.mark.parametrize("field", ["username", "email"])
def test_the_database_itself_keeps_names_and_addresses_unique_in_any_case(field: str) -> None:
    first = ClientFactory(username="someone", email="someone@example.com")
    _refused(f"user_{field}_unique", **{field: getattr(first, field).upper()})


@pytest.mark.parametrize("columns", [["email"], ["user_type"], ["created_at"]], ids=",".join)
def test_the_description_s_indexes_are_there(columns: list[str]) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, User._meta.db_table)
    assert any(one["index"] and one["columns"][: len(columns)] == columns for one in found.values())


def test_the_service_makes_no_administrator() -> None:
    with pytest.raises(Invalid) as refused:
        user_register(username="root2", email="root2@example.com", password=None, user_type="admin")
    assert (refused.value.code, refused.value.field) == ("admin_refused", "user_type")


def test_an_account_without_a_password_cannot_be_logged_into() -> None:
    user_register(username="imported", email="imported@example.com", password=None)
    for password in ("", "None", "!"):
        with pytest.raises(DomainError):
            user_authenticate(login="imported", password=password)


def test_a_superuser_is_an_administrator_of_the_marketplace() -> None:
    assert (
        User.objects.create_superuser("boss", "boss@example.com", "a-long-Passphrase-7").user_type == "admin"
    )


def test_every_person_speaks_one_of_the_two_languages_arabic_by_default() -> None:
    field = User._meta.get_field("language")
    assert [code for code, _ in field.flatchoices] == ["ar", "en"]  # type: ignore[union-attr]
    assert ClientFactory().language == "ar"
