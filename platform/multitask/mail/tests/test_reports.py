"""What providers report, posted as they post it: bounces and complaints stop mails, each report counts once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import clear_url_caches

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.common.text import Text
from multitask.mail.letters import Letter
from multitask.mail.models import AddressState, MailClass, MailReport, MailState, SentMail
from multitask.mail.services.reports import Report, report_take
from multitask.mail.services.sending import mail_send
from multitask.mail.tests import urls
from multitask.settings.mail import PROVIDERS, anymail_config, mail_backend
from multitask.testing.concurrency import at_once

pytestmark = pytest.mark.django_db
SECRET = "reports:a-long-webhook-password"
SIGNING_KEY = "a-signing-key-of-mailgun"
LINK = "https://multitask.example/u/"


@pytest.fixture
def provider(settings: Any) -> Any:
    """Make the site one that sends by the named provider, and give a client that posts its reports."""

    def use(name: str) -> Client:
        settings.EMAIL_PROVIDER, settings.MAIL_WEBHOOK_SECRET = name, SECRET
        settings.ANYMAIL = anymail_config(
            name, key="key", secret="secret", region="", webhook_secret=SECRET, signing_key=SIGNING_KEY
        )
        settings.ROOT_URLCONF = "multitask.mail.tests.urls"
        importlib.reload(urls)
        clear_url_caches()
        login = base64.b64encode(SECRET.encode()).decode()
        return Client(headers={"Authorization": f"Basic {login}"}, raise_request_exception=False)

    yield use
    clear_url_caches()


@pytest.fixture
def user() -> User:
    return ClientFactory(is_verified=True, email="mona@example.com")


def send(user: User, key: str = "k:1", mail_class: MailClass = MailClass.NOTIFICATION) -> str:
    letter = Letter(Text("S", "ع"), Text("H", "ع"))
    outcome = mail_send(
        key=key,
        to=user.email,
        user_id=user.pk,
        mail_class=mail_class,
        letter=letter,
        language="en",
        unsubscribe_url=LINK,
    )
    return outcome.reason or outcome.state


def post(client: Client, name: str, body: Any) -> int:
    return client.post(f"/webhooks/mail/{name}/tracking/", json.dumps(body), "application/json").status_code


def postmark(kind: str = "HardBounce", *, number: int = 42, record: str = "Bounce") -> dict[str, Any]:
    """As in Postmark's documentation."""
    return {
        "RecordType": record,
        "MessageStream": "outbound",
        "ID": number,
        "Type": kind,
        "TypeCode": 1,
        "Name": kind,
        "Tag": "",
        "MessageID": "00000000-0000-0000-0000-000000000000",
        "Metadata": {},
        "ServerID": 1234,
        "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "Email": "Mona@example.com",
        "From": "no-reply@multitask.example",
        "BouncedAt": "2026-11-05T16:33:54.9070259Z",
        "DumpAvailable": True,
        "Inactive": True,
        "CanActivate": True,
        "Subject": "S",
    }


def mailgun(event: str = "failed", *, severity: str = "permanent", token: str = "t" * 50) -> dict[str, Any]:
    """As in Mailgun's documentation, signed."""
    timestamp = "1529006854"
    signature = hmac.new(SIGNING_KEY.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": timestamp, "token": token, "signature": signature},
        "event-data": {
            "event": event,
            "severity": severity,
            "reason": "suppress-bounce" if severity == "permanent" else "generic",
            "id": "G9Bn5sl1TC6nu79C8C0bwg",
            "timestamp": 1521233195.375624,
            "log-level": "error",
            "recipient": "mona@example.com",
            "recipient-domain": "example.com",
            "delivery-status": {
                "code": 605,
                "message": "",
                "attempt-no": 1,
                "description": "Not delivering to previously bounced address",
                "session-seconds": 0.0,
            },
            "message": {"headers": {"to": "mona@example.com", "message-id": "2013@multitask.example"}},
            "tags": [],
            "user-variables": {},
        },
    }


def state() -> AddressState:
    return AddressState.objects.get()


