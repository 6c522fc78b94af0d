"""Tokens: rotation with one successor, the end of a family, the end of everything, and what is no token of ours."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import RefreshToken, TokenFamily, User
from multitask.accounts.services.tokens import TokenPair, tokens_issue, tokens_prune
from multitask.conftest import AsUser
from multitask.testing.concurrency import at_once
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
REFRESH = "/api/auth/token/refresh/"


def refresh(token: str) -> Any:
    return APIClient(headers={"Accept-Language": "en"}).post(REFRESH, {"refresh": token})


def bearer(token: str) -> APIClient:
    client = APIClient(headers={"Accept-Language": "en"})
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def works(access: str) -> bool:
    status = bearer(access).get("/api/auth/user/").status_code
    assert status in {200, 401}
    return status == 200


def later(seconds: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=True)


@pytest.fixture
def pair(client_user: User) -> TokenPair:
    return tokens_issue(user=client_user)


def test_a_refresh_gives_a_new_pair_and_the_new_ones_work(pair: TokenPair) -> None:
    answer = refresh(pair.refresh)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access", "refresh"}
    assert body["refresh"] != pair.refresh
    assert works(body["access"])
    assert refresh(body["refresh"]).status_code == 200


def test_tokens_live_as_long_as_the_contract_says(pair: TokenPair) -> None:
    for token, hours in ((pair.access, 24), (pair.refresh, 7 * 24)):
        claims = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])
        assert claims["exp"] - claims["iat"] == hours * 3600
        assert jwt.get_unverified_header(token)["alg"] == "HS256"


def test_a_second_tab_gets_the_same_successor_within_the_grace(pair: TokenPair) -> None:
    first = refresh(pair.refresh).json()["refresh"]
    with later(settings.REFRESH_GRACE_SECONDS - 5):
        again = refresh(pair.refresh)
    assert (again.status_code, again.json()["refresh"]) == (200, first)
    assert RefreshToken.objects.count() == 2


def test_a_rotated_token_after_the_grace_ends_the_whole_login(pair: TokenPair) -> None:
    successor = refresh(pair.refresh).json()
    with later(settings.REFRESH_GRACE_SECONDS + 5):
        answer = refresh(pair.refresh)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_reused")
        dead = refresh(successor["refresh"])
        assert (dead.status_code, dead.json()["code"]) == (401, "token_invalid")
        assert not works(successor["access"])
        assert not works(pair.access)
    assert TokenFamily.objects.get().reason == "reuse"


def test_the_end_of_one_login_leaves_the_others(client_user: User, pair: TokenPair) -> None:
    other = tokens_issue(user=client_user)
    refresh(pair.refresh)
    with later(settings.REFRESH_GRACE_SECONDS + 5):
        assert refresh(pair.refresh).status_code == 401
        assert works(other.access)
        assert refresh(other.refresh).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(3))
def test_eight_refreshes_at_once_have_one_successor(number: int) -> None:
    pair = tokens_issue(user=ClientFactory())
    answers = at_once([lambda: refresh(pair.refresh)] * 8)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh"] for answer in answers}) == 1
    assert all(works(answer.json()["access"]) for answer in answers)
    assert RefreshToken.objects.filter(rotated_at__isnull=True).count() == 1
    assert RefreshToken.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_refresh_against_logging_out_everywhere_leaves_nothing_alive() -> None:
    for _ in range(20):
        pair = tokens_issue(user=ClientFactory())
        refreshed, out = at_once(
            [
                lambda pair=pair: refresh(pair.refresh),
                lambda pair=pair: bearer(pair.access).post("/api/auth/logout-all/"),
            ]
        )
        assert out.status_code == 200
        assert refreshed.status_code in {200, 401}
        if refreshed.status_code == 200:
            assert not works(refreshed.json()["access"])
            assert refresh(refreshed.json()["refresh"]).status_code == 401


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"token_epoch": 7}], ids=["deactivated", "earlier epoch"]
)
def test_tokens_of_a_deactivated_user_or_an_earlier_epoch_are_401(
    client_user: User, pair: TokenPair, change: dict[str, Any]
) -> None:
    User.objects.filter(pk=client_user.pk).update(**change)
    assert refresh(pair.refresh).status_code == 401
    assert not works(pair.access)
    assert bearer("").post("/api/auth/token/verify/", {"token": pair.access}).status_code == 401


def test_tokens_of_a_user_who_is_gone_are_401(client_user: User, pair: TokenPair) -> None:
    User.objects.filter(pk=client_user.pk).delete()
    answer = refresh(pair.refresh)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert not works(pair.access)


def _claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def _segment(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def _signed(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")


def bad_tokens(good: str) -> dict[str, str]:
    """Tokens that must not pass for `good`."""
    claims = _claims(good)
    head, body, signature = good.split(".")
    return {
        "alg none": f"{_segment({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "alg None with the signature": f"{_segment({'alg': 'None', 'typ': 'JWT'})}.{body}.{signature}",
        "another secret": jwt.encode(claims, "y" * 40, algorithm="HS256"),
        "another algorithm": jwt.encode(claims, settings.SECRET_KEY.ljust(64, "x"), algorithm="HS512"),
        "another user in the body": f"{head}.{_segment(claims | {'user_id': '1'})}.{signature}",
        "expired": _signed(claims | {"exp": 1_600_000_000}),
        "without an end": _signed({name: value for name, value in claims.items() if name != "exp"}),
        "without a family": _signed({name: value for name, value in claims.items() if name != "family"}),
        "a family that is no number": _signed(claims | {"family": "1 or 1"}),
        "a family of nobody": _signed(claims | {"family": 2**40}),
        "another user": _signed(claims | {"user_id": "999999"}),
        "a user that is no number": _signed(claims | {"user_id": "x"}),
        "an enormous user": _signed(claims | {"user_id": "9" * 40}),
        "another epoch": _signed(claims | {"epoch": 12}),
        "another type": _signed(claims | {"token_type": "sliding"}),
        "no token": "not.a.token",
        "emoji": "😀",
    }


@pytest.mark.parametrize("name", bad_tokens(_signed({"a": 1})))
def test_what_is_not_ours_is_401_and_changes_nothing(pair: TokenPair, name: str) -> None:
    answer = refresh(bad_tokens(pair.refresh)[name])
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    token = bad_tokens(pair.access)[name]
    assert bearer("").post("/api/auth/token/verify/", {"token": token}).status_code == 401
    if name != "emoji":
        assert not works(token)
    assert RefreshToken.objects.count() == 1
    assert works(pair.access)


def test_one_kind_of_token_is_not_taken_for_the_other(pair: TokenPair) -> None:
    assert refresh(pair.access).status_code == 401
    assert not works(pair.refresh)


def test_verify_says_which_tokens_are_good(pair: TokenPair) -> None:
    client = APIClient()
    for kind, token in (("access", pair.access), ("refresh", pair.refresh)):
        answer = client.post("/api/auth/token/verify/", {"token": token})
        assert (answer.status_code, answer.json()["token_type"]) == (200, kind)
    refresh(pair.refresh)
    assert client.post("/api/auth/token/verify/", {"token": pair.refresh}).status_code == 401
    assert client.post("/api/auth/token/verify/", {}).status_code == 400


def test_logout_ends_the_login_with_its_access_token(client_user: User, pair: TokenPair) -> None:
    other = tokens_issue(user=client_user)
    answer = bearer(pair.access).post("/api/auth/logout/")
    assert (answer.status_code, answer.json()) == (200, {"detail": "Successfully logged out."})
    assert refresh(pair.refresh).status_code == 401
    assert not works(pair.access)
    assert works(other.access)


def test_logout_with_the_refresh_token_alone_ends_that_login(pair: TokenPair) -> None:
    assert APIClient().post("/api/auth/logout/", {"refresh": pair.refresh}).status_code == 200
    assert refresh(pair.refresh).status_code == 401
    assert not works(pair.access)


def test_nobody_cannot_log_out_nor_can_one_log_out_another(pair: TokenPair, both_user: User) -> None:
    assert APIClient().post("/api/auth/logout/").status_code == 401
    assert APIClient().post("/api/auth/logout/", {"refresh": "x"}).status_code == 401
    mine = tokens_issue(user=both_user)
    assert bearer(mine.access).post("/api/auth/logout/", {"refresh": pair.refresh}).status_code == 200
    assert works(pair.access)
    assert not works(mine.access)


def test_logging_out_everywhere_ends_every_token(client_user: User, pair: TokenPair, both_user: User) -> None:
    other, strangers = tokens_issue(user=client_user), tokens_issue(user=both_user)
    assert APIClient().post("/api/auth/logout-all/").status_code == 401
    assert bearer(pair.access).post("/api/auth/logout-all/").status_code == 200
    for mine in (pair, other):
        assert not works(mine.access)
        assert refresh(mine.refresh).status_code == 401
    assert works(strangers.access)
    client_user.refresh_from_db()
    assert works(tokens_issue(user=client_user).access)


def test_an_authenticated_read_costs_one_query_for_who_is_asking(as_user: AsUser, client_user: User) -> None:
    client = as_user(client_user)
    with CaptureQueriesContext(connection) as queries:
        client.get("/api/auth/user/")
    assert len(queries) == 1


def test_a_password_set_in_the_admin_or_by_a_command_ends_older_tokens(
    client_user: User, pair: TokenPair
) -> None:
    user = User.objects.get(pk=client_user.pk)
    user.bio = "Nothing about tokens."
    user.save()
    assert works(pair.access)
    user.set_password("another-Passphrase-8")
    user.save()
    assert not works(pair.access)
    assert works(tokens_issue(user=user).access)


def test_rehashing_a_password_at_login_ends_nothing(client_user: User, pair: TokenPair) -> None:
    user = User.objects.get(pk=client_user.pk)
    user.set_password("a-long-Passphrase-7")
    user.save(update_fields=["password"])
    assert works(pair.access)


def test_beat_prunes_what_can_no_longer_be_presented(
    client_user: User, pair: TokenPair, pipeline: Pipeline
) -> None:
    from django.db import transaction

    from multitask.outbox.emit import emit

    refresh(pair.refresh)
    with later(6 * 24 * 3600):
        fresh = tokens_issue(user=client_user)
        with transaction.atomic():
            emit("schedule.prune_tokens", key="schedule:prune")
        pipeline.drain()
        assert RefreshToken.objects.count() == 3
    with later(8 * 24 * 3600):
        assert tokens_prune() == 2
        assert TokenFamily.objects.count() == 1
        assert refresh(fresh.refresh).status_code == 200
    assert not pipeline.dead()
