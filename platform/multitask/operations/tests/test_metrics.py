"""`GET /metrics`: who may read it, what is in it, and that it never hurts what it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from multitask.accounts.factories import AdminFactory, FreelancerFactory
from multitask.accounts.models import User
from multitask.chatbot.factories import AnswerFactory, PendingFactory
from multitask.chatbot.gate import NAME, OPEN_SECONDS, ModelGate
from multitask.mail.models import MailGate, SentMail
from multitask.notifications.factories import NotificationFactory
from multitask.notifications.models import NotificationDelivery
from multitask.operations.selectors import figures
from multitask.outbox.models import Heartbeat, JobTally, OutboxDelivery, OutboxEvent
from multitask.outbox.status import QUEUES
from multitask.recommendations.factories import ListFactory
from multitask.tasks.factories import TaskFactory

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-twenty-characters"
Scrape = Callable[[], dict[tuple[str, frozenset[tuple[str, str]]], float]]


def get(client: Client | None = None, **meta: str) -> Any:
    return (client or Client()).get("/metrics", **meta)


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.METRICS_ALLOW = ["10.1.0.0/16", "fd00::/8"]


@pytest.fixture
def scrape() -> Scrape:
    """{(name, labels): value} of a real answer, read anew."""

    def read() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        figures.forget()
        answer = get(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
        assert answer.status_code == 200
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return read


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"multitask_{name}", frozenset(labels.items())


# --- who may read it ------------------------------------------------------------------------------------------------


def test_without_a_token_and_from_elsewhere_it_is_an_unknown_address() -> None:
    operator = Client()
    operator.force_login(AdminFactory())
    unknown = Client().get("/no-such-address")
    for client in (Client(), operator):
        for meta in (
            {},
            {"REMOTE_ADDR": "127.0.0.1"},
            {"REMOTE_ADDR": "8.8.8.8"},
            {"HTTP_AUTHORIZATION": "Bearer wrong"},
            {"HTTP_AUTHORIZATION": "Bearer "},
            {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"},
            {"HTTP_AUTHORIZATION": "Bearer كلمة"},
            {"REMOTE_ADDR": ""},
        ):
            answer = get(client, **meta)
            assert (answer.status_code, answer.content) == (404, unknown.content), meta
    assert Client().post("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}").status_code == 404
    assert Client().get("/metrics/", HTTP_AUTHORIZATION=f"Bearer {TOKEN}").status_code == 404


def test_the_token_opens_it_from_anywhere() -> None:
    for meta in (
        {"REMOTE_ADDR": "8.8.8.8"},
        {"HTTP_X_FORWARDED_FOR": "8.8.8.8"},
        {"HTTP_HOST": "10.0.0.7:8000"},
    ):
        assert get(HTTP_AUTHORIZATION=f"Bearer {TOKEN}", **meta).status_code == 200


def test_a_network_that_is_allowed_opens_it_when_it_asks_itself() -> None:
    for address in ("10.1.2.3", "fd12::1"):
        assert get(REMOTE_ADDR=address).status_code == 200
    for address in ("10.2.0.1", "fe80::1", "::ffff:8.8.8.8"):
        assert get(REMOTE_ADDR=address).status_code == 404


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP"])
def test_what_a_proxy_passes_on_does_not_come_from_the_proxys_network(header: str) -> None:
    assert get(REMOTE_ADDR="10.1.2.3", **{header: "10.1.2.3"}).status_code == 404


def test_no_token_is_no_way_in(settings: Any) -> None:
    settings.METRICS_TOKEN, settings.METRICS_ALLOW = "", []
    for said in ("Bearer", "Bearer ", "bearer  ", ""):
        assert get(HTTP_AUTHORIZATION=said, REMOTE_ADDR="127.0.0.1").status_code == 404


def test_neither_the_host_nor_plain_http_keeps_a_scrape_out(settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["marketplace.example"], True
    client = Client(headers={"Host": "172.18.0.5:8000"})
    assert client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}").status_code == 200
    # For others the address is what any other is.
    assert client.get("/metrics").status_code == client.get("/healthz2").status_code != 200


def test_an_answer_is_kept_by_nobody_and_carries_its_request_id() -> None:
    answer = get(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Request-ID"]
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    modern = get(
        HTTP_AUTHORIZATION=f"Bearer {TOKEN}", HTTP_ACCEPT="application/openmetrics-text; version=1.0.0"
    )
    assert modern["Content-Type"].startswith("application/openmetrics-text")
    assert modern.content.endswith(b"# EOF\n")


# --- what is in it --------------------------------------------------------------------------------------------------


def delivery(*, not_before: Any = None, age: int = 0, due: int = 0, **fields: Any) -> OutboxDelivery:
    """`age` seconds ago it was made, it may run in `due` seconds."""
    now = timezone.now()
    event = OutboxEvent.objects.create(topic="t", key="k:1", fanned_out_at=now, not_before=not_before)
    return OutboxDelivery.objects.create(
        event=event,
        **{"handler": "h", "queue": "notify", "key": "k:1"} | fields,
        created_at=now - timedelta(seconds=age),
        available_at=now + timedelta(seconds=due),
    )


def test_every_queue_has_its_figures_also_when_nothing_waits(scrape: Scrape) -> None:
    found = scrape()
    for queue in QUEUES:
        assert found[key("queue_jobs", queue=queue, state="pending")] == 0
        assert found[key("queue_oldest_seconds", queue=queue)] == 0
        assert found[key("canary_age_seconds", queue=queue)] == float("inf")
    assert found[key("database_up")] == 1


def test_a_job_waits_from_when_it_may_first_run(scrape: Scrape) -> None:
    delivery(age=300)
    found = scrape()
    assert found[key("queue_jobs", queue="notify", state="pending")] == 1
    assert 290 < found[key("queue_oldest_seconds", queue="notify")] < 310

    # A further attempt, and a broker that does not take it, do not begin it anew.
    OutboxDelivery.objects.update(attempts=2, available_at=timezone.now() + timedelta(minutes=4))
    found = scrape()
    assert found[key("queue_jobs", queue="notify", state="retrying")] == 1
    assert found[key("queue_oldest_seconds", queue="notify")] > 290
    OutboxDelivery.objects.update(attempts=0, available_at=timezone.now() + timedelta(seconds=1))
    assert scrape()[key("queue_oldest_seconds", queue="notify")] > 290


def test_what_may_not_run_yet_is_not_late(scrape: Scrape) -> None:
    delivery(age=80_000, due=3_600, not_before=timezone.now() + timedelta(hours=1))
    found = scrape()
    assert found[key("queue_jobs", queue="notify", state="scheduled")] == 1
    assert found[key("queue_jobs", queue="notify", state="pending")] == 0
    assert found[key("queue_oldest_seconds", queue="notify")] == 0

    # Its hour has come a minute ago.
    OutboxEvent.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    OutboxDelivery.objects.update(available_at=timezone.now() - timedelta(minutes=1))
    assert 50 < scrape()[key("queue_oldest_seconds", queue="notify")] < 70


def test_done_and_dead_jobs_do_not_wait(scrape: Scrape) -> None:
    delivery(age=500, status="done")
    delivery(age=500, status="dead", handler="jobs.pong")
    found = scrape()
    assert found[key("queue_oldest_seconds", queue="notify")] == 0
    assert found[key("dead_letters", queue="notify", handler="jobs.pong")] == 1


def test_attempts_are_added_up_over_their_slots(scrape: Scrape) -> None:
    for slot, number in ((1, 5), (2, 7)):
        JobTally.objects.create(handler="h", queue="mail", outcome="done", slot=slot, number=number)
    assert scrape()[key("job_attempts_total", queue="mail", handler="h", outcome="done")] == 12


def test_ages_of_parts_and_events_are_those_of_the_database(scrape: Scrape) -> None:
    Heartbeat.objects.create(name="relay", seen_at=timezone.now() - timedelta(seconds=40))
    Heartbeat.objects.create(name="queue:mail", seen_at=timezone.now() - timedelta(seconds=70))
    OutboxEvent.objects.create(topic="t", key="k", created_at=timezone.now() - timedelta(seconds=50))
    found = scrape()
    assert 35 < found[key("heartbeat_age_seconds", part="relay")] < 50
    assert 65 < found[key("canary_age_seconds", queue="mail")] < 80
    assert found[key("heartbeat_age_seconds", part="beat")] == float("inf")
    assert found[key("events_waiting")] == 1
    assert 45 < found[key("events_oldest_seconds")] < 60


def test_a_list_older_than_its_inputs_is_stale(scrape: Scrape) -> None:
    from ml.versions import RANKING_VERSION

    hour = timezone.now() - timedelta(hours=1)
    ListFactory(
        computed_at=hour, inputs_changed_at=hour - timedelta(hours=1), ranking_version=RANKING_VERSION
    )
    ListFactory(
        computed_at=hour, inputs_changed_at=hour + timedelta(minutes=1), ranking_version=RANKING_VERSION
    )
    ListFactory(computed_at=None, inputs_changed_at=hour)
    ListFactory(computed_at=hour, inputs_changed_at=hour - timedelta(hours=1), ranking_version="another")
    # Just changed: its job is still on the way.
    ListFactory(
        computed_at=timezone.now() - timedelta(seconds=10),
        inputs_changed_at=timezone.now(),
        ranking_version=RANKING_VERSION,
    )
    found = scrape()
    assert (found[key("lists", state="fresh")], found[key("lists", state="stale")]) == (2, 3)
    assert 3500 < found[key("lists_oldest_seconds")] < 3700


def test_tasks_and_people_without_vector_or_words_are_counted(scrape: Scrape) -> None:
    TaskFactory.create_batch(2)
    TaskFactory(status="CANCELLED")
    FreelancerFactory()
    FreelancerFactory(is_active=False)
    people = User.objects.filter(is_active=True, user_type__in=["freelancer", "both"]).count()
    found = scrape()
    assert found[key("vectors_missing", kind="task")] == 2
    assert found[key("vectors_missing", kind="person")] == people
    # Search knows tasks of every status.
    assert found[key("search_missing", kind="task")] == 3
    assert found[key("search_missing", kind="person")] == people


def test_mails_and_notifications_of_the_last_hour_are_counted(scrape: Scrape) -> None:
    for number, (state, hours) in enumerate((("sent", 0), ("sent", 0), ("refused", 0), ("refused", 2))):
        SentMail.objects.create(
            key=f"k{number}",
            mail_class="bulk",
            language="ar",
            address_key="x",
            message_id="x",
            state=state,
            created_at=timezone.now() - timedelta(hours=hours),
        )
    MailGate.objects.create(failures=4, closed_until=timezone.now() + timedelta(seconds=60))
    notification = NotificationFactory()
    now = timezone.now()
    for number, (channel, state, settled) in enumerate(
        (
            ("push", "failed", now),
            ("push", "failed", now - timedelta(hours=2)),
            ("email", "pending", None),
        )
    ):
        NotificationDelivery.objects.create(
            recipient=notification.recipient,
            notification=notification,
            dedupe_key=f"another:{number}",
            channel=channel,
            state=state,
            settled_at=settled,
            due_at=now - timedelta(minutes=2),
        )
    found = scrape()
    assert found[key("mails_recent", **{"class": "bulk", "state": "sent"})] == 2
    assert found[key("mails_recent", **{"class": "bulk", "state": "refused"})] == 1
    assert found[key("mails_recent", **{"class": "critical", "state": "sent"})] == 0
    assert found[key("mail_server_failures")] == 4
    assert 50 < found[key("mail_server_paused_seconds")] < 70
    assert found[key("notifications_recent", channel="push", state="failed")] == 1
    assert found[key("notifications_waiting", channel="email", state="pending")] == 1
    assert 110 < found[key("notifications_overdue_seconds", channel="email")] < 130
    assert found[key("notifications_overdue_seconds", channel="push")] == 0


def test_the_model_s_calls_and_rests_and_who_waits_for_it_are_told(scrape: Scrape) -> None:
    assert scrape()[key("model_breaker", state="closed")] == 1
    now = timezone.now()
    ModelGate.objects.create(
        name=NAME,
        times=[now - timedelta(seconds=90), now - timedelta(seconds=5), now],
        promised=[now - timedelta(seconds=5), now + timedelta(seconds=20)],
        calls_total=40,
        waits_total=7,
        failures_total=6,
        opened_total=1,
        opened_at=now - timedelta(seconds=OPEN_SECONDS - 10),
    )
    found = scrape()
    assert [found[key(f"model_{name}_total")] for name in ("calls", "waits", "failures", "rests")] == [
        40,
        7,
        6,
        1,
    ]
    assert (found[key("model_calls_recent")], found[key("model_waiting")]) == (2, 1)
    assert (found[key("model_breaker", state="open")], found[key("model_breaker", state="closed")]) == (1, 0)
    ModelGate.objects.update(opened_at=now - timedelta(seconds=OPEN_SECONDS + 10))
    assert scrape()[key("model_breaker", state="half_open")] == 1


def test_answers_of_the_last_hour_are_counted_by_who_wrote_them_and_what_they_took(scrape: Scrape) -> None:
    AnswerFactory()
    AnswerFactory(outcome="model", tokens_in=100, tokens_out=20)
    AnswerFactory(outcome="model", tokens_in=50, tokens_out=5)
    AnswerFactory(outcome="model", tokens_in=9, created_at=timezone.now() - timedelta(hours=2))
    AnswerFactory(outcome="help", reason="away")
    AnswerFactory(outcome="help", reason="lost", state="failed")
    PendingFactory()
    found = scrape()
    numbers = {
        one: found[key("answers_recent", outcome=one)]
        for one in ("rules", "model", "help", "pending", "failed")
    }
    assert numbers == {"rules": 1, "model": 2, "help": 1, "pending": 1, "failed": 1}
    assert found[key("answers_stood_in_recent", reason="away")] == 1
    assert found[key("answers_stood_in_recent", reason="budget")] == 0
    assert found[key("answer_tokens_recent", direction="in")] == 150
    assert found[key("answer_tokens_recent", direction="out")] == 25


# --- requests -------------------------------------------------------------------------------------------------------


def test_requests_are_counted_by_the_name_of_their_address_never_by_the_address(scrape: Scrape) -> None:
    task = TaskFactory()
    before = scrape()
    client = Client()
    for address in (
        f"/api/tasks/{task.pk}/",
        "/api/tasks/999999/",
        "/no/such/a",
        "/no/such/b",
        "/admin/tasks/task/",
    ):
        client.get(address)
    client.generic("BREW", "/healthz")
    after = scrape()
    grown = {k: after[k] - before.get(k, 0) for k in after if k[0] == "multitask_http_requests_total"}
    grown = {k: number for k, number in grown.items() if number}
    assert {(dict(k[1])["method"], dict(k[1])["status"], number) for k, number in grown.items()} >= {
        ("GET", "200", 1),
        ("GET", "404", 2),
        ("GET", "302", 1),
    }
    routes = {dict(k[1])["route"] for k in grown}
    # Whatever no other address takes is the application's, or nobody's.
    assert {"spa", "admin", "healthz"} <= routes
    assert not any(str(task.pk) in route and task.pk > 99 for route in routes)
    assert not any("999999" in route or "such" in route for route in routes)
    assert {dict(k[1])["method"] for k in grown} == {"GET", "other"}


def test_a_scrape_does_not_count_itself(scrape: Scrape) -> None:
    scrape()
    assert not any("metrics" in dict(labels).get("route", "") for _, labels in scrape())


# --- what it costs --------------------------------------------------------------------------------------------------


def test_a_scrape_is_one_query_a_part_and_the_next_one_none() -> None:
    with CaptureQueriesContext(connection) as first:
        get(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    reads = [q for q in first if "SAVEPOINT" not in q["sql"] and "set_config" not in q["sql"]]
    assert len(reads) == len(figures.PARTS) <= 13
    with CaptureQueriesContext(connection) as second:
        get(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert len(second) == 0


def test_a_slow_part_is_left_out_and_the_others_are_there(
    scrape: Scrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")

    monkeypatch.setattr(figures, "STATEMENT_MS", 50)
    monkeypatch.setitem(figures.PARTS, "lists", figures.Part(slow))
    found = scrape()
    assert found[key("figures_ok", part="lists")] == 0
    assert found[key("figures_ok", part="queues")] == 1
    assert key("lists", state="stale") not in found
    assert key("queue_oldest_seconds", queue="mail") in found


def test_parts_beyond_the_budget_are_left_for_the_next_scrape(
    scrape: Scrape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "BUDGET_SECONDS", -1.0)
    found = scrape()
    assert {found[key("figures_ok", part=part)] for part in figures.PARTS} == {0}
    assert found[key("database_up")] == 1


def test_a_database_that_is_away_is_told_and_not_asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def away(*_: Any, **__: Any) -> Any:
        asked.append(1)
        raise OperationalError("connection refused")

    monkeypatch.setattr(figures.transaction, "atomic", away)
    for _ in range(3):
        answer = get(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
        assert answer.status_code == 200
        assert b"multitask_database_up 0.0" in answer.content
    assert len(asked) == 1
