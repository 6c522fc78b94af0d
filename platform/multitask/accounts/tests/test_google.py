"""Login with Google, against a local provider that checks client, redirect, code and verifier for itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import ExternalIdentity, LoginState, User
from multitask.accounts.services.external import states_prune
from multitask.accounts.tests import openid
from multitask.accounts.tests.openid import Provider
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db
BEGIN, CALLBACK, CODE = "/api/auth/google/login/", "/api/auth/google/callback/", "/api/auth/google/"
SPA = "http://127.0.0.1:8000/login/google"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
MONA = {
    "sub": "11223344",
    "email": "Mona.Adel@gmail.example",
    "email_verified": True,
    "given_name": "منى",
    "family_name": "عادل",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with openid.serving() as provider:
        yield provider


@pytest.fixture
def google(server: Provider, settings: Any) -> Provider:
    """The provider with Mona at its keyboard, and settings that point at it."""
    server.person, server.change, server.key, server.kid, server.down = (
        dict(MONA),
        {},
        openid.KEY,
        "k1",
        False,
    )
    server.grants.clear()
    server.exchanges.clear()
    settings.GOOGLE_CLIENT_ID = openid.CLIENT_ID
    settings.GOOGLE_CLIENT_SECRET = openid.CLIENT_SECRET
    settings.GOOGLE_AUTHORIZE_URL = f"{server.address}/authorize"
    settings.GOOGLE_TOKEN_URL = f"{server.address}/token"
    settings.GOOGLE_JWKS_URL = f"{server.address}/certs"
    return server


def begin(api: APIClient, next_path: str = "/") -> str:
    answer = api.get(BEGIN, {"next": next_path})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def come_back(api: APIClient, address: str, **more: Any) -> Any:
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("testserver", CALLBACK)
    return api.get(f"{CALLBACK}?{parts.query}", **more)


def send_code(api: APIClient, google: Provider, **changes: Any) -> Any:
    code = google.grant(redirect_uri=SPA, challenge=CHALLENGE)
    return api.post(CODE, {"code": code, "code_verifier": VERIFIER, "redirect_uri": SPA} | changes)


def nothing_made() -> bool:
    return not User.objects.exists() and not ExternalIdentity.objects.exists()


def test_a_browser_logs_in_by_redirects_and_a_new_person_has_a_verified_account(
    api: APIClient, google: Provider
) -> None:
    answer = come_back(api, google.consent(begin(api)))
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "refresh_token", "user"}
    user = User.objects.get()
    assert (user.username, user.email, user.first_name) == ("mona.adel", "mona.adel@gmail.example", "منى")
    assert user.is_verified
    assert not user.has_usable_password()
    assert body["user"]["id"] == user.pk
    assert api.cookies["refresh_token"].value == body["refresh_token"]


def test_a_browser_that_wants_a_page_is_led_on_with_the_cookie_and_no_token_in_the_address(
    api: APIClient, google: Provider
) -> None:
    back = google.consent(begin(api, "/tasks?page=2"))
    answer = come_back(api, back, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:8000/tasks?page=2")
    assert api.cookies["refresh_token"].value
    refreshed = api.post("/api/auth/token/refresh/", headers={"Origin": "http://testserver"})
    assert refreshed.status_code == 200


def test_a_page_learns_of_a_failure_by_its_code(api: APIClient, google: Provider) -> None:
    answer = api.get(f"{CALLBACK}?error=access_denied", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == "http://127.0.0.1:8000/login?error=google_refused"
    assert api.get(f"{CALLBACK}?error=access_denied").json()["code"] == "google_refused"


def test_the_same_person_is_the_same_account_even_with_another_address(
    api: APIClient, google: Provider
) -> None:
    first = send_code(api, google).json()["user"]["id"]
    google.person["email"] = "mona.new@gmail.example"
    assert send_code(api, google).json()["user"]["id"] == first
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "next_path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "evil",
        "/a\r\nb",
        "/" * 300,
    ],
)
def test_the_way_back_is_one_of_our_own_pages(api: APIClient, google: Provider, next_path: str) -> None:
    answer = api.get(BEGIN, {"next": next_path})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["next"])


def test_a_state_is_used_once(api: APIClient, google: Provider) -> None:
    location = begin(api)
    cookie = api.cookies["google_state"].value
    back = google.consent(location)
    assert come_back(api, back).status_code == 200
    api.cookies["google_state"] = cookie
    again = come_back(api, back)
    assert (again.status_code, again.json()["code"]) == (400, "google_state_invalid")
    assert len(google.exchanges) == 1


def test_a_return_in_another_browser_is_refused(api: APIClient, google: Provider) -> None:
    back = google.consent(begin(api))
    answer = come_back(APIClient(), back)
    assert (answer.status_code, answer.json()["code"]) == (400, "google_state_invalid")
    assert nothing_made()
    assert not google.exchanges


@pytest.mark.parametrize("state", ["", "made-up", "😀"])
def test_a_return_without_a_state_of_ours_is_refused(api: APIClient, google: Provider, state: str) -> None:
    begin(api)
    answer = api.get(CALLBACK, {"code": "x", "state": state})
    assert (answer.status_code, answer.json()["code"]) == (400, "google_state_invalid")
    assert nothing_made()


def test_a_state_expires(api: APIClient, google: Provider) -> None:
    back = google.consent(begin(api))
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=True):
        assert come_back(api, back).status_code == 400
        begin(APIClient())
    assert nothing_made()
    with time_machine.travel(timezone.now() + timedelta(minutes=30), tick=True):
        assert states_prune() == 1
    assert not LoginState.objects.exists()


def test_the_nonce_must_be_the_one_that_was_sent(api: APIClient, google: Provider) -> None:
    google.change = {"nonce": "another"}
    answer = come_back(api, google.consent(begin(api)))
    assert (answer.status_code, answer.json()["code"]) == (400, "google_refused")
    assert nothing_made()


def test_nothing_secret_is_in_the_address_google_is_sent(api: APIClient, google: Provider) -> None:
    query = parse_qs(urlsplit(begin(api)).query)
    assert openid.CLIENT_SECRET not in str(query)
    assert LoginState.objects.get().verifier not in str(query)
    assert query["redirect_uri"] == [f"http://testserver{CALLBACK}"]


def test_an_application_logs_in_with_code_and_verifier(api: APIClient, google: Provider) -> None:
    answer = send_code(api, google, user_type="freelancer")
    assert answer.status_code == 200
    assert answer.json()["user"]["user_type"] == "freelancer"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"access_token": "ya29.x"}, "access_token"),
        ({"id_token": "x.y.z"}, "id_token"),
        ({"code_verifier": ""}, "code_verifier"),
        ({"code_verifier": "short"}, "code_verifier"),
        ({"code_verifier": "x" * 129}, "code_verifier"),
        ({"redirect_uri": "https://evil.example/x"}, "redirect_uri"),
        ({"redirect_uri": "http://127.0.0.1:8000.evil.example/"}, "redirect_uri"),
        ({"user_type": "admin"}, "user_type"),
    ],
    ids=str,
)
def test_what_is_not_a_code_of_ours_is_refused_before_google_is_asked(
    api: APIClient, google: Provider, changes: dict[str, str], field: str
) -> None:
    answer = send_code(api, google, **changes)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert nothing_made()
    assert not google.exchanges


def test_an_access_token_alone_is_refused(api: APIClient, google: Provider) -> None:
    answer = api.post(CODE, {"access_token": "ya29.of-another-application"})
    assert answer.status_code == 400
    assert {"code", "code_verifier", "access_token"} & set(answer.json()["errors"])
    assert nothing_made()


def test_a_code_of_another_client_another_verifier_or_used_before_is_refused(
    api: APIClient, google: Provider
) -> None:
    foreign = google.grant(redirect_uri=SPA, challenge=CHALLENGE, client_id="another.apps.example")
    assert send_code(api, google, code=foreign).json()["code"] == "google_refused"
    assert send_code(api, google, code_verifier="x" * 43).json()["code"] == "google_refused"
    assert send_code(api, google, redirect_uri=SPA + "/other").json()["code"] == "google_refused"
    assert nothing_made()
    code = google.grant(redirect_uri=SPA, challenge=CHALLENGE)
    assert send_code(api, google, code=code).status_code == 200
    assert send_code(api, google, code=code).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another.apps.example"},
        {"aud": ["another.apps.example"]},
        {"aud": [openid.CLIENT_ID, "another.apps.example"], "azp": "another.apps.example"},
        {"azp": "another.apps.example"},
        {"iss": "https://evil.example"},
        {"exp": 1_600_000_000},
        {"exp": None},
        {"sub": None},
        {"iat": 4_000_000_000},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_googles_word_for_us_now_is_refused(
    api: APIClient, google: Provider, change: dict[str, Any]
) -> None:
    google.change = change
    answer = send_code(api, google)
    assert (answer.status_code, answer.json()["code"]) == (400, "google_refused")
    assert nothing_made()


@pytest.mark.parametrize(
    ("key", "kid"), [(openid.OTHER_KEY, "k1"), (openid.KEY, "k2"), (openid.OTHER_KEY, "")]
)
def test_an_id_token_with_another_signature_is_refused(
    api: APIClient, google: Provider, key: Any, kid: str
) -> None:
    google.key, google.kid = key, kid
    assert send_code(api, google).json()["code"] == "google_refused"
    assert nothing_made()


def test_an_account_is_linked_when_both_sides_have_proved_the_address(
    api: APIClient, google: Provider
) -> None:
    user = ClientFactory(email="mona.adel@gmail.example", is_verified=True)
    assert send_code(api, google).json()["user"]["id"] == user.pk
    assert ExternalIdentity.objects.get().user == user


def test_an_account_that_has_not_proved_the_address_is_not_linked(api: APIClient, google: Provider) -> None:
    ClientFactory(email="mona.adel@gmail.example", is_verified=False)
    answer = send_code(api, google)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_in_use")
    assert not ExternalIdentity.objects.exists()
    assert "refresh_token" not in answer.cookies


@pytest.mark.parametrize("known", [None, False, True])
def test_what_google_has_not_verified_is_not_linked_nor_told_whose_it_is(
    api: APIClient, google: Provider, known: bool | None
) -> None:
    if known is not None:
        ClientFactory(email="mona.adel@gmail.example", is_verified=known)
    google.person["email_verified"] = False
    answer = send_code(api, google)
    assert (answer.status_code, answer.json()["code"]) == (400, "google_email_unverified")
    assert not ExternalIdentity.objects.exists()


def test_an_address_that_is_only_claimed_is_owned_by_the_account_google_makes(
    api: APIClient, google: Provider
) -> None:
    claimer = ClientFactory(email="", pending_email="mona.adel@gmail.example")
    made = User.objects.get(pk=send_code(api, google).json()["user"]["id"])
    assert made.pk != claimer.pk
    assert (made.email, made.is_verified) == ("mona.adel@gmail.example", True)
    claimer.refresh_from_db()
    assert (claimer.email, claimer.pending_email) == ("", "mona.adel@gmail.example")


def test_a_second_google_account_does_not_take_over_a_linked_one(api: APIClient, google: Provider) -> None:
    send_code(api, google)
    google.person["sub"] = "99999"
    assert send_code(api, google).json()["code"] == "email_in_use"


def test_nobody_new_comes_in_with_an_address_google_has_not_verified(
    api: APIClient, google: Provider
) -> None:
    google.person["email_verified"] = False
    assert send_code(api, google).json()["code"] == "google_email_unverified"
    assert nothing_made()


def test_a_deactivated_account_stays_out(api: APIClient, google: Provider) -> None:
    send_code(api, google)
    User.objects.update(is_active=False)
    assert send_code(api, google).status_code == 401


def test_a_taken_name_gets_digits(api: APIClient, google: Provider) -> None:
    ClientFactory(username="Mona.Adel")
    name = send_code(api, google).json()["user"]["username"]
    assert name.startswith("mona.adel-")


@pytest.mark.django_db(transaction=True)
def test_two_first_logins_of_one_person_at_once_are_one_account(google: Provider) -> None:
    answers = at_once([lambda: send_code(APIClient(), google)] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert User.objects.count() == ExternalIdentity.objects.count() == 1


def test_without_settings_it_says_so(api: APIClient) -> None:
    for answer in (
        api.get(BEGIN),
        api.get(CALLBACK, {"code": "x", "state": "y"}),
        api.post(CODE, {"code": "x", "code_verifier": VERIFIER, "redirect_uri": SPA}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "google_not_configured")


def test_where_google_does_not_answer_it_is_503(api: APIClient, google: Provider, settings: Any) -> None:
    google.down = True
    assert send_code(api, google).json()["code"] == "google_unavailable"
    settings.GOOGLE_TOKEN_URL = "http://127.0.0.1:9/token"
    answer = send_code(api, google)
    assert (answer.status_code, answer.json()["code"]) == (503, "google_unavailable")
    assert nothing_made()


def test_our_wrong_secret_is_refused_by_the_provider_itself(
    api: APIClient, google: Provider, settings: Any
) -> None:
    settings.GOOGLE_CLIENT_SECRET = "wrong"
    assert send_code(api, google).status_code == 400
    assert nothing_made()
