"""Tickets for WebSockets: one use, thirty seconds, for who is logged in."""

from __future__ import annotations

import time
from typing import Any

import pytest
import redis
from django.conf import settings
from rest_framework.test import APIClient

from multitask.accounts.models import User
from multitask.accounts.services import tickets
from multitask.accounts.services.tickets import ticket_redeem
from multitask.conftest import AsUser
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db
ADDRESS = "/api/auth/ws-ticket/"


def ticket_for(client: APIClient) -> str:
    answer = client.post(ADDRESS)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 30
    return str(answer.json()["ticket"])


def test_a_ticket_is_its_users_once(as_user: AsUser, client_user: User) -> None:
    ticket = ticket_for(as_user(client_user))
    assert ticket_redeem(ticket=ticket) == client_user
    assert ticket_redeem(ticket=ticket) is None


def test_nobody_gets_a_ticket(api: APIClient) -> None:
    assert api.post(ADDRESS).status_code == 401


@pytest.mark.parametrize("ticket", ["", "made-up", "x" * 5000, "😀"])
def test_a_made_up_ticket_opens_nothing(ticket: str) -> None:
    assert ticket_redeem(ticket=ticket) is None


def test_a_ticket_expires(as_user: AsUser, client_user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "LIFETIME_SECONDS", 1)
    ticket = str(as_user(client_user).post(ADDRESS).json()["ticket"])
    time.sleep(1.1)
    assert ticket_redeem(ticket=ticket) is None


@pytest.mark.parametrize("path", ["/api/auth/logout/", "/api/auth/logout-all/"])
def test_a_ticket_dies_with_its_login(as_user: AsUser, client_user: User, path: str) -> None:
    client = as_user(client_user)
    ticket = ticket_for(client)
    assert client.post(path).status_code == 200
    assert ticket_redeem(ticket=ticket) is None


def test_redis_holds_no_ticket_that_could_be_used(as_user: AsUser, client_user: User) -> None:
    ticket = ticket_for(as_user(client_user))
    store = redis.Redis.from_url(settings.REDIS_URL)
    kept = [key.decode() for key in store.scan_iter(f"{settings.REDIS_PREFIX}ws-ticket:*")]
    assert kept
    assert not any(ticket in key for key in kept)


@pytest.mark.django_db(transaction=True)
def test_of_eight_uses_at_once_one_wins(as_user: AsUser, client_user: User) -> None:
    ticket = ticket_for(as_user(client_user))
    found = at_once([lambda: ticket_redeem(ticket=ticket)] * 8)
    assert [user for user in found if user is not None] == [client_user]


def test_without_redis_it_is_503_and_says_when_to_try_again(
    as_user: AsUser, client_user: User, settings: Any
) -> None:
    client = as_user(client_user)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    answer = client.post(ADDRESS)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
