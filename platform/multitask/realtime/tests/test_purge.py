"""Old events are forgotten in parts, without holes, and whoever needs them is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.realtime.events import UnreadCount
from multitask.realtime.models import EventCursor, UserEvent
from multitask.realtime.publish import Outgoing, publish
from multitask.realtime.selectors.events import News, news_behind
from multitask.realtime.services.purge import events_purge
from multitask.testing.concurrency import at_once
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


def tell(user: User, number: int, *, days_ago: float = 0.0) -> None:
    with transaction.atomic():
        publish([Outgoing(user.pk, UnreadCount(count=n)) for n in range(number)])
    if days_ago:
        last = EventCursor.objects.get(user=user).last_seq
        UserEvent.objects.filter(user=user, seq__gt=last - number).update(
            created_at=timezone.now() - timedelta(days=days_ago)
        )


def left(user: User) -> tuple[list[int], int, int]:
    cursor = EventCursor.objects.get(user=user)
    seqs = list(UserEvent.objects.filter(user=user).order_by("seq").values_list("seq", flat=True))
    return seqs, cursor.kept_after, cursor.last_seq


def test_events_older_than_the_days_kept_go_and_the_cursor_says_so() -> None:
    old, mixed, new = ClientFactory(), ClientFactory(), ClientFactory()
    tell(old, 3, days_ago=8)
    tell(mixed, 3, days_ago=7.5)
    tell(mixed, 2, days_ago=6.5)
    tell(new, 2)
    assert events_purge(keep_days=7) == 6
    assert left(old) == ([], 3, 3)
    assert left(mixed) == ([4, 5], 3, 5)
    assert left(new) == ([1, 2], 0, 2)
    assert events_purge(keep_days=7) == 0
    # Numbers go on where they were.
    tell(old, 1)
    assert left(old) == ([4], 3, 4)


def test_what_is_left_has_no_hole_though_times_and_numbers_disagree() -> None:
    """A transaction that begins early and commits late has an early time and a late number."""
    user = ClientFactory()
    tell(user, 5)
    UserEvent.objects.filter(user=user, seq=3).update(created_at=timezone.now() - timedelta(days=8))
    events_purge(keep_days=7)
    assert left(user) == ([4, 5], 3, 5)


def test_a_large_backlog_goes_in_parts() -> None:
    users = [ClientFactory() for _ in range(4)]
    for user in users:
        tell(user, 10, days_ago=9)
    parts = []
    while gone := events_purge(keep_days=7, part=15):
        parts.append(gone)
    assert sum(parts) == 40
    assert max(parts) <= 15
    assert [left(user) for user in users] == [([], 10, 10)] * 4


def test_the_nightly_run_purges(pipeline: Pipeline, settings: object) -> None:
    from multitask.outbox.services import schedule_run

    user = ClientFactory()
    tell(user, 3, days_ago=8)
    schedule_run(topic="schedule.purge")
    pipeline.drain()
    assert left(user) == ([], 3, 3)


@pytest.mark.django_db(transaction=True)
def test_a_purge_waits_for_no_writer_and_no_writer_for_it() -> None:
    user, other = ClientFactory(), ClientFactory()
    tell(user, 2, days_ago=8)
    tell(other, 2, days_ago=8)
    with transaction.atomic():
        publish([Outgoing(user.pk, UnreadCount(count=9))])

        def purge() -> int:
            try:
                return events_purge(keep_days=7)
            finally:
                connection.close()

        (gone,) = at_once([purge])
    assert gone == 2
    assert left(user)[0] == [1, 2, 3]
    assert left(other) == ([], 2, 2)


def test_one_query_reads_for_all_and_says_nothing_of_what_was_sent(
    django_assert_num_queries: object,
) -> None:
    users = [ClientFactory() for _ in range(5)]
    for number, user in enumerate(users):
        tell(user, number)
    asked = [(user.pk, "notifications", 1) for user in users[1:]]
    with django_assert_num_queries(1):  # type: ignore[operator]
        found, cut = news_behind(asked)
    assert not cut
    assert {key[0]: [seq for seq, _ in news.events] for key, news in found.items()} == {
        users[2].pk: [2],
        users[3].pk: [2, 3],
        users[4].pk: [2, 3, 4],
    }
    assert found[users[4].pk, "notifications", 1] == News(
        4, 0, [(seq, {"type": "unread_count", "count": seq - 1}) for seq in (2, 3, 4)]
    )