def test_two_hard_bounces_stop_every_mail_and_a_report_sent_again_counts_once(
    provider: Any, user: User
) -> None:
    client = provider("postmark")
    for _ in range(3):
        assert post(client, "postmark", postmark()) == 200
    assert (state().score, MailReport.objects.count()) == (2, 1)
    assert post(client, "postmark", postmark(number=43)) == 200
    assert send(user, "k:2") == "address_bounced"
    assert send(user, "k:3", MailClass.CRITICAL) == "address_bounced"


def test_a_soft_bounce_counts_half(provider: Any) -> None:
    client = provider("postmark")
    for number in range(3):
        assert post(client, "postmark", postmark("SoftBounce", number=number)) == 200
    assert (state().score, state().hard_bounced_at) == (3, None)


def test_a_complaint_stops_notifications_at_once_and_safety_mails_go_on(provider: Any, user: User) -> None:
    client = provider("postmark")
    assert post(client, "postmark", postmark("SpamComplaint", record="SpamComplaint")) == 200
    assert state().complained_at is not None
    assert send(user) == "address_complained"
    assert send(user, "k:2", MailClass.TRANSACTIONAL) == "sent"
    assert send(user, "k:3", MailClass.CRITICAL) == "sent"


def test_a_block_for_who_we_are_does_not_count_against_the_address(provider: Any) -> None:
    assert post(provider("postmark"), "postmark", postmark("Blocked")) == 200
    assert not AddressState.objects.exists()
    assert MailReport.objects.get().kind == "kept_back"


def test_mailgun_reports_by_signature(provider: Any) -> None:
    client = provider("mailgun")
    assert post(client, "mailgun", mailgun()) == 200
    assert (state().score, state().hard_bounced_at is not None) == (2, True)
    assert post(client, "mailgun", mailgun(severity="temporary", token="u" * 50)) == 200
    assert state().score == 2, "it will be tried again: no bounce yet"
    assert post(client, "mailgun", mailgun("complained", token="v" * 50)) == 200
    assert state().complained_at is not None


def test_a_forged_report_changes_nothing(provider: Any) -> None:
    client = provider("mailgun")
    forged = mailgun()
    forged["signature"]["signature"] = "0" * 64
    assert post(client, "mailgun", forged) == 400
    assert post(Client(raise_request_exception=False), "mailgun", mailgun()) == 400
    wrong = base64.b64encode(b"reports:wrong").decode()
    assert post(Client(headers={"Authorization": f"Basic {wrong}"}), "mailgun", mailgun()) == 400
    assert not AddressState.objects.exists()
    assert not MailReport.objects.exists()


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"event-data": []}', "null", '"x"'])
def test_what_is_no_report_is_refused_or_let_go_and_changes_nothing(provider: Any, body: str) -> None:
    client = provider("postmark")
    client.post("/webhooks/mail/postmark/tracking/", body, "application/json")
    assert not MailReport.objects.exists()


def test_only_the_configured_provider_has_an_address_and_none_without_a_secret(
    provider: Any, settings: Any
) -> None:
    client = provider("postmark")
    for path in ("mailgun/tracking/", "mailjet/tracking/", "postmark/inbound/", "mandrill/"):
        assert client.post(f"/webhooks/mail/{path}").status_code == 404
    settings.MAIL_WEBHOOK_SECRET = ""
    importlib.reload(urls)
    clear_url_caches()
    assert post(client, "postmark", postmark()) == 404


def test_without_settings_of_its_own_the_site_takes_no_reports(client: Client) -> None:
    assert post(client, "postmark", postmark()) == 404


def test_mailjet_reports_many_at_once(provider: Any) -> None:
    client = provider("mailjet")
    events = [
        {
            "event": kind,
            "time": 1430812195,
            "MessageID": 13792286917004336 + number,
            "Message_GUID": f"1ab23cd4-e567-8901-2345-6789f0gh1i2{number}",
            "email": "mona@example.com",
            "mj_campaign_id": 0,
            "blocked": False,
            "hard_bounce": kind == "bounce",
            "error_related_to": "recipient",
            "error": "user unknown",
        }
        for number, kind in enumerate(["sent", "bounce", "open", "spam"])
    ]
    assert post(client, "mailjet", events) == 200
    assert (state().score, state().complained_at is not None) == (2, True)


