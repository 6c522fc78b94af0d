"""How often the model is asked: exactly so often, by all together, in the order of asking; and how much a user a day."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from multitask.accounts.factories import UserFactory
from multitask.chatbot.gate import DailyUse, ModelGate
from multitask.chatbot.services import gates, limiter
from multitask.chatbot.services.limiter import (
    Spent,
    Taken,
    Wait,
    budget_add_tokens,
    budget_give_back,
    budget_take,
    call_take,
    calls_hold,
    use_prune,
)
from multitask.outbox.services import schedule_run
from multitask.testing.pipeline import Pipeline


class Clock:
    """The database's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(gates, "database_now", made)
    monkeypatch.setattr(limiter, "database_now", made)
    return made


@pytest.mark.django_db
def test_no_minute_has_more_calls_than_the_limit_and_every_place_is_used(clock: Clock) -> None:
    """300 callers at once, ten a minute; each comes back when it was told, and is then served."""
    limit, served = 10, []
    due: list[tuple[float, int]] = [(0.0, number) for number in range(300)]
    told: set[int] = set()
    start = clock.now
    asked = 0
    while due:
        at, number = due.pop(0)
        clock.now = max(clock.now, start + timedelta(seconds=at))
        asked += 1
        match call_take(limit=limit, waited=number in told):
            case Taken():
                served.append((clock.now - start).total_seconds())
            case Wait(seconds):
                told.add(number)
                due.append(((clock.now - start).total_seconds() + seconds, number))
                due.sort()
    for first in served:
        assert sum(first <= at < first + 60 for at in served) <= limit
    assert len(served) == 300
    # One wait each at the most, and nothing wasted beyond the margin.
    assert asked <= 600
    assert served[-1] <= 29 * (60 + limiter.MARGIN_SECONDS) + 30


@pytest.mark.django_db
def test_who_waits_comes_before_who_asks_for_the_first_time(clock: Clock) -> None:
    assert call_take(limit=1) == Taken()
    waiting = call_take(limit=1)
    assert isinstance(waiting, Wait)
    clock.tick(waiting.seconds)
    assert isinstance(call_take(limit=1), Wait)
    assert call_take(limit=1, waited=True) == Taken()


@pytest.mark.django_db
def test_each_who_waits_is_told_a_time_of_his_own(clock: Clock) -> None:
    for _ in range(3):
        assert call_take(limit=3) == Taken()
        clock.tick(5)
    waits = [call_take(limit=3) for _ in range(4)]
    assert [wait.seconds for wait in waits if isinstance(wait, Wait)] == [47, 52, 57, 109]


@pytest.mark.django_db
def test_a_place_kept_for_one_who_does_not_come_goes_to_others(clock: Clock) -> None:
    assert call_take(limit=1) == Taken()
    waiting = call_take(limit=1)
    assert isinstance(waiting, Wait)
    clock.tick(waiting.seconds + limiter.KEPT_SECONDS + 1)
    assert call_take(limit=1) == Taken()


@pytest.mark.django_db
def test_who_comes_late_or_early_never_makes_it_too_many(clock: Clock) -> None:
    assert [call_take(limit=2) for _ in range(2)] == [Taken()] * 2
    assert isinstance(call_take(limit=2), Wait)
    clock.tick(20)
    assert isinstance(call_take(limit=2, waited=True), Wait)
    clock.tick(41.5)
    assert isinstance(call_take(limit=2, waited=True), Wait)


@pytest.mark.django_db
def test_no_limit_is_no_limit(clock: Clock) -> None:
    assert all(call_take(limit=0) == Taken() for _ in range(100))
    assert ModelGate.objects.get().times == []


@pytest.mark.django_db
def test_a_service_that_says_too_often_is_left_alone_for_as_long(clock: Clock) -> None:
    assert call_take(limit=5) == Taken()
    calls_hold(seconds=20, limit=5)
    held = call_take(limit=5)
    assert held == Wait(20)
    clock.tick(20)
    assert call_take(limit=5, waited=True) == Taken()


