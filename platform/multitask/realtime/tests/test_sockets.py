"""What a socket is sent: every event of its user's stream, in order, once, in its language, and nobody else's."""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime

import pytest
from django.db import connection, transaction

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.realtime.events import (
    ConversationNew,
    Event,
    NotificationNew,
    NotificationWire,
    Said,
    UnreadCount,
)
from multitask.realtime.models import EventCursor, UserEvent
from multitask.realtime.publish import Outgoing, publish
from multitask.testing.sockets import Client, WebProcess, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]


def tell(user: User, *numbers: int) -> None:
    """One transaction with an event for each number."""
    with transaction.atomic():
        publish([Outgoing(user.pk, UnreadCount(count=number)) for number in numbers])


def numbers(frames: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(frame["seq"], frame["count"]) for frame in frames if frame["type"] == "unread_count"]


def test_the_first_frame_says_who_one_is_and_how_far_the_stream_has_come(web: WebProcess) -> None:
    user = ClientFactory(language="ar")
    tell(user, 1, 2, 3)
    with web.enter(user, lang="") as client:
        (hello,) = client.seen
        assert hello | {"server_time": ""} == {
            "type": "hello",
            "user": user.pk,
            "seq": 3,
            "server_time": "",
            "lang": "ar",
        }
        assert datetime.fromisoformat(hello["server_time"]).utcoffset().total_seconds() == 0


def test_an_event_reaches_an_open_socket_at_once(web: WebProcess) -> None:
    user = ClientFactory()
    with web.enter(user) as client:
        client.say("ping")
        client.until("pong")
        begun = time.monotonic()
        tell(user, 3)
        assert client.until("unread_count") == {"type": "unread_count", "count": 3, "seq": 1}
        assert time.monotonic() - begun < 0.5


def test_what_is_rolled_back_is_told_to_nobody(web: WebProcess) -> None:
    user = ClientFactory()
    with web.enter(user) as client:
        client.say("ping")
        with transaction.atomic():
            publish([Outgoing(user.pk, UnreadCount(count=9))])
            transaction.set_rollback(True)
        tell(user, 1)
        assert numbers(client.quiet(0.5)) == [(1, 1)]


def test_a_sync_sent_first_brings_everything_since_in_order_and_once(web: WebProcess) -> None:
    user = ClientFactory()
    tell(user, *range(1, 8))
    with web.enter(user) as client:
        # Committed after the greeting and before the sync: it must not come twice.
        tell(user, 8)
        frames = client.synced(3)
        assert numbers(frames) == [(n, n) for n in range(4, 9)]
        tell(user, 9)
        assert numbers(client.quiet(0.5)) == [(9, 9)]


def test_a_later_sync_replays_from_where_it_says(web: WebProcess) -> None:
    user = ClientFactory()
    tell(user, *range(1, 6))
    with web.enter(user) as client:
        assert numbers(client.synced(0)) == [(n, n) for n in range(1, 6)]
        assert numbers(client.synced(2)) == [(n, n) for n in range(3, 6)]
        assert client.synced(5) == []


def test_a_client_that_says_nothing_is_sent_events_all_the_same(web: WebProcess) -> None:
    user = ClientFactory()
    with web.enter(user) as client:
        tell(user, 1)
        assert client.until("unread_count", timeout=2.0)["seq"] == 1


@pytest.mark.parametrize("since", [0, 1, 9, 2**62])
def test_what_is_gone_or_was_never_there_is_answered_with_resync(web: WebProcess, since: int) -> None:
    user = ClientFactory()
    tell(user, 1, 2, 3, 4)
    EventCursor.objects.filter(user=user).update(kept_after=2)
    UserEvent.objects.filter(user=user, seq__lte=2).delete()
    with web.enter(user) as client:
        assert client.synced(since) == [{"type": "resync_required", "seq": 4}]
        tell(user, 5)
        assert numbers(client.quiet(0.5)) == [(5, 5)]
        # What is still there is sent.
        assert numbers(client.synced(2)) == [(3, 3), (4, 4), (5, 5)]


def test_a_hole_in_the_log_is_never_passed_over_in_silence(web: WebProcess) -> None:
    user = ClientFactory()
    tell(user, 1, 2, 3)
    UserEvent.objects.filter(user=user, seq=2).delete()
    with web.enter(user) as client:
        frames = client.synced(0)
        assert [frame["seq"] for frame in frames] in ([3], [1, 3])
        assert frames[-1]["type"] == "resync_required"


def test_a_socket_speaks_the_language_that_was_asked_for_and_no_other(web: WebProcess) -> None:
    user = ClientFactory(language="ar")
    # Whatever other fields a notification has.
    wire = NotificationWire.model_construct(
        title=Said(en="Welcome", ar="أهلًا"), message="{en} as it is", notification_type="system"
    )
    event = NotificationNew.model_construct(notification=wire, unread_count=1)
    with transaction.atomic():
        publish([Outgoing(user.pk, event)])
    for asked, title in (("en", "Welcome"), ("ar", "أهلًا"), ("", "أهلًا"), ("fr", "أهلًا")):
        with web.enter(user, lang=asked) as client:
            (frame,) = client.synced(0)
            assert frame["notification"]["title"] == title
            assert frame["notification"]["message"] == "{en} as it is"