def test_a_delivery_makes_an_uncertain_mail_certain(user: User) -> None:
    send(user)
    row = SentMail.objects.get()
    SentMail.objects.update(state=MailState.UNCERTAIN, reason="no_answer")
    for _ in range(2):
        report_take(Report("Any", "1", "delivered", user.email, message_id=row.message_id.strip("<>")))
    row.refresh_from_db()
    assert (row.state, row.reason) == ("sent", "")
    assert MailReport.objects.get().mail == row


def test_a_bounced_mail_says_so_and_only_where_the_address_is_its_own(user: User) -> None:
    send(user)
    row = SentMail.objects.get()
    other = Report("Any", "1", "bounced", "other@example.com", row.message_id, "hard")
    report_take(other)
    row.refresh_from_db()
    assert row.reason == ""
    report_take(Report("Any", "2", "bounced", user.email, row.message_id, "hard", "no such user"))
    row.refresh_from_db()
    assert (row.reason, row.error) == ("bounced", "no such user")


@pytest.mark.django_db(transaction=True)
def test_the_same_report_many_times_at_once_counts_once() -> None:
    report = Report("Any", "1", "bounced", "a@example.com", fault="hard")
    taken = at_once([lambda: report_take(report)] * 4)
    assert sorted(taken) == [False, False, False, True]
    assert state().score == 2


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_provider_has_a_backend_that_starts_with_our_settings(name: str, settings: Any) -> None:
    from django.core.mail import get_connection

    settings.ANYMAIL = anymail_config(
        name, key="key", secret="secret", region="eu-central-1", webhook_secret=SECRET, signing_key="key"
    )
    backend = get_connection(mail_backend(name, "mail.example.com"))
    assert type(backend).__module__.split(".")[-1] == name


def test_a_provider_that_takes_no_connection_is_away_and_one_that_breaks_off_is_uncertain(
    user: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    settings.EMAIL_BACKEND = mail_backend("postmark", "")
    settings.ANYMAIL = anymail_config(
        "postmark", key="key", secret="", region="", webhook_secret="", signing_key=""
    )
    from multitask.mail.models import MailGate
    from multitask.mail.services.sending import MailAway

    class Answer(requests.Response):
        def __init__(self, status: int, body: dict[str, Any]) -> None:
            super().__init__()
            self.status_code, self._content = status, json.dumps(body).encode()
            self.headers["Content-Type"] = "application/json"

    def answers(what: Any) -> None:
        def request(self: Any, *args: Any, **kwargs: Any) -> Any:
            assert kwargs["timeout"] == (5, 20)
            if isinstance(what, Exception):
                raise what
            return what

        monkeypatch.setattr(requests.Session, "request", request)
        MailGate.objects.update(closed_until=None)

    for number, away in enumerate(
        [requests.ConnectTimeout("slow"), Answer(429, {}), Answer(503, {}), Answer(401, {})]
    ):
        answers(away)
        with pytest.raises(MailAway):
            send(user, f"away:{number}")
        assert SentMail.objects.get(key=f"away:{number}").state == "waiting"
    for number, lost in enumerate(
        [requests.ReadTimeout("late"), requests.ConnectionError("reset"), Answer(502, {})]
    ):
        answers(lost)
        assert send(user, f"lost:{number}") == "no_answer"
    said = {
        "To": user.email,
        "SubmittedAt": "2026-11-01T00:00:00Z",
        "MessageID": "abc-1",
        "ErrorCode": 0,
        "Message": "OK",
    }
    answers(Answer(200, said))
    assert send(user, "away:0") == "sent"
    assert SentMail.objects.get(key="away:0").provider_id == "abc-1"
    report_take(Report("Postmark", "9", "bounced", user.email, "abc-1", "hard"))
    assert SentMail.objects.get(key="away:0").reason == "bounced"
    answers(Answer(422, {"ErrorCode": 300, "Message": "Invalid 'From' address"}))
    assert send(user, "refused") in {"content_refused", "address_refused"}
