"""Schedules fire once a slot, through the outbox, whatever the clock or a second beat does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from django_celery_beat.tzcrontab import TzAwareCrontab

from multitask.outbox.models import Heartbeat, OutboxEvent
from workers.app import app
from workers.routes import ROUTES
from workers.schedule import STANDBY_SECONDS, OutboxScheduler, slot

CAIRO = ZoneInfo("Africa/Cairo")


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    """The lock's own connection goes to the tests' database."""
    from django.db import connection

    wanted = connection.get_connection_params()
    parts = " ".join(
        f"{name}={wanted[name]}"
        for name in ("dbname", "user", "password", "host", "port")
        if wanted.get(name)
    )
    monkeypatch.setattr(settings, "DIRECT_DATABASE_URL", parts)


Start = Callable[[], OutboxScheduler]


@pytest.fixture
def start(address: None) -> Iterator[Start]:
    """Starts a beat, which reads the schedule as it is then."""
    with ExitStack() as stack:

        def begin() -> OutboxScheduler:
            scheduler = OutboxScheduler(app=app)
            stack.callback(scheduler.close)
            return scheduler

        yield begin


def due(task: str, name: str) -> PeriodicTask:
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.SECONDS)
    return PeriodicTask.objects.create(
        name=name, task=task, interval=every, last_run_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def test_every_default_schedule_has_a_route() -> None:
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert tasks
    assert tasks <= set(ROUTES)


def test_a_due_entry_becomes_an_event_and_nothing_is_published(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "send_task", lambda *a, **k: pytest.fail("published past the outbox"))
    due("schedule.reconcile", "due now")
    start().tick()
    assert (
        OutboxEvent.objects.filter(topic="schedule.reconcile", dedupe_key__startswith="due now").count() == 1
    )
    assert Heartbeat.objects.filter(name="beat").exists()


def test_the_same_slot_fires_once_from_two_beats(start: Start) -> None:
    due("schedule.reconcile", "twice")
    scheduler, other = start(), start()
    entry = next(one for one in scheduler.schedule.values() if one.name == "twice")
    with time_machine.travel(datetime(2026, 11, 22, 12, 0, 20, tzinfo=UTC), tick=False):
        scheduler.apply_async(entry)
        other.apply_async(entry)
    assert OutboxEvent.objects.filter(dedupe_key="twice:2026-11-22T12:00").count() == 1


def test_only_one_beat_leads(start: Start) -> None:
    first = start()
    first.tick()
    due("schedule.reconcile", "not by the second")
    assert start().tick() == STANDBY_SECONDS
    assert not OutboxEvent.objects.filter(dedupe_key__startswith="not by the second").exists()
    first.close()
    third = start()
    third.tick()
    assert OutboxEvent.objects.filter(dedupe_key__startswith="not by the second").exists()


@pytest.mark.parametrize(
    ("minute", "hour", "day", "month"), [("99", "*", "*", "*"), ("0", "0", "31", "2"), ("x", "*", "*", "*")]
)
def test_a_bad_schedule_is_disabled_and_the_others_run_on(
    start: Start, minute: str, hour: str, day: str, month: str
) -> None:
    crontab = CrontabSchedule.objects.create(
        minute=minute, hour=hour, day_of_month=day, month_of_year=month, timezone=CAIRO
    )
    bad = PeriodicTask.objects.create(name="bad", task="schedule.reconcile", crontab=crontab)
    due("schedule.purge", "good")
    scheduler = start()
    for _ in range(3):
        scheduler.tick()
    bad.refresh_from_db()
    assert bad.enabled is False
    assert "can never be due" in bad.description
    assert OutboxEvent.objects.filter(dedupe_key__startswith="good").exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"args": "[1,"},
        {"args": '{"a": 1}'},
        {"kwargs": "[]"},
        {"headers": "[]"},
        {"headers": "no JSON"},
        {"task": "no.such.topic"},
        {"solar": True},
    ],
    ids=str,
)
def test_an_entry_that_cannot_run_is_disabled_with_the_reason_and_the_others_run_on(
    start: Start, bad: dict[str, Any]
) -> None:
    entry = due("schedule.reconcile", "bad")
    if bad.pop("solar", False):
        sun = SolarSchedule.objects.create(event="sunrise", latitude=91, longitude=0)
        bad = {"interval": None, "solar": sun}
    PeriodicTask.objects.filter(pk=entry.pk).update(**bad)
    due("schedule.purge", "good")
    scheduler = start()
    for _ in range(3):
        scheduler.tick()
    entry.refresh_from_db()
    assert entry.enabled is False
    assert "disabled" in entry.description
    assert OutboxEvent.objects.filter(dedupe_key__startswith="good").exists()
    assert not OutboxEvent.objects.filter(dedupe_key__startswith="bad").exists()


def test_an_interval_of_nothing_does_not_keep_beat_busy(start: Start) -> None:
    nothing = IntervalSchedule.objects.create(every=0, period=IntervalSchedule.SECONDS)
    entry = due("schedule.reconcile", "bad")
    PeriodicTask.objects.filter(pk=entry.pk).update(interval=nothing)
    start().tick()
    entry.refresh_from_db()
    assert entry.enabled is False


def test_what_an_operator_changed_stays_when_beat_starts_again(start: Start) -> None:
    start().close()
    name = "Find whose digest is due (digests)"
    every, _ = IntervalSchedule.objects.get_or_create(every=3, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.filter(name=name).update(crontab=None, interval=every, enabled=False)
    PeriodicTask.objects.filter(name__startswith="Remind").delete()
    start()
    row = PeriodicTask.objects.get(name=name)
    assert (row.interval, row.crontab, row.enabled) == (every, None, False)
    assert PeriodicTask.objects.filter(task="schedule.remind").exists()


@pytest.mark.parametrize(
    ("first", "days"),
    [(date(2027, 4, 28), 5), (date(2027, 10, 26), 5)],  # Cairo goes forward on 04-30, back on 10-28
    ids=["gap", "fold"],
)
def test_the_nightly_run_fires_once_a_local_date_when_cairo_changes_its_clock(first: date, days: int) -> None:
    begin = datetime(first.year, first.month, first.day, 12, tzinfo=CAIRO).astimezone(UTC)
    clock = [begin]
    nightly = TzAwareCrontab(minute="30", hour="3", tz=CAIRO, app=app)
    nightly.nowfunc = lambda: clock[0].astimezone(CAIRO)
    last, fired = begin, Counter[date]()
    while clock[0] < begin + timedelta(days=days):
        with time_machine.travel(clock[0], tick=False):
            if nightly.is_due(last).is_due:
                fired[clock[0].astimezone(CAIRO).date()] += 1
                last = clock[0]
        clock[0] += timedelta(minutes=5)
    assert fired == Counter({first + timedelta(days=n): 1 for n in range(1, days + 1)})


def test_the_hour_that_cairo_repeats_is_two_slots() -> None:
    first = datetime(2027, 10, 28, 20, 30, tzinfo=UTC)
    assert slot(first) != slot(first + timedelta(hours=1))
