"""A schedule that could never run is refused where it is written down."""

from __future__ import annotations

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from multitask.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(admin_user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(admin_user)
    return client


def page(model: type[Model], what: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}")


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(("minute", "day", "month"), [("99", "*", "*"), ("x", "*", "*"), ("0", "31", "2")])
def test_times_that_never_come_are_refused_by_the_form(
    operator: Client, language: str, minute: str, day: str, month: str
) -> None:
    sent = {"minute": minute, "hour": "0", "day_of_month": day, "month_of_year": month, "day_of_week": "*"}
    answer = operator.post(
        page(CrontabSchedule, "add"),
        sent | {"timezone": "Africa/Cairo"},
        headers={"Accept-Language": language},
    )
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not CrontabSchedule.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("args", "[1,"), ("args", '{"a": 1}'), ("kwargs", "[]"), ("headers", "[]"), ("headers", "no JSON")],
)
def test_an_entry_that_beat_could_not_run_is_refused_by_the_form(
    operator: Client, field: str, value: str
) -> None:
    every = IntervalSchedule.objects.create(every=9, period="hours")
    sent = {"name": "mine", "task": "schedule.purge", "interval": every.pk, "enabled": "on"}
    sent |= {"args": "[]", "kwargs": "{}", "headers": "{}", "one_off": ""}
    refused = operator.post(page(PeriodicTask, "add"), sent | {field: value})
    assert (refused.status_code, PeriodicTask.objects.count()) == (200, 0)
    assert (
        f"{field} is not a JSON" in refused.content.decode() or "Unable to parse" in refused.content.decode()
    )
    assert operator.post(page(PeriodicTask, "add"), sent).status_code == 302
    assert PeriodicTask.objects.get().task == "schedule.purge"
