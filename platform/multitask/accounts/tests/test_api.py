from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts.factories import PASSWORD, BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.accounts.services.users import user_register
from multitask.common.errors import Invalid
from multitask.conftest import AsUser
from multitask.notifications.models import Notification
from multitask.outbox.models import OutboxEvent
from multitask.tasks.factories import StartedTaskFactory
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db

NEW = {
    "username": "mona_dev",
    "email": "Mona@Example.com",
    "password": PASSWORD,
    "password2": PASSWORD,
    "first_name": "منى",
    "last_name": "عادل",
    "user_type": "freelancer",
}


def _register(api: APIClient, **changes: Any) -> Any:
    return api.post("/api/auth/register/", NEW | changes, format="json")


def _login(api: APIClient, username: str, password: str = PASSWORD) -> Any:
    return api.post("/api/auth/login/", {"username": username, "password": password}, format="json")


@pytest.mark.parametrize("user_type", ["client", "freelancer", "both"])
def test_anyone_registers_as_client_freelancer_or_both_and_is_logged_in(
    api: APIClient, user_type: str
) -> None:
    answer = _register(api, user_type=user_type)
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"access_token", "refresh_token", "user"}
    assert (body["user"]["username"], body["user"]["user_type"]) == ("mona_dev", user_type)
    assert body["user"]["email"] == "mona@example.com"
    assert PASSWORD not in answer.content.decode()
    seen = api.get("/api/auth/user/", headers={"Authorization": f"Bearer {body['access_token']}"})
    assert seen.json() == body["user"]
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(("user_type", "events"), [("client", 0), ("freelancer", 1), ("both", 1)])
def test_only_who_takes_work_begins_a_list(api: APIClient, user_type: str, events: int) -> None:
    _register(api, user_type=user_type)
    assert OutboxEvent.objects.filter(topic="profile.changed").count() == events


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_type": "admin"}, "user_type"),
        ({"user_type": "superuser"}, "user_type"),
        ({"username": "mona@home"}, "username"),
        ({"username": "mo"}, "username"),
        ({"username": "mona dev"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"username": ""}, "username"),
        ({"email": "not an address"}, "email"),
        ({"email": "x" * 250 + "@example.com"}, "email"),
        ({"password": "short1", "password2": "short1"}, "password"),
        ({"password": "12345678901", "password2": "12345678901"}, "password"),
        ({"password": "password123", "password2": "password123"}, "password"),
        ({"password": "mona_dev1", "password2": "mona_dev1"}, "password"),
        ({"password": "x" * 129, "password2": "x" * 129}, "password"),
        ({"password2": PASSWORD + "x"}, "password2"),
        ({"language": "fr"}, "language"),
    ],
)
def test_what_is_not_valid_is_refused_with_its_field(
    api: APIClient, changes: dict[str, Any], field: str
) -> None:
    answer = _register(api, **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["errors"]
    assert not User.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("field", ["username", "email", "password", "password2", "user_type"])
def test_every_needed_field_is_asked_for(api: APIClient, field: str) -> None:
    answer = api.post("/api/auth/register/", {k: v for k, v in NEW.items() if k != field}, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "other@example.com"}, "username"),
        ({"email": "other@example.com", "username": "MONA_DEV"}, "username"),
    ],
)
def test_a_name_is_taken_in_any_case(api: APIClient, changes: dict[str, Any], field: str) -> None:
    _register(api)
    answer = _register(api, **changes)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert User.objects.count() == 1


def test_a_taken_address_is_called_that_whatever_words_it_holds() -> None:
    user_register(username="first", email="my.username@example.com", password=None)
    with pytest.raises(Invalid) as refused:
        user_register(username="other", email="My.Username@example.com", password=None)
    assert (refused.value.code, refused.value.field) == ("email_taken", "email")


def test_the_language_of_registration_becomes_the_users_own(api: APIClient) -> None:
    _register(api)
    assert User.objects.get().language == "en"
    APIClient().post(
        "/api/auth/register/", NEW | {"username": "other", "email": "o@example.com"}, format="json"
    )
    assert User.objects.get(username="other").language == "ar"


