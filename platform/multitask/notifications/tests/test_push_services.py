"""Push services that misbehave or are away: what becomes of a push, of its browser, and of everybody else's."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.notifications.models import (
    Channel,
    Notification,
    NotificationDelivery,
    PushHost,
    PushSubscription,
)
from multitask.notifications.push.fan import AT_ONCE, FAILED_FOR_PAUSE
from multitask.notifications.services.push_outcomes import DROP_FAILURES, MAX_ATTEMPTS
from multitask.notifications.services.reading import notification_mark
from multitask.notifications.tests import push_service
from multitask.notifications.tests.push_service import PushService
from multitask.notifications.tests.push_steps import NOON, outcomes, run_all, subscribe, tell
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


# --- Services that misbehave ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", ["404", "410"])
def test_a_subscription_that_is_gone_is_forgotten(
    service: PushService, reader: User, pipeline: Pipeline, mood: str
) -> None:
    browser = service.browser(mood)
    subscribe(reader, browser)
    tell(reader, 1)
    pipeline.drain()
    assert not PushSubscription.objects.exists()
    assert outcomes(reader) == [("failed", "subscription_gone")]
    tell(reader, 2)
    pipeline.drain()
    assert browser.asked == 1
    assert outcomes(reader)[1] == ("suppressed", "no_subscription")


def test_one_browser_that_is_gone_keeps_the_others_from_nothing(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    gone, alive = service.browser("410"), service.browser()
    subscribe(reader, gone)
    subscribe(reader, alive)
    tell(reader)
    pipeline.drain()
    assert len(alive.received) == 1
    assert list(PushSubscription.objects.values_list("endpoint", flat=True)) == [alive.endpoint]
    assert outcomes(reader) == [("sent", "")]


def test_a_dead_address_that_is_answered_as_if_it_lived_is_taken_for_one_that_lives(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    subscribe(reader, service.browser("200"))
    tell(reader)
    pipeline.drain()
    assert outcomes(reader) == [("sent", "")]
    assert PushSubscription.objects.get().failures == 0


def test_a_service_that_asks_for_time_is_given_it(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    browser = service.browser("429")
    subscribe(reader, browser)
    tell(reader)
    run_all(pipeline)
    assert browser.asked == 1
    assert outcomes(reader) == [("pending", "server_away")]
    due = NotificationDelivery.objects.get(channel=Channel.PUSH).due_at
    assert due == NOON + timedelta(seconds=push_service.RETRY_AFTER)
    browser.mood = "201"
    clock.move_to(due - timedelta(seconds=5))
    run_all(pipeline)
    assert browser.asked == 1
    clock.move_to(due)
    run_all(pipeline)
    assert len(browser.received) == 1
    assert outcomes(reader) == [("sent", "")]
    row = PushSubscription.objects.get()
    assert (row.failures, row.last_error, row.retry_at) == (0, "", None)


@pytest.mark.parametrize("mood", ["500", "drop"])
def test_what_no_service_takes_for_long_is_given_up_once(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any, mood: str
) -> None:
    browser = service.browser(mood)
    subscribe(reader, browser)
    tell(reader)
    for _ in range(MAX_ATTEMPTS + 3):
        run_all(pipeline)
        clock.shift(timedelta(hours=2))
    assert browser.asked == MAX_ATTEMPTS
    assert outcomes(reader) == [("failed", "gave_up")]
    assert NotificationDelivery.objects.get(channel=Channel.PUSH).attempts == MAX_ATTEMPTS


def test_a_service_that_refuses_is_not_asked_again_for_the_same_push(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser("403")
    subscribe(reader, browser)
    tell(reader)
    run_all(pipeline)
    assert browser.asked == 1
    assert outcomes(reader) == [("failed", "push_refused")]
    assert PushSubscription.objects.get().last_error == "403"


def test_a_subscription_that_is_refused_for_days_is_dropped(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    browser = service.browser("403")
    subscribe(reader, browser)
    for number in range(1, DROP_FAILURES + 1):
        tell(reader, number)
        run_all(pipeline)
        assert PushSubscription.objects.exists() is (number < DROP_FAILURES)
        clock.shift(timedelta(days=1))


def test_browsers_are_kept_through_a_week_without_a_way_out_and_not_for_ever(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    subscribe(reader, service.browser("500"))
    for day in range(1, 17):
        tell(reader, day)
        pipeline.drain()
        clock.move_to(NOON + timedelta(days=day))
        assert PushSubscription.objects.exists() is (day <= 14)


def test_many_refusals_in_one_bad_hour_drop_nothing(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    subscribe(reader, service.browser("403"))
    for number in range(1, 2 * DROP_FAILURES):
        tell(reader, number)
        run_all(pipeline)
    assert PushSubscription.objects.get().failures == 2 * DROP_FAILURES - 1


def test_a_push_too_large_for_a_service_is_sent_shorter(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser("413")
    subscribe(reader, browser)
    tell(reader, params={"task": "متجر " * 500})
    pipeline.drain()
    (push,) = browser.received
    assert browser.asked == 2
    assert push.payload["body"].endswith("…")
    assert outcomes(reader) == [("sent", "")]


def test_a_redirect_leads_nowhere(service: PushService, reader: User, pipeline: Pipeline) -> None:
    subscribe(reader, service.browser("redirect"))
    tell(reader)
    pipeline.drain()
    assert service.elsewhere == []
    assert outcomes(reader) == [("failed", "push_refused")]


def test_browsers_that_hang_hold_up_neither_the_others_nor_the_job(
    service: PushService, reader: User, pipeline: Pipeline, settings: Any
) -> None:
    settings.PUSH_TIMEOUT_SECONDS = 0.7
    hanging = [service.browser("hang") for _ in range(2)]
    alive = service.browser()
    for browser in (*hanging, alive):
        subscribe(reader, browser)
    tell(reader)
    began = time.monotonic()
    pipeline.drain()
    assert time.monotonic() - began < 2
    assert len(alive.received) == 1
    assert outcomes(reader) == [("sent", "")]


def test_a_browser_whose_service_was_away_gets_it_later_and_the_others_no_second_one(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    late, prompt = service.browser("503"), service.browser()
    subscribe(reader, late)
    subscribe(reader, prompt)
    tell(reader)
    run_all(pipeline)
    late.mood = "201"
    clock.shift(timedelta(minutes=1))
    run_all(pipeline)
    assert (len(late.received), len(prompt.received)) == (1, 1)
    assert outcomes(reader) == [("sent", "")]


def test_a_browser_that_is_late_gets_nothing_that_was_read_meanwhile(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    late = service.browser("503")
    subscribe(reader, late)
    subscribe(reader, service.browser())
    tell(reader)
    run_all(pipeline)
    notification_mark(actor=reader, notification_id=Notification.objects.get().pk, is_read=True)
    late.mood = "201"
    clock.shift(timedelta(minutes=1))
    run_all(pipeline)
    assert late.received == []


# --- Services that are away -------------------------------------------------------------------------------------------


def test_a_dead_service_is_left_alone_and_every_other_goes_on(
    service: PushService, pipeline: Pipeline, settings: Any, clock: Any
) -> None:
    with push_service.serving(service.public_key) as dead:
        settings.PUSH_HOSTS = [service.address, dead.address]
        readers = [FreelancerFactory() for _ in range(FAILED_FOR_PAUSE + 2)]
        lost = [dead.browser("500") for _ in readers]
        fine = [service.browser() for _ in readers]
        for user, one, other in zip(readers, lost, fine, strict=True):
            subscribe(user, one)
            subscribe(user, other)
        for user in readers:
            tell(user)
        pipeline.drain()
        assert [len(browser.received) for browser in fine] == [1] * len(readers)
        assert sum(browser.asked for browser in lost) == FAILED_FOR_PAUSE
        host = PushHost.objects.get()
        assert host.paused_until == NOON + timedelta(seconds=30)
        # It is back, and has everything after the pause.
        for browser in lost:
            browser.mood = "201"
        clock.move_to(host.paused_until + timedelta(seconds=10))
        run_all(pipeline)
        assert [len(browser.received) for browser in lost] == [1] * len(readers)
        assert not PushHost.objects.exists()


def test_of_many_browsers_at_a_dead_service_few_are_tried(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browsers = [service.browser("500") for _ in range(20)]
    for browser in browsers:
        subscribe(reader, browser)
    tell(reader)
    pipeline.drain()
    assert sum(browser.asked for browser in browsers) < AT_ONCE + FAILED_FOR_PAUSE


def test_a_service_that_stays_away_is_tried_less_and_less(
    service: PushService, pipeline: Pipeline, clock: Any
) -> None:
    readers = [FreelancerFactory() for _ in range(FAILED_FOR_PAUSE)]
    for user in readers:
        subscribe(user, service.browser("500"))
    pauses = []
    for number in range(1, 4):
        for user in readers:
            tell(user, number)
        pipeline.drain()
        until = PushHost.objects.get().paused_until
        assert until is not None
        pauses.append((until - timezone.now()).total_seconds())
        PushSubscription.objects.update(retry_at=None)
        clock.move_to(until + timedelta(seconds=1))
    assert pauses == [30, 60, 120]


def test_one_browser_that_always_fails_stops_nobody_else(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    subscribe(reader, service.browser("500"))
    for number in range(1, 2 * FAILED_FOR_PAUSE):
        tell(reader, number)
        run_all(pipeline)
        clock.shift(timedelta(hours=1))
    assert PushHost.objects.get().paused_until is None
    other, browser = FreelancerFactory(), service.browser()
    subscribe(other, browser)
    tell(other)
    run_all(pipeline)
    assert len(browser.received) == 1
