"""Against a real SMTP server that refuses, hangs, accepts slowly, accepts and drops: each mail arrives once at most."""

from __future__ import annotations

import email
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.policy import default
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection
from django.db.models.functions import Now

from multitask.common.text import Text
from multitask.mail.backends.smtp import EmailBackend, drop_connection
from multitask.mail.letters import Letter
from multitask.mail.models import AddressState, MailClass, MailGate, MailState, SentMail
from multitask.mail.services.sending import MailAway, Outcome, mail_send
from multitask.mail.tests.server import Server

pytestmark = pytest.mark.django_db
TO = "mona@example.com"
LETTER = Letter(
    subject=Text("About {title}", "عن {title}"),
    heading=Text("News", "أخبار"),
    paragraphs=(Text("{title} is new.", "{title} جديد."),),
    params={"title": "تصميم شعار"},
)


@pytest.fixture
def server(settings: Any) -> Iterator[Callable[..., Server]]:
    """Start a server that behaves as named; mails go to it."""
    running: list[Server] = []

    def start(behaviour: Any = "accept", **more: Any) -> Server:
        found = Server(behaviour, **more).__enter__()
        running.append(found)
        settings.EMAIL_BACKEND = "multitask.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT, settings.EMAIL_SESSION_TIMEOUT, settings.EMAIL_END_TIMEOUT = 1, 1.5, 1.5
        return found

    yield start
    drop_connection()
    for one in running:
        one.__exit__()


def send(key: str = "k:1", to: str = TO, **more: Any) -> Outcome:
    return mail_send(
        **{
            "key": key,
            "to": to,
            "user_id": None,
            "mail_class": MailClass.CRITICAL,
            "letter": LETTER,
            "language": "ar",
        }
        | more
    )


def open_gate() -> None:
    MailGate.objects.update(closed_until=None)


def row(key: str = "k:1") -> SentMail:
    return SentMail.objects.get(key=key)


def test_a_mail_arrives_whole_and_its_arabic_subject_is_readable(server: Callable[..., Server]) -> None:
    found = server()
    assert send() == Outcome("sent")
    ((recipient, raw),) = found.mails
    message: Any = email.message_from_bytes(raw, policy=default)
    assert (recipient, message["To"], message["Subject"]) == (TO, TO, "عن تصميم شعار")
    assert message["Message-ID"] == row().message_id
    assert max(len(line) for line in raw.splitlines()) <= 998
    assert "تصميم شعار جديد." in message.get_body(("plain",)).get_content()
    assert 'dir="rtl"' in message.get_body(("html",)).get_content()


def test_a_line_that_begins_with_a_dot_stays_as_it_is(server: Callable[..., Server]) -> None:
    found = server()
    dotted = Letter(subject=Text("S", "ع"), heading=Text("H", "ع"), paragraphs=(Text(".\n..x\n.", "."),))
    send(letter=dotted, language="en")
    message: Any = email.message_from_bytes(found.mails[0][1], policy=default)
    assert ".\n..x\n." in message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_many_mails_go_over_one_connection(server: Callable[..., Server]) -> None:
    found = server()
    for number in range(20):
        assert send(f"k:{number}", f"p{number}@example.com").state == "sent"
    assert found.connections == 1
    assert len(found.arrived()) == 20


@pytest.mark.parametrize(
    "behaviour", ["refuse", "hang", "trickle", "drop_data", "later", "later_end", "no_sender"]
)
def test_what_the_server_has_certainly_not_taken_is_sent_again_and_arrives_once(
    server: Callable[..., Server], behaviour: str
) -> None:
    plan = iter([behaviour])
    found = server(lambda: next(plan, "accept"))
    begun = time.monotonic()
    with pytest.raises(MailAway):
        send()
    # Twice what a server is given: a machine under load is not what is measured.
    assert time.monotonic() - begun < 5
    assert row().state == MailState.WAITING
    assert not found.mails
    open_gate()
    assert send() == Outcome("sent")
    assert send() == Outcome("already")
    assert found.arrived() == {TO: 1}


@pytest.mark.parametrize("behaviour", ["drop", "hang_end"])
def test_what_the_server_may_have_taken_is_never_sent_again(
    server: Callable[..., Server], behaviour: str
) -> None:
    plan = iter([behaviour])
    found = server(lambda: next(plan, "accept"))
    assert send() == Outcome("uncertain", "no_answer")
    open_gate()
    assert send() == Outcome("uncertain", "no_answer")
    assert found.arrived() == {TO: 1}


def test_a_slow_server_is_waited_for(server: Callable[..., Server]) -> None:
    found = server("slow", slow=0.7)
    assert send() == Outcome("sent")
    assert found.arrived() == {TO: 1}


@pytest.mark.parametrize(
    ("behaviour", "reason", "score"),
    [("unknown", "address_refused", 2), ("full", "address_refused", 1), ("policy", "address_refused", 0)],
)
def test_a_refused_address_is_counted_where_it_is_to_blame(
    server: Callable[..., Server], behaviour: str, reason: str, score: int
) -> None:
    found = server(behaviour)
    assert send() == Outcome("refused", reason)
    assert send() == Outcome("refused", reason)
    assert found.treated[behaviour] == 1
    assert sum(state.score for state in AddressState.objects.all()) == score
    assert not MailGate.objects.filter(failures__gt=0).exists()


