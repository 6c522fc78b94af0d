from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from multitask.accounts.models import User
from multitask.outbox import relay
from multitask.outbox.models import Heartbeat, OutboxDelivery, OutboxEvent
from multitask.outbox.services import events_purge
from multitask.outbox.status import backlog, heartbeats, oldest_age_seconds, unfinished
from multitask.outbox.tests.helpers import PLAIN, begin, claim, finish, happen, only

pytestmark = pytest.mark.django_db


def _age(days: int) -> None:
    OutboxEvent.objects.update(created_at=Now() - timedelta(days=days))


def test_old_finished_events_are_deleted_and_nothing_else() -> None:
    for key in ("done", "dead", "running", "pending"):
        happen(key=key)
    relay.fan_out(PLAIN)
    by_key = {one.key: one for one in claim()}
    relay.unclaim([by_key["pending"].id], delay=0)
    finish(begin([by_key["done"]]))
    relay.mark_failed(begin([by_key["dead"]]), error="no", delay=0, max_attempts=1)
    begin([by_key["running"]])
    happen(key="not fanned out")
    _age(8)
    happen(key="young")
    assert events_purge(keep_days=7) == 1
    left = set(OutboxEvent.objects.values_list("key", flat=True))
    assert left == {"dead", "running", "pending", "not fanned out", "young"}
    assert OutboxDelivery.objects.count() == 3


def test_a_finished_event_is_kept_until_its_days_are_over() -> None:
    happen()
    relay.fan_out(PLAIN)
    finish(begin(claim()))
    _age(6)
    assert events_purge(keep_days=7) == 0
    _age(8)
    assert events_purge(keep_days=7) == 1


def test_an_operator_retries_a_dead_letter_in_the_admin(admin_user: User) -> None:
    happen()
    relay.fan_out(PLAIN)
    relay.mark_failed(begin(claim()), error="ValueError: no", delay=0, max_attempts=1)
    browser = Client()
    browser.force_login(admin_user)
    page = browser.get("/admin/outbox/outboxdelivery/?status__exact=dead")
    assert "ValueError: no" in page.content.decode()
    answer = browser.post(
        "/admin/outbox/outboxdelivery/", {"action": "retry", "_selected_action": [only().pk]}, follow=True
    )
    assert answer.status_code == 200
    assert (only().status, only().attempts) == ("pending", 0)


def test_the_admin_neither_adds_nor_changes_nor_deletes_what_the_pipeline_owns(admin_user: User) -> None:
    happen()
    relay.fan_out(PLAIN)
    browser = Client()
    browser.force_login(admin_user)
    for path in (f"outboxdelivery/{only().pk}", f"outboxevent/{only().event_id}"):
        assert browser.get(f"/admin/outbox/{path}/change/").status_code == 200
        assert browser.post(f"/admin/outbox/{path}/change/", {"status": "done"}).status_code == 403
        assert browser.post(f"/admin/outbox/{path}/delete/", {"post": "yes"}).status_code == 403
    assert browser.get("/admin/outbox/outboxevent/add/").status_code == 403
    assert only().status == "pending"


def test_somebody_who_may_only_look_cannot_retry(client_user: User) -> None:
    from django.contrib.auth.models import Permission

    happen()
    relay.fan_out(PLAIN)
    relay.mark_failed(begin(claim()), error="no", delay=0, max_attempts=1)
    User.objects.filter(pk=client_user.pk).update(is_staff=True)
    client_user.user_permissions.add(Permission.objects.get(codename="view_outboxdelivery"))
    browser = Client()
    browser.force_login(client_user)
    browser.post("/admin/outbox/outboxdelivery/", {"action": "retry", "_selected_action": [only().pk]})
    assert only().status == "dead"


def test_the_backlog_counts_what_is_unfinished_and_what_is_dead() -> None:
    assert (backlog(), unfinished(), oldest_age_seconds()) == ({}, 0, 0.0)
    for key in ("a", "b", "c"):
        happen(key=key)
    relay.fan_out(PLAIN)
    happen(key="d")
    one, two, _ = claim()
    finish(begin([one]))
    relay.mark_failed(begin([two]), error="no", delay=0, max_attempts=1)
    assert backlog() == {"default": {"dead": 1, "sent": 1}}
    assert unfinished() == 2
    OutboxDelivery.objects.update(created_at=Now() - timedelta(seconds=50))
    assert 50 <= oldest_age_seconds() < 60


def test_a_part_is_well_only_while_its_heart_beats() -> None:
    assert not any(part.ok for part in heartbeats())
    relay.beat_heart("relay")
    relay.beat_heart("queue:embed", detail="x" * 500)
    assert {part.name for part in heartbeats() if part.ok} == {"relay", "queue:embed"}
    Heartbeat.objects.update(seen_at=Now() - timedelta(hours=1))
    assert not any(part.ok for part in heartbeats())
    relay.beat_heart("relay")
    assert Heartbeat.objects.count() == 2
