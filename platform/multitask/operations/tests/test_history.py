"""The samples of the charts, and the lines drawn from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from multitask.operations.charts import WIDTH, chart, marks, number, stretches
from multitask.operations.models import PipelineSample
from multitask.operations.selectors.history import STEPS, Curve, history
from multitask.outbox.models import JobTally, OutboxDelivery, OutboxEvent
from multitask.recommendations.factories import ListFactory
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def sample(minutes_ago: float, **figures: float) -> PipelineSample:
    plain = {
        "waiting": 0,
        "oldest_seconds": 0,
        "done": 0,
        "failed": 0,
        "dead": 0,
        "lists": 10,
        "lists_stale": 0,
    }
    return PipelineSample.objects.create(taken_at=NOW - timedelta(minutes=minutes_ago), **plain | figures)


def fire(pipeline: Pipeline) -> None:
    OutboxEvent.objects.create(topic="schedule.sample", key="schedule:schedule.sample")
    pipeline.drain()


def test_the_schedule_keeps_one_sample_a_minute_with_every_figure(pipeline: Pipeline) -> None:
    event = OutboxEvent.objects.create(topic="t", key="k", fanned_out_at=timezone.now())
    OutboxDelivery.objects.create(event=event, handler="h", queue="mail", key="k", status="dead")
    OutboxDelivery.objects.create(
        event=event,
        handler="h",
        queue="notify",
        key="k2",
        available_at=timezone.now() + timedelta(minutes=5),
        created_at=timezone.now() - timedelta(minutes=9),
        attempts=1,
    )
    OutboxDelivery.objects.create(
        event=event,
        handler="h",
        queue="push",
        key="k3",
        available_at=timezone.now() + timedelta(hours=2),
        created_at=timezone.now() + timedelta(hours=2),
    )
    for outcome, amount in (("done", 30), ("failed", 4), ("lost", 2), ("dead", 1), ("unbegun", 9)):
        JobTally.objects.create(handler="h", queue="mail", outcome=outcome, slot=1, number=amount)
    ListFactory(computed_at=None, inputs_changed_at=timezone.now() - timedelta(hours=1))
    fire(pipeline)
    fire(pipeline)
    assert pipeline.dead() == [""]
    kept = PipelineSample.objects.get()
    assert (kept.dead, kept.failed, kept.lists, kept.lists_stale) == (1, 7, 1, 1)
    assert kept.done >= 30
    assert 500 < kept.oldest_seconds < 600
    assert kept.queues["notify"]["waiting"] == 1
    assert kept.queues.get("push", {"waiting": 0})["waiting"] == 0
    assert kept.queues["mail"] == {"waiting": 0, "oldest": 0.0, "done": 30, "failed": 7, "dead": 1}
    assert (kept.taken_at.second, kept.taken_at.microsecond) == (0, 0)
    assert abs(kept.taken_at - timezone.now()) < timedelta(minutes=2)


def test_samples_are_kept_for_eight_days(pipeline: Pipeline) -> None:
    for days in (7, 9):
        PipelineSample.objects.create(
            taken_at=timezone.now() - timedelta(days=days),
            waiting=days,
            oldest_seconds=0,
            done=0,
            failed=0,
            dead=0,
            lists=0,
            lists_stale=0,
        )
    fire(pipeline)
    assert set(PipelineSample.objects.values_list("waiting", flat=True)) & {7, 9} == {7}


def test_a_step_shows_the_highest_of_its_samples_and_a_gap_nothing() -> None:
    for minutes, waiting in ((12, 3), (11, 40), (1, 5)):
        sample(minutes, waiting=waiting)
    values = history(now=NOW).curves["waiting"].values
    assert values[-3:] == [40, None, 5]
    assert values[:-3] == [None] * (STEPS - 3)


def test_what_only_grows_is_shown_as_growth_a_minute_and_never_below_zero() -> None:
    for minutes, done in ((4, 100), (3, 160), (2, 220), (1, 10)):
        sample(minutes, done=done)
    # (60 + 60 + 0) in three minutes: a count that begins anew has not run backwards.
    assert history(now=NOW).curves["done"].values[-1] == 40


def test_no_growth_is_invented_across_a_gap() -> None:
    sample(60, done=0)
    sample(1, done=100_000)
    assert history(now=NOW).curves["done"].last is None


def test_the_share_of_stale_lists_is_in_percent_and_none_without_lists_is_zero() -> None:
    sample(6, lists=200, lists_stale=50)
    sample(1, lists=0)
    assert history(now=NOW).curves["stale"].values[-2:] == [25.0, 0.0]


def test_a_line_is_broken_where_nothing_is_known() -> None:
    curve = Curve("x", [1.0, 2.0, None, 2.0])
    first, second = stretches(curve, 2.0)
    assert first == f"0.0,48.0 {WIDTH / 4:.1f},48.0 {WIDTH / 4:.1f},0.0 {WIDTH / 2:.1f},0.0"
    assert second.startswith(f"{WIDTH * 3 / 4:.1f},0.0")


def test_a_chart_without_samples_says_so_and_one_of_zeros_is_drawn() -> None:
    assert chart("t", history(now=NOW), [("dead", "bad", "d")]).is_empty
    sample(1)
    drawn = chart("t", history(now=NOW), [("dead", "bad", "d")])
    assert (drawn.is_empty, drawn.lines[0].last, len(drawn.lines[0].stretches)) == (False, "0", 1)


@pytest.mark.parametrize(
    ("since", "labels"),
    [
        (datetime(2027, 3, 1, 12, 30, tzinfo=UTC), ["16:00", "20:00", "00:00", "04:00", "08:00", "12:00"]),
        # Cairo goes back from midnight to 23:00 on 2027-10-28, and forward from midnight to 01:00 on 2027-04-30.
        (datetime(2027, 10, 28, 10, 30, tzinfo=UTC), ["16:00", "20:00", "00:00", "04:00", "08:00", "12:00"]),
        (datetime(2027, 4, 29, 12, 0, tzinfo=UTC), ["16:00", "20:00", "04:00", "08:00", "12:00"]),
    ],
)
def test_hours_below_a_chart_are_those_of_cairo_also_when_its_clock_changes(
    since: datetime, labels: list[str]
) -> None:
    found = marks(since)
    assert [mark.label for mark in found] == labels
    assert [mark.x for mark in found] == sorted({mark.x for mark in found})


@pytest.mark.parametrize(
    ("value", "said"), [(None, "–"), (0.0, "0"), (0.42, "0.4"), (5.0, "5"), (12.7, "13"), (12345.0, "12,345")]
)
def test_figures_are_as_short_as_they_can_be_read(value: float | None, said: str) -> None:
    assert number(value) == said