@pytest.mark.parametrize("name", ["person_x", "PERSON_X", "person_x@example.com", "Person_X@Example.COM"])
def test_login_by_user_name_or_address_in_any_case(api: APIClient, name: str) -> None:
    user = ClientFactory(username="person_x")
    answer = _login(api, name)
    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == user.pk
    user.refresh_from_db()
    assert user.last_login is not None


def test_a_wrong_pair_is_answered_alike_whether_the_account_exists_or_not(api: APIClient) -> None:
    ClientFactory(username="person_x")
    ClientFactory(username="sleeper", is_active=False)
    answers = [
        _login(api, "person_x", "wrong-password"),
        _login(api, "nobody", "wrong-password"),
        _login(api, "nobody@example.com", "wrong-password"),
        _login(api, "sleeper", PASSWORD),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "invalid_credentials"


def test_an_unknown_account_costs_as_many_password_hashes_as_a_wrong_password(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    ClientFactory(username="person_x")
    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    numbers = []
    for name in ("person_x", "nobody"):
        hashed.clear()
        _login(api, name, "wrong-password")
        numbers.append(len(hashed))
    assert numbers == [1, 1]


def test_a_password_with_spaces_at_its_ends_is_kept_as_it_is(api: APIClient) -> None:
    password = "  spaces at both ends  "
    _register(api, password=password, password2=password)
    assert _login(api, "mona_dev", password).status_code == 200
    assert _login(api, "mona_dev", password.strip()).status_code == 401


def test_the_token_of_a_deleted_or_deactivated_user_is_401(as_user: AsUser) -> None:
    user = ClientFactory()
    client = as_user(user)
    assert client.get("/api/auth/user/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/api/auth/user/").status_code == 401
    User.objects.filter(pk=user.pk).delete()
    answer = client.get("/api/auth/user/")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_refresh_token_is_no_access_token(api: APIClient) -> None:
    refresh = _register(api).json()["refresh_token"]
    assert api.get("/api/auth/user/", headers={"Authorization": f"Bearer {refresh}"}).status_code == 401


def test_a_token_signed_with_another_secret_is_401(api: APIClient, client_user: User) -> None:
    import jwt

    forged = jwt.encode(
        {"token_type": "access", "user_id": str(client_user.pk), "exp": 2**31, "jti": "x"}, "y" * 40
    )
    assert api.get("/api/auth/user/", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_an_account_is_its_owners_alone(api: APIClient, as_user: AsUser, client_user: User) -> None:
    assert api.get("/api/auth/user/").status_code == 401
    body = as_user(client_user).get("/api/auth/user/").json()
    assert (body["email"], body["phone_number"]) == (client_user.email, client_user.phone_number)
    assert not {"password", "is_superuser", "is_staff", "last_login"} & set(body)


@pytest.mark.parametrize(
    "path", ["/api/tasks/", "/api/tasks/{}/", "/api/recommendations/for-you/", "/api/notifications/"]
)
@pytest.mark.parametrize("make", [FreelancerFactory, BothFactory])
def test_nobody_else_sees_an_address_or_a_telephone_number(
    api: APIClient, as_user: AsUser, path: str, make: Callable[[], User]
) -> None:
    task = StartedTaskFactory()
    Notification.objects.create(
        recipient=make(),
        notification_type="task_completed",
        params={"task": task.title},
        title="x",
        message="y",
        dedupe_key="k",
    )
    for caller in (api, as_user(make())):
        content = caller.get(path.format(task.pk)).content.decode()
        for person in (task.client, task.assigned_to):
            assert person.email not in content
            assert person.phone_number not in content


@pytest.mark.parametrize(("path", "most"), [("/api/auth/user/", 1), ("/api/categories/", 1)])
def test_simple_reads_cost_a_fixed_few_queries(
    as_user: AsUser, client_user: User, path: str, most: int
) -> None:
    client = as_user(client_user)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    assert len(queries) <= most + 1


@pytest.mark.django_db(transaction=True)
def test_two_registrations_of_one_name_at_once_are_one_account_and_one_refusal() -> None:
    def register(number: int) -> Callable[[], Any]:
        return lambda: _register(APIClient(), email=f"mona{number}@example.com")

    answers = at_once([register(number) for number in range(4)])
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    assert User.objects.count() == 1
    assert OutboxEvent.objects.filter(topic="profile.changed").count() == 1
