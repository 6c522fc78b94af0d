"""Why did I get this, and why not that: answered by the user's own deliveries."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from multitask.accounts.models import User
from multitask.conftest import AsUser
from multitask.mail.services import sending
from multitask.notifications.models import DeliveryState, Notification, NotificationDelivery
from multitask.notifications.reasons import EXPLANATIONS, STATES, Reason
from multitask.notifications.services.notify import notify_many
from multitask.notifications.services.preferences import preferences_set
from multitask.notifications.tests.test_telling import application
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
PATH = "/api/notifications/deliveries/"
ARABIC = re.compile("[\u0621-\u064a]")


def test_a_user_reads_why_something_did_or_did_not_reach_them(
    as_user: AsUser, freelancer: User, pipeline: Pipeline
) -> None:
    preferences_set(actor=freelancer, changes={"push_task_applications": False})
    notify_many([application(freelancer, 1), application(freelancer, 2)])
    pipeline.drain()
    client = as_user(freelancer)
    rows = client.get(PATH).json()["results"]
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    said = {(row["channel"], row["state"]): row["explanation"] for row in rows}
    assert said == {
        ("in_app", "sent"): "It was sent.",
        ("in_app", "merged"): "It was told together with others.",
        ("email", "suppressed"): EXPLANATIONS["address_unverified"].en,
        ("push", "suppressed"): EXPLANATIONS["preference"].en,
    }
    assert {row["title"] for row in rows} == {"2 new applications for your task"}
    narrowed = client.get(f"{PATH}?channel=push&state=suppressed").json()
    assert (narrowed["count"], narrowed["results"][0]["reason"]) == (2, "preference")
    arabic = client.get(f"{PATH}?channel=push", headers={"Accept-Language": "ar"}).json()["results"][0]
    assert arabic["explanation"] == EXPLANATIONS["preference"].ar
    line = Notification.objects.get()
    assert client.get(f"/api/notifications/{line.pk}/deliveries/").json()["count"] == 6
    by_cursor = client.get(f"{PATH}?cursor=&page_size=5").json()
    assert len(by_cursor["results"] + client.get(by_cursor["next"]).json()["results"]) == 6
    assert client.get(f"{PATH}?state=lost").status_code == 400


def test_deliveries_are_their_recipient_s_alone(
    api: APIClient, as_user: AsUser, freelancer: User, client_user: User
) -> None:
    notify_many([application(freelancer, 1)])
    line = Notification.objects.get()
    stranger = as_user(client_user)
    assert stranger.get(PATH).json()["count"] == 0
    assert stranger.get(f"/api/notifications/{line.pk}/deliveries/").status_code == 404
    assert stranger.get(f"/api/notifications/{10**12}/deliveries/").status_code == 404
    assert api.get(PATH).status_code == 401


def test_a_list_of_many_deliveries_costs_as_many_queries_as_one_of_few(
    as_user: AsUser, freelancer: User
) -> None:
    client = as_user(freelancer)
    counts = []
    for number in (1, 20):
        notify_many([application(freelancer, 100 * number + one, task=one) for one in range(number)])
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{PATH}?page_size=100")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_every_state_and_every_reason_is_explained_in_both_languages() -> None:
    assert set(STATES) == set(DeliveryState.values)
    of_mails = set(re.findall(r"[a-z]+_[a-z]+", (sending.Outcome.__doc__ or "").partition("certain:")[2]))
    assert "daily_limit" in of_mails
    assert of_mails | set(Reason.values) <= set(EXPLANATIONS)
    for text in [*EXPLANATIONS.values(), *STATES.values()]:
        assert ARABIC.search(text.ar)
        assert not ARABIC.search(text.en)


def test_a_reason_of_another_part_is_told_by_its_state(as_user: AsUser, freelancer: User) -> None:
    notify_many([application(freelancer, 1)])
    NotificationDelivery.objects.filter(channel="email").update(
        state="failed", reason="something_new", settled_at=timezone.now()
    )
    row = as_user(freelancer).get(f"{PATH}?channel=email").json()["results"][0]
    assert (row["reason"], row["explanation"]) == ("something_new", "It could not be sent.")
