"""An hour of Cairo comes once a day, also when the clock is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitask.common.clock import CAIRO, last_at, local_date, moment_of, next_at

FORWARD = (date(2026, 4, 24), date(2027, 4, 30))
BACK = (date(2026, 10, 29), date(2027, 10, 28))
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
HOURS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))


@pytest.mark.parametrize("day", FORWARD)
@pytest.mark.parametrize("minute", [0, 1, 30, 59])
def test_a_time_that_the_clock_leaves_out_is_the_moment_it_goes_on_from(day: date, minute: int) -> None:
    found = moment_of(day, time(0, minute))
    assert found == datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2)
    assert found.astimezone(CAIRO).time() == time(1)


@pytest.mark.parametrize("day", BACK)
def test_of_a_time_that_the_clock_shows_twice_it_is_the_first_and_only_that(day: date) -> None:
    first = moment_of(day, time(23, 30))
    assert first == datetime(day.year, day.month, day.day, 20, 30, tzinfo=UTC)
    between = first + timedelta(minutes=40)  # it is 23:10 again
    assert between.astimezone(CAIRO).time() == time(23, 10)
    assert local_date(next_at(between, at=time(23, 30))) == day + timedelta(days=1)
    assert last_at(first + timedelta(hours=1), at=time(23, 30)) == first


@pytest.mark.parametrize("day", [*FORWARD, *BACK])
def test_a_morning_hour_is_that_hour_on_the_day_of_the_change_and_around_it(day: date) -> None:
    for offset in (-1, 0, 1):
        one = day + timedelta(days=offset)
        local = moment_of(one, time(8)).astimezone(ZoneInfo("Africa/Cairo"))
        assert (local.date(), local.time()) == (one, time(8))


@given(MOMENTS, HOURS, st.none() | st.integers(0, 6))
def test_the_next_time_is_later_and_nothing_lies_between(
    after: datetime, at: time, weekday: int | None
) -> None:
    found = next_at(after, at=at, weekday=weekday)
    assert after < found <= after + timedelta(days=8, hours=1)
    assert last_at(found, at=at, weekday=weekday) == found
    assert last_at(found - timedelta(seconds=1), at=at, weekday=weekday) <= after
    assert weekday is None or local_date(found).weekday() == weekday


@given(HOURS)
def test_every_local_day_of_two_years_has_the_hour_once(at: time) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    days = []
    while moment < datetime(2027, 12, 31, tzinfo=UTC):
        moment = next_at(moment, at=at)
        days.append(local_date(moment))
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