def test_every_socket_of_a_user_gets_every_event(web: WebProcess) -> None:
    user = ClientFactory()
    clients = [web.enter(user) for _ in range(3)]
    for client in clients:
        client.say("ping")
        client.until("pong")
    tell(user, 1, 2)
    tell(user, 3)
    for client in clients:
        assert numbers(client.quiet(0.4)) == [(1, 1), (2, 2), (3, 3)]
        client.close()


def test_streams_count_apart(web: WebProcess) -> None:
    user = ClientFactory()
    with web.enter(user) as told, web.enter(user, "talk") as chat:
        for client in (told, chat):
            client.say("ping")
            client.until("pong")
        with transaction.atomic():
            publish(
                [Outgoing(user.pk, UnreadCount(count=5)), Outgoing(user.pk, ConversationNew(conversation=7))]
            )
        assert told.quiet(0.4) == [{"type": "unread_count", "count": 5, "seq": 1}]
        assert chat.quiet(0.4) == [{"type": "conversation.new", "conversation": 7, "seq": 1}]


def test_events_of_many_writers_at_once_arrive_in_the_order_of_their_numbers(web: WebProcess) -> None:
    users = [ClientFactory() for _ in range(3)]
    clients = [web.enter(user) for user in users]
    for client in clients:
        client.say("ping")
        client.until("pong")

    def write(seed: int) -> None:
        chosen = random.Random(seed)
        for step in range(40):
            with transaction.atomic():
                publish([Outgoing(user.pk, UnreadCount(count=step)) for user in chosen.sample(users, 2)])
        connection.close()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for user, client in zip(users, clients, strict=True):
        last = EventCursor.objects.get(user=user).last_seq
        got = [client.receive()["seq"] for _ in range(last)]
        assert got == list(range(1, last + 1))
        client.close()


def test_nothing_of_one_user_reaches_another(web: WebProcess) -> None:
    """Random users are told random things, with ids and names that look like each other's."""
    chosen = random.Random(11)
    users = [ClientFactory() for _ in range(6)]
    clients: dict[int, Client] = {}
    for user in users:
        clients[user.pk] = web.enter(user, chosen.choice(["talk", "notifications"]))
        clients[user.pk].say("ping")
        clients[user.pk].until("pong")
    kinds: dict[str, type[Event]] = {"talk": ConversationNew, "notifications": UnreadCount}
    sent: dict[int, list[tuple[str, int]]] = {user.pk: [] for user in users}
    for step in range(120):
        told = chosen.sample(users, chosen.randint(1, 4))
        out = []
        for user in told:
            # The number says whose it is.
            secret = user.pk * 1_000 + step
            kind = chosen.choice(list(kinds))
            event: Event = (
                ConversationNew(conversation=secret) if kind == "talk" else UnreadCount(count=secret)
            )
            out.append(Outgoing(user.pk, event))
            sent[user.pk].append((event.type, secret))
        with transaction.atomic():
            publish(out)
        # A client may name whoever it likes in what it says.
        talker = chosen.choice(users)
        clients[talker.pk].say("sync", since=0) if step % 40 == 39 else clients[talker.pk].say("ping")
    for user in users:
        frames = clients[user.pk].quiet(0.6)
        secrets = [frame.get("conversation", frame.get("count")) for frame in frames if "seq" in frame]
        assert secrets
        secrets = [number for number in secrets if isinstance(number, int)]
        assert {number // 1_000 for number in secrets} == {user.pk}
        clients[user.pk].close()


def test_a_database_that_cuts_every_connection_loses_no_event(web: WebProcess) -> None:
    user = ClientFactory()
    with web.enter(user) as client:
        client.say("ping")
        client.until("pong")
        tell(user, 1)
        client.until("unread_count")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        for number in range(2, 6):
            tell(user, number)
        assert [client.until("unread_count", timeout=10)["seq"] for _ in range(4)] == [2, 3, 4, 5]
        # It listens again, rather than being found by the sweep.
        begun = time.monotonic()
        wait_until(lambda: web.log().count("no_longer_listening") >= 1, what="word of it")
        tell(user, 6)
        client.until("unread_count")
        assert time.monotonic() - begun < 3
        assert numbers(client.synced(0)) == [(n, n) for n in range(1, 7)]


def test_a_notification_of_postgresql_that_is_lost_is_made_up_for_by_the_sweep(web: WebProcess) -> None:
    user = ClientFactory()
    with web.enter(user) as client:
        client.say("ping")
        client.until("pong")
        with transaction.atomic():
            EventCursor.objects.update_or_create(user=user, stream="notifications", defaults={"last_seq": 1})
            UserEvent.objects.create(
                user=user,
                stream="notifications",
                seq=1,
                type="unread_count",
                body={"type": "unread_count", "count": 1},
            )
        assert client.until("unread_count", timeout=8)["seq"] == 1