@pytest.mark.django_db
def test_calls_and_waits_are_counted(clock: Clock) -> None:
    for _ in range(5):
        call_take(limit=2)
    row = ModelGate.objects.get()
    assert (row.calls_total, row.waits_total) == (2, 3)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_take_no_more_than_there_are() -> None:
    taken: list[object] = []
    ready = threading.Barrier(8)

    def worker() -> None:
        ready.wait()
        try:
            for _ in range(4):
                taken.append(call_take(limit=10))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=worker) for _ in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert taken.count(Taken()) == 10
    assert len(taken) == 32


@pytest.mark.django_db(transaction=True)
def test_a_place_is_never_taken_inside_a_transaction_that_would_hold_all_others_up() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        call_take(limit=10)


@pytest.mark.django_db
def test_the_clock_is_the_databases() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    assert call_take(limit=10) == Taken()
    (at,) = ModelGate.objects.get().times
    assert before < at < before + timedelta(seconds=5)


# --- A user's day ---------------------------------------------------------------------------------------------------


@pytest.fixture
def user_id(settings: object, db: None) -> int:
    settings.CHAT_DAILY_MESSAGES, settings.CHAT_DAILY_TOKENS = 3, 1_000  # type: ignore[attr-defined]
    return int(UserFactory().pk)


def test_the_day_has_so_many_messages_and_a_refused_one_is_not_counted(user_id: int, clock: Clock) -> None:
    assert [budget_take(user_id=user_id) for _ in range(3)] == [None] * 3
    # 12:00 UTC is 14:00 in Cairo, in winter.
    assert budget_take(user_id=user_id) == Spent("messages", 10 * 3600)
    assert DailyUse.objects.get().messages == 3
    assert budget_take(user_id=UserFactory().pk) is None


def test_a_message_that_the_model_did_not_answer_is_given_back(user_id: int, clock: Clock) -> None:
    for _ in range(3):
        budget_take(user_id=user_id)
    budget_give_back(user_id=user_id)
    assert budget_take(user_id=user_id) is None


def test_the_day_has_so_many_tokens(user_id: int, clock: Clock) -> None:
    budget_add_tokens(user_id=user_id, tokens=999)
    assert budget_take(user_id=user_id) is None
    budget_add_tokens(user_id=user_id, tokens=1)
    assert budget_take(user_id=user_id) == Spent("tokens", 10 * 3600)


def test_the_day_begins_anew_at_midnight_in_cairo(user_id: int, clock: Clock) -> None:
    for _ in range(4):
        spent = budget_take(user_id=user_id)
    assert spent is not None
    clock.tick(spent.wait - 1)
    assert budget_take(user_id=user_id) is not None
    clock.tick(1)
    assert budget_take(user_id=user_id) is None


def test_no_daily_limit_is_no_limit(user_id: int, clock: Clock, settings: object) -> None:
    settings.CHAT_DAILY_MESSAGES = settings.CHAT_DAILY_TOKENS = 0  # type: ignore[attr-defined]
    budget_add_tokens(user_id=user_id, tokens=10**9)
    assert [budget_take(user_id=user_id) for _ in range(5)] == [None] * 5


def test_old_days_are_forgotten(user_id: int, clock: Clock) -> None:
    budget_take(user_id=user_id)
    clock.tick(91 * 24 * 3600)
    budget_take(user_id=user_id)
    assert use_prune() == 1
    assert DailyUse.objects.count() == 1


def test_the_nightly_run_forgets_the_days_that_are_long_over(user_id: int, pipeline: Pipeline) -> None:
    today = timezone.localdate()
    for ago in (0, 89, 91, 400):
        DailyUse.objects.create(user_id=user_id, day=today - timedelta(days=ago), messages=1)
    schedule_run(topic="schedule.purge")
    pipeline.drain()
    assert sorted((today - one.day).days for one in DailyUse.objects.all()) == [0, 89]
