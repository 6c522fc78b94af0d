"""Hours of the wall clock in Cairo, on the two days a year too when it is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CAIRO = ZoneInfo("Africa/Cairo")


def local_date(moment: datetime) -> date:
    """The day in Cairo."""
    return moment.astimezone(CAIRO).date()


def moment_of(day: date, at: time) -> datetime:
    """When the wall clock shows `at` on that day, in UTC.

    A time that the clock leaves out is the moment it goes on from; of a time that it shows twice, the first.
    """
    local = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=CAIRO)
    moment = local.astimezone(UTC)
    if moment.astimezone(CAIRO).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # Left out: before the change the offset of fold 0 held, after it that of fold 1, and the change lies between.
    early, late = local.replace(fold=1).astimezone(UTC), moment
    before = early.astimezone(CAIRO).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
        if middle.astimezone(CAIRO).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def next_at(after: datetime, *, at: time, weekday: int | None = None) -> datetime:
    """The first moment later than `after` at which it is `at` in Cairo, on that weekday (0 is Monday) or any.

    Once a day, also where the clock shows the hour twice.
    """
    day = local_date(after)
    while True:
        if weekday is None or day.weekday() == weekday:
            moment = moment_of(day, at)
            if moment > after:
                return moment
        day += timedelta(days=1)


def last_at(until: datetime, *, at: time, weekday: int | None = None) -> datetime:
    """The last such moment that is not later than `until`."""
    day = local_date(until)
    while True:
        if weekday is None or day.weekday() == weekday:
            moment = moment_of(day, at)
            if moment <= until:
                return moment
        day -= timedelta(days=1)
