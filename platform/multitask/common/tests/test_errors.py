from __future__ import annotations

import re

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from multitask.accounts.models import User
from multitask.common.errors import MESSAGES, DomainError, Forbidden, Invalid, NotFound, domain_response
from multitask.conftest import AsUser

ARABIC = re.compile("[\u0621-\u064a]")


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_message_says_the_same_in_both_languages(code: str) -> None:
    message = MESSAGES[code]
    assert ARABIC.search(message.ar)
    assert re.search("[A-Za-z]", message.en)
    assert not ARABIC.search(message.en)
    assert set(re.findall(r"\{(\w+)\}", message.en)) == set(re.findall(r"\{(\w+)\}", message.ar))


def test_an_error_without_a_message_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        DomainError("nobody_wrote_this")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DomainError("task_not_open"), 409, "task_not_open"),
        (DomainError("invalid_credentials", status=401), 401, "invalid_credentials"),
        (Forbidden("not_a_client"), 403, "not_a_client"),
        (NotFound(), 404, "not_found"),
    ],
)
def test_a_broken_rule_is_answered_with_its_status_and_code(
    error: DomainError, status: int, code: str
) -> None:
    answer = domain_response(error)
    assert answer.status_code == status
    assert set(answer.data) == {"detail", "code"}
    assert answer.data["code"] == code


def test_a_field_at_fault_is_named() -> None:
    answer = domain_response(Invalid("budget_range", field="budget", low="10", high="20"))
    assert answer.status_code == 400
    assert answer.data["code"] == "invalid"
    assert list(answer.data["errors"]) == ["budget"]
    assert "10" in answer.data["errors"]["budget"][0]


SHAPES = [
    ("get", "/api/auth/user/", None, 401, "not_authenticated"),
    ("get", "/api/tasks/999999999/", None, 404, "not_found"),
    ("get", "/api/no/such/path/", None, 404, "not_found"),
    ("get", "/no/such/path", None, 404, "not_found"),
    ("get", "/api/tasks/?page=1000", None, 404, "not_found"),
    ("delete", "/api/tasks/", None, 401, "not_authenticated"),
    ("put", "/api/auth/login/", {}, 405, "method_not_allowed"),
    ("post", "/api/auth/login/", {}, 400, "invalid"),
    ("post", "/api/auth/login/", {"username": "nobody", "password": "nothing"}, 401, "invalid_credentials"),
    ("post", "/api/auth/login/", [1, 2], 400, "invalid"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "body", "status", "code"), SHAPES)
def test_every_error_has_one_shape_a_fixed_code_and_the_callers_language(
    method: str, path: str, body: object, status: int, code: str
) -> None:
    for language, looks_right in (
        ("ar", lambda text: bool(ARABIC.search(text))),
        ("en", lambda text: not ARABIC.search(text)),
    ):
        client = APIClient(raise_request_exception=False, headers={"Accept-Language": language})
        answer = getattr(client, method)(path, body, format="json")
        assert answer.status_code == status
        assert answer["Content-Type"].startswith("application/json")
        found = answer.json()
        assert found["code"] == code
        assert looks_right(found["detail"])
        assert set(found) <= {"detail", "code", "errors"}
        for texts in found.get("errors", {}).values():
            assert texts
            assert all(isinstance(text, str) for text in texts)


@pytest.mark.django_db
def test_arabic_is_spoken_where_nothing_is_asked_for() -> None:
    found = APIClient().get("/api/auth/user/").json()
    assert ARABIC.search(found["detail"])


@pytest.mark.django_db
def test_a_bad_token_is_401_and_says_which_scheme_to_use(api: APIClient) -> None:
    answer = api.get("/api/auth/user/", headers={"Authorization": "Bearer not.a.token"})
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_a_wrong_media_type_is_415_and_says_what_to_send(api: APIClient) -> None:
    answer = api.post("/api/auth/login/", "username=a", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "application/json" in answer.json()["detail"]


@pytest.mark.django_db
def test_a_format_that_is_not_offered_is_406(api: APIClient) -> None:
    answer = api.get("/api/tasks/", headers={"Accept": "application/xml"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_defect_is_a_500_with_the_request_id_and_never_a_trace(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    def break_down(**_: object) -> None:
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setattr("multitask.accounts.api.views.user_authenticate", break_down)
    client = APIClient(raise_request_exception=False, headers={"Accept-Language": language})
    body = {"username": "a", "password": "b"}
    answer = client.post("/api/auth/login/", body, format="json", headers={"X-Request-ID": "abcdef-123456"})
    assert answer.status_code == 500
    found = answer.json()
    assert found["code"] == "server_error"
    assert found["request_id"] == answer["X-Request-ID"] == "abcdef-123456"
    assert set(found) == {"detail", "code", "request_id"}
    assert found["detail"] == MESSAGES["server_error"].show(language)
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
def test_a_database_that_is_away_is_503_with_retry_after(
    monkeypatch: pytest.MonkeyPatch, api: APIClient
) -> None:
    def away(**_: object) -> None:
        raise OperationalError("could not connect to server at db.internal")

    monkeypatch.setattr("multitask.accounts.api.views.user_authenticate", away)
    answer = api.post("/api/auth/login/", {"username": "a", "password": "b"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert int(answer["Retry-After"]) > 0
    assert "db.internal" not in answer.content.decode()


@pytest.mark.parametrize("identifier", ["abcdef-123456", "A.b_c-d-0-1-2", "x" * 64])
def test_a_sane_request_id_is_answered(identifier: str) -> None:
    assert Client().get("/healthz", headers={"X-Request-ID": identifier})["X-Request-ID"] == identifier


@pytest.mark.parametrize(
    "identifier", ["", "short", "x" * 65, "a b c d e f g h", "abcdefgh;rm", "معرّف-الطلب", "a" * 8 + "\t"]
)
def test_an_odd_request_id_is_replaced(identifier: str) -> None:
    found = Client().get("/healthz", headers={"X-Request-ID": identifier})["X-Request-ID"]
    assert found != identifier
    assert re.fullmatch("[0-9a-f]{32}", found)


def test_every_request_without_an_id_gets_one_of_its_own() -> None:
    assert len({Client().get("/healthz")["X-Request-ID"] for _ in range(3)}) == 3


@pytest.mark.django_db
def test_errors_carry_the_request_id_too(as_user: AsUser, client_user: User) -> None:
    answer = as_user(client_user).get("/api/no/such", headers={"X-Request-ID": "abcdef-123456"})
    assert answer["X-Request-ID"] == "abcdef-123456"
