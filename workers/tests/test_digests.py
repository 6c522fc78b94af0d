"""A digest a day or a week at the hour one chose: what is new, nothing twice, nothing missed, no mail for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from multitask.accounts.factories import BothFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.common.clock import CAIRO, local_date
from multitask.messaging.factories import ConversationFactory, MessageFactory
from multitask.notifications.models import Digest, DigestState, NotificationPreference
from multitask.notifications.services.digests import (
    CHUNK,
    digest_plan,
    digests_claim,
    digests_find,
    digests_purge,
    digests_settle,
    digests_sweep,
)
from multitask.outbox.emit import emit
from multitask.outbox.models import OutboxEvent
from multitask.recommendations.factories import EntryFactory, ListFactory
from multitask.tasks.factories import ApplicationFactory, StartedTaskFactory, TaskFactory
from multitask.tasks.selectors.digests import applications_new
from multitask.testing.clock import Clock, pretend
from multitask.testing.concurrency import at_once
from multitask.testing.pipeline import Pipeline
from workers.tests.post_office import BACKEND, PostOffice

BEGIN = datetime(2026, 6, 10, 12, tzinfo=CAIRO).astimezone(UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(settings: Any) -> Iterator[Clock]:
    settings.EMAIL_BACKEND = BACKEND
    PostOffice.mode = "open"
    with pretend(BEGIN) as found:
        yield found
    PostOffice.mode = "open"


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def reader(user: User | None = None, **values: Any) -> User:
    """Somebody with a proved address who chose a digest a minute ago."""
    user = user or BothFactory()
    User.objects.filter(pk=user.pk).update(is_verified=True)
    preference = NotificationPreference(user=user, **({"digest": "daily", "digest_hour": 9} | values))
    digest_plan(preference, now=timezone.now() - timedelta(minutes=1))
    preference.save()
    return user


def news(user: User) -> None:
    ApplicationFactory(task=TaskFactory(client=user))


def run(pipeline: Pipeline) -> None:
    emit("schedule.digests", key="schedule:digests")
    pipeline.drain()
    assert not [word for word in pipeline.words if word.startswith("failed") and "MailAway" not in word]


def at(clock: Clock, pipeline: Pipeline, day: date, hour: time) -> None:
    clock.move_to(datetime.combine(day, hour, tzinfo=CAIRO).astimezone(UTC))
    run(pipeline)


def tomorrow(clock: Clock, pipeline: Pipeline, hour: int = 9) -> None:
    at(clock, pipeline, local_date(clock.now) + DAY, time(hour))


def states() -> list[tuple[str, str]]:
    return list(Digest.objects.order_by("pk").values_list("state", "reason"))


def test_a_daily_digest_comes_at_its_hour_with_what_is_new_of_each_kind(
    clock: Clock, pipeline: Pipeline
) -> None:
    user = reader(BothFactory(language="en"))
    clock.shift(HOUR)
    match = EntryFactory(recommendation_list=ListFactory(user=user), score=0.83).task
    other = ConversationFactory(users=(user, ClientFactory(first_name="Mona", last_name="Adel")))
    for _ in range(2):
        MessageFactory(conversation=other, sender_id=other.other_id(user.pk))
    application = ApplicationFactory(task=TaskFactory(client=user))
    due = StartedTaskFactory(assigned_to=user, deadline=BEGIN + 7 * DAY + 2 * HOUR)
    at(clock, pipeline, date(2026, 6, 11), time(8, 50))
    assert mail.outbox == []
    at(clock, pipeline, date(2026, 6, 11), time(9))
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    for word in (
        match.title,
        "83% match",
        "Mona Adel",
        "Unread messages: 2",
        application.task.title,
        due.title,
    ):
        assert word in sent.body
    assert sent.to == [user.email]
    assert "/notifications/unsubscribe/" in sent.extra_headers["List-Unsubscribe"]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert states() == [("sent", "")]
    numbers = {"matches": 1, "messages": 1, "applications": 1, "deadlines": 1}
    assert Digest.objects.get().content == {name: {"number": one} for name, one in numbers.items()}


def test_nothing_new_is_no_mail_and_the_attempt_is_recorded(clock: Clock, pipeline: Pipeline) -> None:
    reader()
    tomorrow(clock, pipeline)
    assert mail.outbox == []
    assert states() == [("empty", "")]


def test_nothing_is_in_two_digests(clock: Clock, pipeline: Pipeline) -> None:
    user = reader(BothFactory(language="en"))
    first = ApplicationFactory(task=TaskFactory(client=user)).task
    soon = StartedTaskFactory(assigned_to=user, deadline=BEGIN + 5 * DAY + 21 * HOUR)
    clock.shift(2 * DAY)
    tomorrow(clock, pipeline)
    later = ApplicationFactory(task=TaskFactory(client=user)).task
    tomorrow(clock, pipeline)
    tomorrow(clock, pipeline)
    assert [first.title in sent.body for sent in mail.outbox] == [True, False]
    assert [later.title in sent.body for sent in mail.outbox] == [False, True]
    assert sum(soon.title in str(sent.body) for sent in mail.outbox) <= 1
    assert states() == [("sent", ""), ("sent", ""), ("empty", "")]


def test_what_was_written_in_the_last_minutes_waits_for_the_next(clock: Clock, pipeline: Pipeline) -> None:
    user = reader()
    clock.move_to(datetime(2026, 6, 11, 8, 57, tzinfo=CAIRO).astimezone(UTC))
    news(user)
    at(clock, pipeline, date(2026, 6, 11), time(9))
    assert states() == [("empty", "")]
    tomorrow(clock, pipeline)
    assert states() == [("empty", ""), ("sent", "")]


def test_what_is_older_than_the_choice_is_not_told(clock: Clock, pipeline: Pipeline) -> None:
    user = BothFactory()
    news(user)
    clock.shift(HOUR)
    reader(user)
    tomorrow(clock, pipeline)
    assert states() == [("empty", "")]


def test_a_weekly_digest_comes_on_its_day(clock: Clock, pipeline: Pipeline) -> None:
    user = reader(digest="weekly", digest_weekday=6, digest_hour=18)
    for _ in range(15):
        news(user)
        tomorrow(clock, pipeline, 18)
    assert list(Digest.objects.order_by("period").values_list("period", flat=True)) == [
        date(2026, 6, 14),
        date(2026, 6, 21),
    ]


@pytest.mark.parametrize("days", [0, 3])
def test_a_beat_that_was_away_makes_up_one_digest(clock: Clock, pipeline: Pipeline, days: int) -> None:
    user = reader()
    news(user)
    at(clock, pipeline, date(2026, 6, 11 + days), time(12))
    run(pipeline)
    assert list(Digest.objects.values_list("period", flat=True)) == [date(2026, 6, 11 + days)]
    assert len(mail.outbox) == 1
    news(user)
    tomorrow(clock, pipeline)
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "change", [date(2026, 4, 24), date(2027, 4, 30), date(2026, 10, 29), date(2027, 10, 28)]
)
@pytest.mark.parametrize("hour", [0, 9, 23])
def test_each_day_of_cairo_has_one_digest_when_its_clock_is_changed(
    clock: Clock, pipeline: Pipeline, change: date, hour: int
) -> None:
    clock.move_to(datetime.combine(change - 2 * DAY, time(12), tzinfo=CAIRO).astimezone(UTC))
    reader(digest_hour=hour)
    for _ in range(5 * 24):
        clock.shift(HOUR)
        run(pipeline)
    last = local_date(clock.now)
    wanted = [change + timedelta(days=number) for number in range(-2, 6)]
    periods = list(Digest.objects.order_by("period").values_list("period", flat=True))
    assert periods == [day for day in wanted if periods[0] <= day <= periods[-1]]
    assert periods[0] <= change - DAY
    assert periods[-1] >= last - DAY


def test_who_moves_the_hour_gets_no_second_digest_that_day_and_misses_nothing(
    clock: Clock, pipeline: Pipeline
) -> None:
    user = reader()
    news(user)
    tomorrow(clock, pipeline)
    clock.shift(HOUR)
    news(user)
    preference = NotificationPreference.objects.get(user=user)
    preference.digest_hour = 20
    digest_plan(preference, now=timezone.now())
    preference.save()
    at(clock, pipeline, date(2026, 6, 11), time(20))
    assert len(mail.outbox) == 1
    tomorrow(clock, pipeline, 20)
    assert len(mail.outbox) == 2
    assert list(Digest.objects.order_by("pk").values_list("period", flat=True)) == [
        date(2026, 6, 11),
        date(2026, 6, 12),
    ]


def test_five_of_a_kind_are_shown_and_the_rest_is_counted(clock: Clock, pipeline: Pipeline) -> None:
    user = reader(BothFactory(language="en"))
    task = TaskFactory(client=user)
    for _ in range(8):
        ApplicationFactory(task=task)
    tomorrow(clock, pipeline)
    (sent,) = mail.outbox
    assert "New applications to your tasks: 8" in sent.body
    assert "And 3 more." in sent.body
    assert str(sent.body).count(f"/tasks/{task.pk}/applications") == 5


def test_what_is_answered_delivered_read_or_applied_to_is_not_news(clock: Clock, pipeline: Pipeline) -> None:
    user = reader()
    ApplicationFactory(task=TaskFactory(client=user), status="REJECTED")
    ApplicationFactory(task=TaskFactory(client=user, status="CANCELLED"))
    StartedTaskFactory(assigned_to=user, deadline=BEGIN + 5 * DAY, delivered_at=BEGIN)
    mine = ListFactory(user=user)
    ApplicationFactory(task=EntryFactory(recommendation_list=mine).task, freelancer=user)
    EntryFactory(recommendation_list=mine, task=TaskFactory(status="CANCELLED"))
    EntryFactory(recommendation_list=mine, task=TaskFactory(deadline=BEGIN + HOUR))
    talk = ConversationFactory(users=(user, ClientFactory()))
    MessageFactory(conversation=talk, sender_id=user.pk)
    read = MessageFactory(conversation=talk, sender_id=talk.other_id(user.pk))
    talk.sides.filter(user=user).update(delivered_up_to=read.pk, read_up_to=read.pk, unread_count=0)
    tomorrow(clock, pipeline)
    assert states() == [("empty", "")]


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"is_verified": False}, "address_unverified"),
        ({"is_active": False}, "account_inactive"),
        ({"digest": "off"}, "preference"),
    ],
)
def test_account_and_choice_are_looked_at_again_before_the_mail(
    clock: Clock, pipeline: Pipeline, what: dict[str, Any], reason: str
) -> None:
    user = reader()
    news(user)
    clock.move_to(datetime(2026, 6, 11, 9, tzinfo=CAIRO).astimezone(UTC))
    assert digests_find() == 1
    with transaction.atomic():
        due = digests_claim(first=0, last=10**9)
        digests_settle(due, {"applications": applications_new([one.span for one in due if one.span])})
    model = NotificationPreference if "digest" in what else User
    model.objects.filter(**({"user": user} if "digest" in what else {"pk": user.pk})).update(**what)
    pipeline.drain()
    assert mail.outbox == []
    assert states() == [("suppressed", reason)]


def test_an_account_that_is_closed_gets_none_and_is_not_asked_about_for_ever(
    clock: Clock, pipeline: Pipeline
) -> None:
    user = reader()
    User.objects.filter(pk=user.pk).update(is_active=False)
    tomorrow(clock, pipeline)
    assert states() == []
    assert digests_find() == 0


def test_a_mail_server_that_is_away_for_hours_gets_the_digest_once_afterwards(
    clock: Clock, pipeline: Pipeline
) -> None:
    user = reader()
    news(user)
    PostOffice.mode = "shut"
    tomorrow(clock, pipeline)
    for _ in range(3 * 60):
        clock.shift(timedelta(minutes=1))
        pipeline.drain()
    assert states() == [("prepared", "")]
    PostOffice.mode = "open"
    for _ in range(40):
        clock.shift(timedelta(minutes=1))
        pipeline.drain()
    assert states() == [("sent", "")]
    assert len(mail.outbox) == 1
    assert pipeline.dead() == []


def test_a_mail_server_that_stays_away_ends_as_failed_and_not_as_a_dead_letter(
    clock: Clock, pipeline: Pipeline
) -> None:
    news(reader())
    PostOffice.mode = "shut"
    tomorrow(clock, pipeline)
    for _ in range(14 * 12):
        clock.shift(timedelta(minutes=5))
        pipeline.drain()
    assert states() == [("failed", "mail_away")]
    assert pipeline.dead() == []


def test_a_server_that_takes_a_mail_and_says_nothing_is_not_asked_twice(
    clock: Clock, pipeline: Pipeline
) -> None:
    news(reader())
    PostOffice.mode = "silent"
    tomorrow(clock, pipeline)
    pipeline.make_due()
    pipeline.drain()
    assert states() == [("uncertain", "no_answer")]
    assert len(mail.outbox) == 1


def test_a_digest_that_no_job_ends_is_given_up_after_a_day(clock: Clock) -> None:
    Digest.objects.create(
        user=reader(), period=date(2026, 6, 10), rhythm="daily", since=BEGIN - DAY, until=BEGIN, content={}
    )
    assert digests_sweep() == 0
    clock.shift(DAY + HOUR)
    assert digests_sweep() == 1
    assert states() == [("failed", "given_up")]
    clock.shift(31 * DAY)
    assert digests_purge() == 1


def test_a_chunk_costs_the_same_queries_however_many_it_serves(clock: Clock) -> None:
    from workers.jobs import digests

    def cost(number: int) -> int:
        users = [reader() for _ in range(number)]
        for user in users:
            news(user)
        clock.shift(DAY)
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            due = digests_claim(first=users[0].pk, last=users[-1].pk)
            spans = [one.span for one in due if one.span is not None]
            made, _ = digests_settle(
                due,
                {
                    "matches": digests.matches_new(spans),
                    "messages": digests.messages_unread(spans),
                    "applications": digests.applications_new(spans),
                    "deadlines": digests.deadlines_new(spans),
                },
            )
        assert made == number
        return len(queries)

    few = cost(2)
    assert cost(30) == few


def test_due_users_are_asked_for_in_chunks(clock: Clock) -> None:
    for _ in range(3):
        reader()
    users = ClientFactory.create_batch(CHUNK)
    NotificationPreference.objects.bulk_create(
        NotificationPreference(user=user, digest="daily", digest_next_at=BEGIN, digest_mark=BEGIN - DAY)
        for user in users
    )
    clock.shift(DAY)
    assert digests_find() == CHUNK + 3
    spans = list(
        OutboxEvent.objects.filter(topic="digest.chunk").order_by("pk").values_list("payload", flat=True)
    )
    assert len(spans) == 2
    assert spans[0]["last"] < spans[1]["first"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_chunk_prepare_each_digest_once() -> None:
    users = FreelancerFactory.create_batch(40)
    now = timezone.now()
    NotificationPreference.objects.bulk_create(
        NotificationPreference(
            user=user, digest="daily", digest_next_at=now - HOUR, digest_mark=now - 2 * DAY
        )
        for user in users
    )

    def prepare() -> int:
        with transaction.atomic():
            due = digests_claim(first=users[0].pk, last=users[-1].pk)
            digests_settle(due, {})
        return len(due)

    assert sum(at_once([prepare] * 4)) == 40
    assert Digest.objects.filter(state=DigestState.EMPTY).count() == 40
    assert not NotificationPreference.objects.filter(digest_next_at__lte=now).exists()
