"""The browser's cookie: out of the reach of scripts, sent to our own pages' requests alone."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from multitask.accounts.factories import PASSWORD, ClientFactory
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue

pytestmark = pytest.mark.django_db
REFRESH, LOGOUT = "/api/auth/token/refresh/", "/api/auth/logout/"
OWN = {"Origin": "http://testserver"}


@pytest.fixture
def browser() -> APIClient:
    """Logged in; it has the cookie."""
    ClientFactory(username="person_x")
    client = APIClient(headers={"Accept-Language": "en"})
    answer = client.post("/api/auth/login/", {"username": "person_x", "password": PASSWORD})
    assert answer.status_code == 200
    return client


def test_the_cookie_holds_the_refresh_token_for_no_script_and_no_other_site(browser: APIClient) -> None:
    cookie = browser.cookies["refresh_token"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"]) == ("Strict", "/api/auth/")
    assert int(cookie["max-age"]) == 7 * 24 * 3600


def test_every_way_to_log_in_sets_it(api: APIClient) -> None:
    answer = api.post(
        "/api/auth/register/",
        {
            "username": "mona_dev",
            "email": "mona@example.com",
            "password": PASSWORD,
            "password2": PASSWORD,
            "user_type": "client",
        },
    )
    assert answer.cookies["refresh_token"].value == answer.json()["refresh_token"]


def test_it_is_for_encrypted_connections_alone_in_production(api: APIClient, settings: Any) -> None:
    settings.REFRESH_COOKIE_SECURE = True
    ClientFactory(username="person_x")
    answer = api.post("/api/auth/login/", {"username": "person_x", "password": PASSWORD})
    assert answer.cookies["refresh_token"]["secure"]


def test_refresh_and_logout_take_the_cookie_in_place_of_the_body(browser: APIClient) -> None:
    before = browser.cookies["refresh_token"].value
    answer = browser.post(REFRESH, headers=OWN)
    assert answer.status_code == 200
    assert browser.cookies["refresh_token"].value == answer.json()["refresh"] != before
    out = browser.post(LOGOUT, headers=OWN)
    assert out.status_code == 200
    assert not browser.cookies["refresh_token"].value
    again = APIClient().post(REFRESH, {"refresh": answer.json()["refresh"]})
    assert again.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver:8080"},
        {"Referer": "https://evil.example/testserver"},
        {"Origin": "http://[bad"},
        {"Origin": "https://evil.example", "Referer": "http://testserver/"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
def test_another_sites_request_with_the_cookie_is_403_and_changes_nothing(
    browser: APIClient, path: str, headers: dict[str, str]
) -> None:
    answer = browser.post(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert browser.post(REFRESH, headers=OWN).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        OWN,
        {"Referer": "http://testserver/some/page"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "https://spa.example"},
    ],
    ids=str,
)
def test_our_own_pages_may(browser: APIClient, settings: Any, headers: dict[str, str]) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://spa.example"]
    assert browser.post(REFRESH, headers=headers).status_code == 200


def test_a_token_in_the_body_needs_no_origin_and_comes_first(browser: APIClient, client_user: User) -> None:
    other = tokens_issue(user=client_user)
    assert browser.post(REFRESH, {"refresh": other.refresh}).status_code == 200
    assert browser.post(REFRESH, headers=OWN).status_code == 200


def test_without_any_token_it_is_401(api: APIClient) -> None:
    answer = api.post(REFRESH, headers=OWN)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