def test_a_refused_mail_says_nothing_of_its_address(server: Callable[..., Server]) -> None:
    server("spam")
    assert send() == Outcome("refused", "content_refused")
    assert not AddressState.objects.exists()


def test_two_unknown_users_later_even_safety_mails_stop_and_after_a_month_they_go_again(
    server: Callable[..., Server],
) -> None:
    found = server("unknown")
    for number in range(2):
        assert send(f"k:{number}").state == "refused"
    assert send("k:2") == Outcome("suppressed", "address_bounced")
    assert found.treated["unknown"] <= 3
    AddressState.objects.update(bounced_at="2026-01-01T00:00:00Z")
    drop_connection()
    found.behaviour = "accept"
    assert send("k:3").state == "sent"


def test_a_wrong_password_of_ours_condemns_no_mail(server: Callable[..., Server], settings: Any) -> None:
    server("no_login")
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
    with pytest.raises(MailAway, match="535"):
        send()
    assert row().state == MailState.WAITING
    assert MailGate.objects.get().failures == 1


def test_after_a_failure_of_the_server_mails_wait_without_touching_it(server: Callable[..., Server]) -> None:
    found = server("hang")
    with pytest.raises(MailAway):
        send()
    MailGate.objects.update(closed_until=Now() + timedelta(seconds=60))
    for number in range(2, 30):
        with pytest.raises(MailAway) as away:
            send(f"k:{number}")
        assert 30 < away.value.retry_after <= 60
    assert found.connections == 1


def test_of_many_that_come_when_the_pause_is_over_one_goes_first(server: Callable[..., Server]) -> None:
    found = server("hang")
    with pytest.raises(MailAway):
        send()
    open_gate()
    with pytest.raises(MailAway):
        send("k:2")
    assert MailGate.objects.get().failures == 2
    open_gate()
    # The probe is under way elsewhere.
    from multitask.mail.services.gate import gate_enter

    assert gate_enter() == (2, 0.0)
    with pytest.raises(MailAway):
        send("k:3")
    assert found.connections == 2


def test_pauses_double_up_to_five_minutes_and_one_good_mail_ends_them(server: Callable[..., Server]) -> None:
    found = server("refuse")
    waits = []
    for _ in range(11):
        with pytest.raises(MailAway) as away:
            send()
        waits.append(away.value.retry_after)
        open_gate()
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    found.behaviour = "accept"
    assert send().state == "sent"
    assert MailGate.objects.get().failures == 0


def test_the_handing_over_is_committed_before_the_server_can_take_the_mail(
    server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = server()
    seen: list[tuple[str, int]] = []
    from multitask.mail.services import sending

    mark = sending._mark_handing_over

    def watched(mail: SentMail) -> None:
        mark(mail)
        seen.append((row().state, len(found.mails)))
        assert not connection.in_atomic_block or connection.savepoint_ids == []

    monkeypatch.setattr(sending, "_mark_handing_over", watched)
    send()
    assert seen == [("handing_over", 0)]


def test_a_database_that_is_away_at_the_last_moment_lets_nothing_out(
    server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = server()
    from multitask.mail.services import sending

    def away(mail: SentMail) -> None:
        raise ConnectionError("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_mark_handing_over", away)
        with pytest.raises((MailAway, ConnectionError)):
            send()
    time.sleep(0.2)
    assert not found.mails
    open_gate()
    assert send().state == "sent"
    assert found.arrived() == {TO: 1}


class TimeLimit(Exception):
    """As Celery's soft time limit: raised in the middle of anything."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_time_limit_in_the_middle_sends_nothing_twice(
    server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    found = server()
    from multitask.mail.backends import smtp

    hand_over = smtp._Careful.hand_over

    def limited(self: Any, *args: Any, **kwargs: Any) -> None:
        if moment == "before":
            raise TimeLimit
        hand_over(self, *args, **kwargs)
        raise TimeLimit

    with monkeypatch.context() as patched:
        patched.setattr(smtp._Careful, "hand_over", limited)
        with pytest.raises(TimeLimit):
            send()
    open_gate()
    assert send().state == ("sent" if moment == "before" else "uncertain")
    assert found.arrived() == {TO: 1}


def test_a_kept_connection_that_died_is_replaced_without_a_word(server: Callable[..., Server]) -> None:
    first = server()
    send("k:1")
    first.__exit__()
    second = server()
    assert send("k:2").state == "sent"
    assert second.arrived() == {TO: 1}


def test_over_tls_a_mail_arrives_too(
    server: Callable[..., Server], settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    theirs, ours = certificate(tmp_path)
    found = server(tls=theirs)
    settings.EMAIL_USE_SSL = True
    monkeypatch.setattr(EmailBackend, "ssl_context", ours)
    for number in range(3):
        assert send(f"k:{number}", f"p{number}@example.com").state == "sent"
    assert (found.connections, len(found.arrived())) == (1, 3)
    drop_connection()
    found.behaviour = "drop_data"
    with pytest.raises(MailAway):
        send("k:3")
    monkeypatch.setattr(EmailBackend, "ssl_context", ssl.create_default_context())
    drop_connection()
    open_gate()
    with pytest.raises(MailAway, match="certificate"):
        send("k:4")


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own making, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(pem)
    return theirs, ssl.create_default_context(cafile=str(pem))
