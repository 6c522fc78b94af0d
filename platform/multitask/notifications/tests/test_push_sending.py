"""One push to one push service: who may be called, what is sent, and that nothing it answers does harm."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from multitask.notifications.push import carrier
from multitask.notifications.push.addresses import destination_of
from multitask.notifications.push.keys import decode, new_pair, own_pair, pair_of
from multitask.notifications.push.sending import Answer, Outcome, Push, Target, push_send, wait_of
from multitask.notifications.tests import push_service
from multitask.notifications.tests.push_service import Browser, PushService

PAYLOAD = '{"title": "رسالة جديدة", "body": "Hello"}'.encode()


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    pair = own_pair()
    assert pair is not None
    with push_service.serving(pair.public) as found:
        settings.PUSH_HOSTS = [*settings.PUSH_HOSTS, found.address]
        yield found


def send(browser: Browser, payload: bytes = PAYLOAD) -> Answer:
    given = browser.subscription
    target = Target(given["endpoint"], given["keys"]["p256dh"], given["keys"]["auth"])
    return push_send(target, Push(payload, ttl=600, urgency="high", topic="a-topic"))


# --- The way to a browser ---------------------------------------------------------------------------------------------


def test_a_push_reaches_its_browser_encrypted_for_it_and_signed_by_us(service: PushService) -> None:
    browser = service.browser()
    assert send(browser) == Answer(Outcome.ACCEPTED, "201", None)
    assert service.refusals == []
    (push,) = browser.received
    assert push.payload == {"title": "رسالة جديدة", "body": "Hello"}
    assert (push.headers["ttl"], push.headers["urgency"], push.headers["topic"]) == ("600", "high", "a-topic")


def test_a_push_signed_with_another_key_is_refused_and_not_tried_for_ever(
    service: PushService, settings: Any
) -> None:
    settings.VAPID_PRIVATE_KEY = new_pair().private
    browser = service.browser()
    assert send(browser).outcome is Outcome.REFUSED
    assert browser.received == []


@pytest.mark.parametrize(
    ("mood", "outcome", "reason"),
    [
        ("200", Outcome.ACCEPTED, "200"),  # Safari's, also for an address that is dead
        ("404", Outcome.GONE, "404"),
        ("410", Outcome.GONE, "410"),
        ("413", Outcome.ACCEPTED, "201"),
        ("429", Outcome.LATER, "429"),
        ("500", Outcome.LATER, "500"),
        ("503", Outcome.LATER, "503"),
        ("400", Outcome.REFUSED, "400"),
        ("403", Outcome.REFUSED, "403"),
        ("drop", Outcome.LATER, "broken"),
        ("nonsense", Outcome.LATER, "broken"),
        ("huge_error", Outcome.REFUSED, "400"),
    ],
)
def test_each_answer_of_a_service_has_its_meaning(
    service: PushService, mood: str, outcome: Outcome, reason: str
) -> None:
    found = send(service.browser(mood))
    assert (found.outcome, found.reason) == (outcome, reason)
    assert found.wait == (push_service.RETRY_AFTER if mood == "429" else None)


def test_a_payload_that_is_too_large_for_a_service_is_known(service: PushService) -> None:
    assert send(service.browser("413"), b'{"body": "' + b"x" * 2500 + b'"}').outcome is Outcome.TOO_LARGE


def test_a_huge_answer_is_not_read(service: PushService) -> None:
    began = time.monotonic()
    assert send(service.browser("huge")).outcome is Outcome.ACCEPTED
    assert send(service.browser("huge_error")).outcome is Outcome.REFUSED
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("mood", ["hang", "drip"])
def test_a_service_that_hangs_or_answers_a_byte_at_a_time_is_cut_off(
    service: PushService, settings: Any, mood: str
) -> None:
    settings.PUSH_TIMEOUT_SECONDS = 0.6
    began = time.monotonic()
    assert send(service.browser(mood)) == Answer(Outcome.LATER, "timeout")
    assert time.monotonic() - began < 1.5


def test_a_service_that_is_down_is_one_for_later(settings: Any) -> None:
    with push_service.serving() as gone:
        browser = gone.browser()
    settings.PUSH_HOSTS = [gone.address]
    assert send(browser) == Answer(Outcome.LATER, "unreachable")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("0", 0), ("999999999999", 3600), ("", None), ("soon", None), ("-5", None), ("١٢", None)],
)
def test_retry_after_in_seconds_is_kept_within_an_hour(said: str, seconds: float | None) -> None:
    assert wait_of(said) == seconds


def test_retry_after_as_a_date_is_understood() -> None:
    said = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    found = wait_of(said)
    assert found is not None
    assert 295 <= found <= 300
    assert wait_of(format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)) == 0


# --- Nobody makes this server call another ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://FCM.googleapis.com:443/wp/x?y=1",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://db5p.notify.windows.com/w/?token=abc%2b",
        "https://web.push.apple.com/QGuQyavXutnMH",
    ],
)
def test_the_known_push_services_are_taken(endpoint: str) -> None:
    assert destination_of(endpoint) is not None


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://127.0.0.1\\@fcm.googleapis.com/x",
        "https://127.0.0.1#@fcm.googleapis.com/x",
        "https://fcm.googleapis.com",
        "https://notify.windows.com/x",
        "https://.notify.windows.com/x",
        "https://a..notify.windows.com/x",
        "https://evilpush.apple.com/x",
        f"https://{'a' * 64}.push.apple.com/x",
        f"https://{'a.' * 130}push.apple.com/x",
        "https://-a.push.apple.com/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/x",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/a\r\nHost: x",
        "https://fcm.googleapis.com/\u0661",
        "https://fcm.googleapis.com./x",
        "https://ﬀcm.googleapis.com/x",
        "https://fcm.googleapis.com:0/x",
        "ftp://fcm.googleapis.com/x",
        "//fcm.googleapis.com/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "x" * 2000,
        "",
    ],
)
def test_every_other_address_is_refused(endpoint: str) -> None:
    assert destination_of(endpoint) is None


def test_a_host_of_our_own_is_taken_exactly_as_it_is_written(settings: Any) -> None:
    settings.PUSH_HOSTS = ["http://127.0.0.1:8123", "https://push.example.org"]
    assert destination_of("http://127.0.0.1:8123/x") is not None
    assert destination_of("https://push.example.org/x") is not None
    for other in ("http://127.0.0.1/x", "http://127.0.0.1:8124/x", "https://127.0.0.1:8123/x"):
        assert destination_of(other) is None
    assert destination_of("http://push.example.org/x") is None


def test_an_address_that_is_no_longer_allowed_is_not_called(service: PushService, settings: Any) -> None:
    browser = service.browser()
    settings.PUSH_HOSTS = ["fcm.googleapis.com"]
    assert send(browser) == Answer(Outcome.REFUSED, "host")
    assert browser.asked == 0


def test_a_known_name_that_leads_to_a_private_address_is_not_called(
    service: PushService, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(service.address.rpartition(":")[2])
    monkeypatch.setattr(carrier.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", port))])
    browser = service.browser()
    browser.endpoint = "https://fcm.googleapis.com/x"
    assert send(browser) == Answer(Outcome.LATER, "address")


def test_a_redirect_is_not_followed(service: PushService) -> None:
    assert send(service.browser("redirect")) == Answer(Outcome.REFUSED, "307")
    assert service.elsewhere == []


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_the_command_prints_a_pair_that_can_be_used() -> None:
    out = StringIO()
    call_command("vapid_key", stdout=out)
    line, comment = out.getvalue().splitlines()
    pair = pair_of(line.removeprefix("VAPID_PRIVATE_KEY="))
    assert comment.endswith(pair.public)
    assert (len(decode(pair.private)), len(decode(pair.public))) == (32, 65)


def test_two_pairs_are_never_the_same() -> None:
    assert new_pair() != new_pair()


def test_without_a_key_nothing_is_sent(service: PushService, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    browser = service.browser()
    with pytest.raises(RuntimeError, match="VAPID_PRIVATE_KEY"):
        send(browser)
    assert browser.asked == 0
