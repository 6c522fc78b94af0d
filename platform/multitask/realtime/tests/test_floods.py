"""Bad input and bad readers: refused with a code, bounded in memory, and nobody else's connection suffers."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
from django.db import transaction
from websockets.exceptions import ConnectionClosed

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.realtime.events import NotificationNew, NotificationWire, UnreadCount
from multitask.realtime.publish import Outgoing, publish
from multitask.realtime.writing import OUTBOX_BYTES
from multitask.testing.sockets import Client, Deaf, WebProcess, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]


def ping(client: Client) -> float:
    begun = time.monotonic()
    client.say("ping")
    client.until("pong")
    return time.monotonic() - begun


def tell(user: User, events: int, characters: int = 0) -> None:
    with transaction.atomic():
        if not characters:
            publish([Outgoing(user.pk, UnreadCount(count=n)) for n in range(events)])
            return
        wire = NotificationWire.model_construct(message="x" * characters)
        event = NotificationNew.model_construct(notification=wire, unread_count=1)
        publish([Outgoing(user.pk, event)] * events)


@pytest.mark.parametrize("megabytes", [5, 10])
def test_a_frame_above_the_limit_is_closed_with_1009(web: WebProcess, megabytes: int) -> None:
    with web.enter(ClientFactory()) as other, web.enter(ClientFactory(), "talk") as client:
        before = web.megabytes()
        text = json.dumps({"type": "ping", "padding": "x" * (megabytes * 1024 * 1024)})
        with suppress(ConnectionClosed):
            client.raw.send(text)
        assert client.code() == 1009
        assert ping(other) < 0.5
        assert web.megabytes() - before < 5


def test_a_large_message_in_small_pieces_is_closed_with_1009(web: WebProcess) -> None:
    with web.enter(ClientFactory(), "talk") as client:
        with suppress(ConnectionClosed):
            client.raw.send("x" * 1_000 for _ in range(70))
        assert client.code() == 1009


def test_a_frame_within_the_limit_is_read(web: WebProcess) -> None:
    with web.enter(ClientFactory(), "talk") as client:
        client.raw.send(json.dumps({"type": "ping", "padding": "x" * 65_000}))
        assert client.until("error")["code"] == "frame_invalid"


def test_a_thousand_frames_a_second_are_closed_with_4429(web: WebProcess) -> None:
    with web.enter(ClientFactory()) as other, web.enter(ClientFactory(), "talk") as client:
        with suppress(ConnectionClosed):
            for _ in range(1_000):
                client.say("ping")
        assert client.code() == 4429
        assert ping(other) < 0.5


def test_sixty_frames_at_once_are_borne(web: WebProcess) -> None:
    with web.enter(ClientFactory()) as client:
        for _ in range(60):
            client.say("ping")
        for _ in range(60):
            client.until("pong")
        time.sleep(0.2)
        assert ping(client) < 0.5


BAD = {
    "nothing": ("", "frame_not_json"),
    "not JSON": ("{", "frame_not_json"),
    "a list": ("[]", "frame_not_json"),
    "a number": ("1", "frame_not_json"),
    "null": ("null", "frame_not_json"),
    "NaN": ('{"type":"sync","since":NaN}', "frame_not_json"),
    "1e999": ('{"type":"sync","since":1e999}', "frame_invalid"),
    "digits without end": ('{"type":"sync","since":' + "9" * 5_000 + "}", "frame_not_json"),
    "too large a number": ('{"type":"sync","since":9223372036854775808}', "frame_invalid"),
    "nested without end": ("[" * 60_000, "frame_not_json"),
    "objects nested without end": ('{"type":' * 8_000, "frame_not_json"),
    "nested and closed": ('{"type":"ping","a":' + "[" * 900 + "]" * 900 + "}", None),
    "NUL": ('{"type":"ping\\u0000"}', "frame_not_json"),
    "half a character": ('{"type":"\\ud800"}', "frame_not_json"),
    "no type": ("{}", "frame_unknown"),
    "unknown type": ('{"type":"message.delete"}', "frame_unknown"),
    "a type that is no text": ('{"type":{"a":1}}', "frame_unknown"),
    "a method's name": ('{"type":"_sync"}', "frame_unknown"),
    "an event of the server": ('{"type":"unread_count","count":1}', "frame_unknown"),
    "unknown field": ('{"type":"ping","user":2}', "frame_invalid"),
    "missing field": ('{"type":"sync"}', "frame_invalid"),
    "another kind": ('{"type":"sync","since":"1"}', "frame_invalid"),
    "below nothing": ('{"type":"sync","since":-1}', "frame_invalid"),
    "true": ('{"type":"sync","since":true}', "frame_invalid"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_frame_is_answered_with_an_error_and_the_socket_lives(web: WebProcess, name: str) -> None:
    text, expected = BAD[name]
    with web.enter(ClientFactory(), "talk") as client:
        client.raw.send(text)
        error = client.until("error")
        assert expected is None or error["code"] == expected
        assert error["detail"]
        assert set(error) == {"type", "code", "detail"}
        ping(client)


def test_an_error_is_in_the_language_of_the_socket_and_names_the_frame(web: WebProcess) -> None:
    user = ClientFactory()
    for lang, word in (("en", "field"), ("ar", "الحقل")):
        with web.enter(user, "talk", lang=lang) as client:
            client.say("ping", client_id="c-7", other=1)
            error = client.until("error")
            assert word in error["detail"]
            assert error["client_id"] == "c-7"
            client.say("fail", client_id="c-8")
            error = client.until("error")
            assert (error["code"], error["client_id"]) == ("server_error", "c-8")
            client.say("ping", client_id=["x" * 1_000])
            assert "client_id" not in client.until("error")


def test_after_twenty_bad_frames_the_socket_is_closed_with_4400(web: WebProcess) -> None:
    with web.enter(ClientFactory()) as client:
        for _ in range(20):
            client.raw.send("?")
        # Each is answered before the end.
        assert [client.receive()["code"] for _ in range(20)] == ["frame_not_json"] * 20
        assert client.code() == 4400


def test_a_binary_frame_is_closed_with_1003(web: WebProcess) -> None:
    with web.enter(ClientFactory()) as client:
        client.raw.send(b"\x00\x01")
        assert client.code() == 1003


def test_a_reader_who_stops_reading_costs_no_memory_is_closed_and_misses_nothing(web: WebProcess) -> None:
    """1,000 events of 4,000 characters to ten readers who read nothing; the one who comes back has them all."""
    users = [ClientFactory() for _ in range(10)]
    fine, traces = ClientFactory(), web.log().count("Traceback")
    tell(fine, 1)
    with web.enter(fine) as other:
        ping(other)
        deaf = [Deaf(web, user) for user in users]
        for one in deaf:
            one.say('{"type":"ping"}')
        before = web.megabytes()
        for user in users:
            tell(user, 1_000, 4_000)
        peak = before
        end = time.monotonic() + 12
        while time.monotonic() < end:
            peak = max(peak, web.megabytes())
            assert ping(other) < 1.0
            time.sleep(0.25)
        # 40 MB would wait if everything did.
        assert peak - before < 10 * OUTBOX_BYTES / 1e6 + 10
        for one in deaf:
            wait_until(one.is_cut, what="the end of the connection", timeout=10)
            one.raw.close()
    assert web.log().count("Traceback") == traces
    with web.enter(users[0]) as back:
        frames = back.synced(0, timeout=20)
        assert [frame["seq"] for frame in frames] == list(range(1, 1_001))


def test_a_slow_reader_who_reads_on_gets_everything_in_order(web: WebProcess) -> None:
    user = ClientFactory()
    tell(user, 3_000)
    with web.enter(user) as client:
        client.say("sync", since=0)
        got = []
        while len(got) < 3_000:
            frame = client.receive(10)
            if "count" in frame:
                got.append(frame["seq"])
            if len(got) % 500 == 0:
                time.sleep(0.1)
        assert got == list(range(1, 3_001))
        assert client.until("synced")["seq"] == 3_000


def test_a_socket_that_is_answered_more_than_it_holds_is_closed_with_4408(web: WebProcess) -> None:
    with web.enter(ClientFactory(), "talk") as client:
        client.say("fill", frames=1_001, characters=10)
        assert client.code(timeout=30) == 4408
    with web.enter(ClientFactory(), "talk") as client:
        client.say("fill", frames=30, characters=60_000)
        assert client.code(timeout=30) == 4408
    with web.enter(ClientFactory(), "talk") as client:
        client.say("fill", frames=900, characters=10)
        for _ in range(900):
            client.until("filler")
        ping(client)
