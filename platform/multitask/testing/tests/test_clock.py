"""What tests of time stand on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from multitask.accounts.factories import ClientFactory
from multitask.accounts.models import User
from multitask.outbox import relay
from multitask.outbox.models import OutboxEvent
from multitask.testing.clock import pretend

pytestmark = pytest.mark.django_db

THEN = datetime(2027, 4, 29, 21, 59, tzinfo=UTC)


def test_python_and_the_database_have_the_same_time_and_the_true_one_comes_back() -> None:
    user = ClientFactory()
    with pretend(THEN) as clock, connection.cursor() as cursor:
        clock.shift(timedelta(hours=2))
        assert timezone.now() == THEN + timedelta(hours=2)
        cursor.execute("SELECT now(), statement_timestamp(), clock_timestamp(), now() + interval '1 hour'")
        row = cursor.fetchone()
        assert row is not None
        assert row[:3] == (timezone.now(),) * 3
        assert row[3] == timezone.now() + timedelta(hours=1)
        relay.beat_heart("test")
        OutboxEvent.objects.create(topic="test", key="test")
        assert OutboxEvent.objects.get().created_at == timezone.now()
        user.refresh_from_db()
        assert User.objects.filter(pk=user.pk).exists()
        emitted = OutboxEvent.objects.all()
    OutboxEvent.objects.create(topic="after", key="test")
    assert emitted.get(topic="after").created_at != emitted.get(topic="test").created_at
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (found,) = cursor.fetchone() or (None,)
    assert found is not None
    assert abs(found - timezone.now()) < timedelta(minutes=10)
