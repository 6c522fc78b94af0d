"""Who gets in, how a refusal reads, and that no credential is ever written down."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken
from websockets.exceptions import ConnectionClosed

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import TokenFamily, User
from multitask.accounts.services import tickets
from multitask.accounts.services.tokens import sessions_end_all, tokens_issue
from multitask.testing.sockets import WebProcess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

WEB = {
    "ALLOWED_HOSTS": "multitask.example,127.0.0.1",
    "CORS_ALLOWED_ORIGINS": "http://spa.example:5173",
    "FRONTEND_URL": "https://www.multitask.example",
    "TALK_LOGIN_SECONDS": "0.5",
}


def ticket(user: User) -> str:
    claims = dict(AccessToken(tokens_issue(user=user).access).payload)
    return tickets.ticket_issue(claims=claims)


def code(
    web: WebProcess, path: str = "notifications", headers: dict[str, str] | None = None, **query: str
) -> int:
    with web.open(path, headers=headers, **query) as client:
        return client.code()


def test_a_ticket_opens_one_socket(web: WebProcess) -> None:
    user = ClientFactory()
    once = ticket(user)
    with web.open("notifications", ticket=once) as client:
        assert client.until("hello")["user"] == user.pk
    assert code(web, ticket=once) == 4401


def test_a_socket_without_a_good_credential_is_closed_with_4401(web: WebProcess) -> None:
    user = ClientFactory()
    pair = tokens_issue(user=user)
    assert code(web) == 4401
    assert code(web, ticket="") == 4401
    assert code(web, ticket="x" * 43) == 4401
    assert code(web, ticket="x" * 5_000) == 4401
    assert code(web, token="") == 4401
    assert code(web, token="no.such.token") == 4401
    assert code(web, token=pair.refresh) == 4401
    assert code(web, token=pair.access[:-2] + "xx") == 4401
    # A bad ticket beside a good token is a bad ticket.
    assert code(web, ticket="x", token=pair.access) == 4401


def test_an_expired_ticket_and_an_expired_token_are_closed_with_4401(web: WebProcess) -> None:
    user = ClientFactory()
    old = ticket(user)
    redis.Redis.from_url(settings.REDIS_URL).delete(tickets._key(old))
    assert code(web, ticket=old) == 4401
    token = AccessToken(tokens_issue(user=user).access)
    token.set_exp(from_time=timezone.now() - timedelta(days=2))
    assert code(web, token=str(token)) == 4401


@pytest.mark.parametrize("ended", ["family", "epoch", "inactive", "deleted"])
def test_a_login_that_has_ended_opens_nothing_and_closes_what_it_opened(web: WebProcess, ended: str) -> None:
    user, other = ClientFactory(), ClientFactory()
    pair = tokens_issue(user=user)
    with web.open("notifications", token=pair.access) as client, web.enter(other) as unharmed:
        client.until("hello")
        late = ticket(user) if ended != "epoch" else ""
        if ended == "family":
            TokenFamily.objects.filter(user=user).update(ended_at=timezone.now())
        elif ended == "epoch":
            sessions_end_all(user=user, reason="test")
        elif ended == "inactive":
            User.objects.filter(pk=user.pk).update(is_active=False)
        else:
            user.delete()
        assert client.code(timeout=5) == 4401
        assert code(web, token=pair.access) == 4401
        assert code(web, ticket=late) == 4401
        unharmed.say("ping")
        unharmed.until("pong")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "https://multitask.example",
        "http://multitask.example:8000",
        "http://127.0.0.1:3000",
        "http://spa.example:5173",
        "https://www.multitask.example",
    ],
)
def test_our_own_pages_and_programs_get_in(web: WebProcess, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else None
    token = tokens_issue(user=ClientFactory()).access
    with web.open("notifications", headers=headers, token=token) as client:
        client.until("hello")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://multitask.example.evil.example",
        "https://evilmultitask.example",
        "http://spa.example",
        "https://spa.example:5173",
        "null",
        "file://",
        "https://",
        "multitask.example",
        "https://multitask.example/path",
        "https://multitask.example@evil.example",
        "https://[::1",
    ],
)
def test_a_foreign_page_is_closed_with_4403_and_uses_up_no_ticket(web: WebProcess, origin: str) -> None:
    user = ClientFactory()
    kept = ticket(user)
    assert code(web, headers={"Origin": origin}, ticket=kept) == 4403
    with web.open("notifications", ticket=kept) as client:
        client.until("hello")


def test_an_address_that_is_no_socket_is_closed_with_4404(web: WebProcess) -> None:
    assert code(web, "nothing") == 4404


def test_no_ticket_and_no_token_is_ever_in_a_log(web: WebProcess) -> None:
    user = ClientFactory()
    pair, once = tokens_issue(user=user), ticket(user)
    used = [once, pair.access, "made-up-ticket-that-is-wrong"]
    for query in ({"ticket": once}, {"token": pair.access}, {"ticket": used[2]}):
        with web.open("talk", **query) as client:
            try:
                client.raw.send("not json")
                client.until("error")
                client.say("fail", client_id="x")
                client.until("error")
            except ConnectionClosed:
                client.code()
    assert code(web, "nothing", ticket=once) == 4404
    # A handshake that is none, and a request over HTTP.
    for line in (
        f"GET /ws/notifications/?ticket={once} HTTP/1.1",
        f"GET /api/?ticket={once} HTTP/1.1",
        f"GET /?ticket={once} HTTP/9",
    ):
        with socket.create_connection(("127.0.0.1", web.port)) as raw:
            raw.sendall(
                f"{line}\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".encode()
            )
            raw.settimeout(2)
            raw.recv(1000)
    time.sleep(0.3)
    log = web.log()
    assert "frame_failed" in log
    for secret in used:
        assert secret not in log


def test_while_redis_is_away_tickets_are_answered_with_4503_and_tokens_work(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    log = tmp_path_factory.mktemp("web") / "web.log"
    with WebProcess(log, REDIS_URL="redis://127.0.0.1:9/0", CACHE_URL=settings.REDIS_URL) as web:
        assert code(web, ticket="x" * 43) == 4503
        with web.enter(ClientFactory()) as client:
            client.say("ping")
            client.until("pong")


def test_more_than_ten_sockets_of_a_user_are_closed_with_4429(web: WebProcess) -> None:
    user, other = ClientFactory(), ClientFactory()
    clients = [web.enter(user) for _ in range(10)]
    token = tokens_issue(user=user).access
    assert code(web, token=token) == 4429
    # Another stream and another user have their own ten.
    with web.enter(user, "talk"), web.enter(other):
        clients.pop().close()
        time.sleep(0.2)
        with web.enter(user):
            pass
    for client in clients:
        client.close()
