from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from multitask.outbox.models import DeliveryStatus, OutboxDelivery, OutboxEvent

pytestmark = pytest.mark.django_db


def _wait(timeout: str = "0") -> tuple[int, str]:
    output = io.StringIO()
    try:
        call_command("pipeline_wait", "--timeout", timeout, stdout=output)
    except SystemExit as end:
        return int(str(end.code)), output.getvalue()
    return 0, output.getvalue()


def _delivery(status: str) -> OutboxDelivery:
    event = OutboxEvent.objects.create(topic="ping", key="thing:1")
    OutboxEvent.objects.update(fanned_out_at=event.created_at)
    return OutboxDelivery.objects.create(
        event=event, handler="jobs.pong", queue="default", key="thing:1", status=status
    )


def test_an_idle_pipeline_is_not_waited_for() -> None:
    assert _wait("5")[0] == 0


def test_an_event_that_no_relay_took_is_unfinished() -> None:
    OutboxEvent.objects.create(topic="ping", key="thing:1")
    status, output = _wait()
    assert status == 1
    assert "1 left" in output


def test_a_running_job_is_unfinished_and_named_by_its_queue() -> None:
    _delivery(DeliveryStatus.RUNNING)
    status, output = _wait()
    assert status == 1
    assert "default 1" in output


def test_what_is_asked_for_later_is_not_waited_for_but_another_attempt_is() -> None:
    delivery = _delivery(DeliveryStatus.PENDING)
    delivery.available_at = timezone.now() + timedelta(minutes=2)
    delivery.save()
    assert _wait("5")[0] == 0
    delivery.attempts = 1
    delivery.save()
    assert _wait()[0] == 1


def test_a_dead_letter_is_told_but_not_waited_for() -> None:
    _delivery(DeliveryStatus.DEAD)
    status, output = _wait("5")
    assert status == 0
    assert "Dead letters: 1" in output


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="seconds"):
        _wait("nan")
