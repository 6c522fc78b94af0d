"""The push channel, through the real pipeline to a push service that decrypts: what arrives, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from multitask.accounts.factories import FreelancerFactory
from multitask.accounts.models import User
from multitask.notifications.models import (
    Notification,
    NotificationDelivery,
    NotificationPreference,
    NotificationType,
    PushSubscription,
)
from multitask.notifications.services.reading import notification_mark
from multitask.notifications.services.subscriptions import (
    KEEP_DAYS,
    push_test,
    subscription_remove,
    subscriptions_prune,
)
from multitask.notifications.tests.push_service import PushService
from multitask.notifications.tests.push_steps import NOON, apply_to, outcomes, quiet, run_all, subscribe, tell
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


# --- What arrives -----------------------------------------------------------------------------------------------------


def test_a_notification_is_pushed_in_its_readers_language(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    tell(reader)
    pipeline.drain()
    (push,) = browser.received
    line = Notification.objects.get(recipient=reader)
    assert push.payload == {
        "title": "قُبل طلبك",
        "body": "تم اختيارك لتنفيذ «متجر رقم 1».",
        "link": "/tasks/1",
        "notification_id": line.pk,
        "type": "application_accepted",
        "count": 1,
        "lang": "ar",
        "dir": "rtl",
        "tag": f"notification:{line.pk}",
    }
    assert push.headers["urgency"] == "high"
    assert outcomes(reader) == [("sent", "")]
    assert PushSubscription.objects.get().last_sent_at is not None


def test_an_english_reader_is_pushed_to_in_english_on_every_browser(
    service: PushService, pipeline: Pipeline
) -> None:
    reader = FreelancerFactory(language="en")
    browsers = [service.browser() for _ in range(3)]
    for browser in browsers:
        subscribe(reader, browser)
    tell(reader)
    pipeline.drain()
    said = [[(push.payload["title"], push.payload["dir"]) for push in one.received] for one in browsers]
    assert said == [[("Your application was accepted", "ltr")]] * 3
    assert outcomes(reader) == [("sent", "")]


def test_a_burst_replaces_itself_on_the_screen_and_at_the_service(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    for number in (1, 2):
        apply_to(reader, number)
        pipeline.drain()
    other, others = FreelancerFactory(), service.browser()
    subscribe(other, others)
    apply_to(other, 3)
    pipeline.drain()
    first, second = browser.received
    assert others.received[0].headers["topic"] != first.headers["topic"]
    assert (first.payload["tag"], first.headers["topic"]) == (
        second.payload["tag"],
        second.headers["topic"],
    )
    assert [push.payload["count"] for push in browser.received] == [1, 2]
    assert "applications" not in first.headers["topic"], "a push service must not learn what it is about"


def test_several_events_that_wait_together_are_one_push(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    for number in range(1, 13):
        apply_to(reader, number)
    pipeline.drain()
    assert [push.payload["count"] for push in browser.received] == [12]
    assert outcomes(reader) == [("merged", "")] * 11 + [("sent", "")]


def test_an_event_delivered_three_times_is_pushed_once(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    for _ in range(3):
        tell(reader)
        pipeline.drain()
    assert len(browser.received) == 1
    assert outcomes(reader) == [("sent", "")]


# --- What is not sent -------------------------------------------------------------------------------------------------


def test_who_does_not_want_it_is_not_pushed_to(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    NotificationPreference.objects.create(user=reader, overrides={"application_accepted": {"push": False}})
    tell(reader)
    pipeline.drain()
    assert browser.asked == 0
    assert outcomes(reader) == [("suppressed", "preference")]


def test_preferences_are_looked_at_again_when_it_is_sent(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    tell(reader)
    NotificationPreference.objects.create(user=reader, overrides={"application_accepted": {"push": False}})
    pipeline.drain()
    assert browser.asked == 0
    assert outcomes(reader) == [("suppressed", "preference")]


def test_what_was_read_meanwhile_is_not_pushed(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    tell(reader)
    notification_mark(actor=reader, notification_id=Notification.objects.get().pk, is_read=True)
    pipeline.drain()
    assert browser.asked == 0
    assert outcomes(reader) == [("suppressed", "read")]


def test_without_a_browser_there_is_no_push_and_the_reason_is_told(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    tell(reader, 1)
    row = subscribe(reader, service.browser())
    tell(reader, 2)
    subscription_remove(actor=reader, subscription_id=row.pk)
    pipeline.drain()
    assert outcomes(reader) == [("suppressed", "no_subscription")] * 2


def test_a_closed_account_is_not_pushed_to(service: PushService, reader: User, pipeline: Pipeline) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    tell(reader)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    pipeline.drain()
    assert browser.asked == 0
    assert outcomes(reader) == [("suppressed", "account_closed")]


def test_without_a_key_push_is_off_and_says_so(
    service: PushService, reader: User, pipeline: Pipeline, settings: Any
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    settings.VAPID_PRIVATE_KEY = ""
    tell(reader)
    pipeline.drain()
    assert browser.asked == 0
    assert outcomes(reader) == [("suppressed", "push_off")]


def test_a_browser_belongs_to_whoever_registered_it_last(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    other = FreelancerFactory()
    browser = service.browser()
    subscribe(reader, browser)
    subscribe(other, browser)
    tell(reader)
    tell(other)
    pipeline.drain()
    (push,) = browser.received
    assert push.payload["notification_id"] == Notification.objects.get(recipient=other).pk
    assert outcomes(reader) == [("suppressed", "no_subscription")]


# --- Quiet hours ------------------------------------------------------------------------------------------------------


def test_what_comes_in_quiet_hours_is_one_push_at_their_end(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    quiet(reader, 11, 14)
    for number in range(1, 4):
        apply_to(reader, number)
        run_all(pipeline)
        clock.shift(timedelta(minutes=20))
    assert browser.asked == 0
    assert outcomes(reader) == [("deferred", "quiet_hours")] * 3
    clock.move_to(NOON + timedelta(hours=2, seconds=1))
    run_all(pipeline)
    assert [push.payload["count"] for push in browser.received] == [3]
    assert outcomes(reader) == [("merged", ""), ("merged", ""), ("sent", "")]


def test_what_is_critical_knows_no_quiet_hours(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    quiet(reader, 11, 14)
    tell(
        reader,
        notification_type=NotificationType.SYSTEM,
        wording="application_withdrawn",
        params={"sender": "Sara", "task": "متجر"},
    )
    run_all(pipeline)
    assert len(browser.received) == 1
    assert outcomes(reader) == [("sent", "")]


def test_quiet_hours_that_begin_before_it_is_sent_hold(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    browser = service.browser()
    subscribe(reader, browser)
    tell(reader)
    quiet(reader, 11, 14)
    run_all(pipeline)
    assert browser.asked == 0
    assert outcomes(reader) == [("deferred", "quiet_hours")]
    clock.move_to(NOON + timedelta(hours=2, seconds=1))
    run_all(pipeline)
    assert outcomes(reader) == [("sent", "")]


def test_a_worker_whose_clock_is_behind_the_databases_does_not_run_in_circles(
    service: PushService, reader: User, pipeline: Pipeline
) -> None:
    subscribe(reader, service.browser())
    with time_machine.travel(datetime(2020, 7, 30, 9, 0, tzinfo=UTC), tick=False):
        quiet(reader, 8, 23)
        tell(reader)
        assert pipeline.drain() <= 3
    assert outcomes(reader) == [("deferred", "quiet_hours")]


# --- A test, and old subscriptions ------------------------------------------------------------------------------------


def test_a_test_push_reaches_ones_own_browsers_and_tells_nothing_else(
    service: PushService, pipeline: Pipeline, clock: Any
) -> None:
    reader = FreelancerFactory(language="en")
    mine, others = service.browser(), service.browser()
    subscribe(reader, mine)
    subscribe(FreelancerFactory(), others)
    quiet(reader, 11, 14)
    assert push_test(actor=reader) == 1
    run_all(pipeline)
    (push,) = mine.received
    assert (push.payload["title"], push.payload["type"]) == ("Push works", "test")
    assert others.asked == 0
    assert not NotificationDelivery.objects.exists()


def test_a_test_push_that_fails_is_not_sent_later(
    service: PushService, reader: User, pipeline: Pipeline, clock: Any
) -> None:
    browser = service.browser("503")
    subscribe(reader, browser)
    push_test(actor=reader)
    run_all(pipeline)
    clock.shift(timedelta(hours=1))
    run_all(pipeline)
    assert browser.asked == 1
    assert PushSubscription.objects.get().last_error == "503"


def test_browsers_that_nobody_starts_any_more_are_forgotten(
    service: PushService, reader: User, clock: Any
) -> None:
    old, kept = subscribe(reader, service.browser()), subscribe(reader, service.browser())
    clock.shift(timedelta(days=KEEP_DAYS, hours=1))
    PushSubscription.objects.filter(pk=kept.pk).update(renewed_at=timezone.now())
    assert subscriptions_prune() == 1
    assert not PushSubscription.objects.filter(pk=old.pk).exists()
