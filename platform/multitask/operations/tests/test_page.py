"""/admin/pipeline/: who sees it, what it says in both languages, and sending dead letters again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from multitask.accounts.factories import AdminFactory, ClientFactory, FreelancerFactory
from multitask.chatbot.factories import AnswerFactory
from multitask.chatbot.gate import NAME, ModelGate
from multitask.operations import limits
from multitask.operations.models import PipelineSample
from multitask.operations.selectors import figures
from multitask.outbox.models import Heartbeat, OutboxDelivery, OutboxEvent
from multitask.outbox.status import FRESH_SECONDS
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db

PAGE = "/admin/pipeline/"
ARABIC = re.compile(r"[\u0621-\u064a]")


def staff(*rights: str) -> Client:
    person = FreelancerFactory(is_staff=True)
    person.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person)
    return client


@pytest.fixture
def operator() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(AdminFactory())
    return client


def dead_letter(
    handler: str = "jobs.pong", *, error: str = "OSError: away", attempts: int = 4
) -> OutboxDelivery:
    event = OutboxEvent.objects.create(topic="ping", key="thing:1", fanned_out_at=timezone.now())
    return OutboxDelivery.objects.create(
        event=event,
        handler=handler,
        queue="default",
        key="thing:1",
        status="dead",
        attempts=attempts,
        last_error=error,
    )


def all_well() -> None:
    for part in FRESH_SECONDS:
        Heartbeat.objects.create(name=part)


def text(client: Client, language: str = "en") -> str:
    client.cookies["django_language"] = language
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_staff_with_the_right_to_see_deliveries_see_the_page() -> None:
    stranger, member = Client(), Client()
    member.force_login(ClientFactory())
    for client in (stranger, member):
        answer = client.get(PAGE)
        assert (answer.status_code, "/admin/login/" in answer["Location"]) == (302, True)
    assert staff().get(PAGE).status_code == 403
    assert staff("view_task", "view_heartbeat").get(PAGE).status_code == 403
    assert staff("view_outboxdelivery").get(PAGE).status_code == 200


def test_only_who_may_change_deliveries_sends_them_again() -> None:
    letter = dead_letter()
    looks, sends = staff("view_outboxdelivery"), staff("view_outboxdelivery", "change_outboxdelivery")
    assert "Send again" not in text(looks)
    for body in ({"delivery": letter.pk}, {"handler": letter.handler}):
        assert looks.post(PAGE, body).status_code == 403
        assert Client().post(PAGE, body).status_code == 302
    assert staff("change_outboxdelivery").post(PAGE, {"delivery": letter.pk}).status_code == 403
    letter.refresh_from_db()
    assert (letter.status, LogEntry.objects.count()) == ("dead", 0)
    assert "Send again" in text(sends)
    assert sends.post(PAGE, {"delivery": letter.pk}).status_code == 302
    letter.refresh_from_db()
    assert letter.status == "pending"


def test_a_form_of_another_site_sends_nothing_again(operator: Client) -> None:
    letter = dead_letter()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(AdminFactory())
    assert strict.post(PAGE, {"delivery": letter.pk}).status_code == 403
    letter.refresh_from_db()
    assert letter.status == "dead"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_page_speaks_both_languages(operator: Client, language: str) -> None:
    dead_letter(error="OSError: away")
    Heartbeat.objects.create(name="beat", seen_at=timezone.now() - timedelta(hours=5))
    PipelineSample.objects.create(
        taken_at=timezone.now(), waiting=1, oldest_seconds=2, done=1, failed=0, dead=1, lists=1, lists_stale=0
    )
    said = text(operator, language)
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in said
    content = said.split('id="content-main"')[1].split("<script")[0]
    shown = re.sub(r"<[^>]+>|csrf\w+", " ", content.replace("العربية", ""))
    if language == "en":
        assert not ARABIC.search(shown)
        assert "Beat (schedules) was last seen 5 h ago." in shown
        assert "Dead letters: 1." in shown
    else:
        # Names of programs, queues, handlers and what a program itself said.
        names = r"PostgreSQL|Redis|OSError: away|jobs\.pong|thing:1|[a-z]+ #\d+|interactive|embed|recommend|notify"
        left = re.sub(rf"{names}|mail|push|chat|default|bulk|\b(reminders|digests|sweep)\b", "", shown)
        assert not re.findall(r"[A-Za-z]{2,}", left)
        assert "آخر ظهور لـ المجدول قبل 5 س" in shown


def test_all_is_well_only_when_it_is(operator: Client) -> None:
    assert "has not been seen yet" in text(operator)
    all_well()
    assert "All is well." in text(operator)
    dead_letter()
    said = text(operator)
    assert "All is well." not in said
    assert "OSError: away" in said
    OutboxDelivery.objects.all().delete()
    late = OutboxEvent.objects.create(topic="ping", key="thing:2", fanned_out_at=timezone.now())
    OutboxDelivery.objects.create(
        event=late,
        handler="h",
        queue="notify",
        key="k",
        created_at=timezone.now() - timedelta(minutes=5, seconds=30),
    )
    assert "The oldest job of the queue notify has been due for 5 min." in text(operator)


def test_the_page_tells_of_a_model_that_fails_or_is_asked_too_much_and_of_answers_that_were_lost(
    operator: Client,
) -> None:
    all_well()
    now = timezone.now()
    gate = ModelGate.objects.create(name=NAME, promised=[now + timedelta(seconds=40)] * limits.MODEL_WAITING)
    for number in range(limits.LEAST_ENDED):
        AnswerFactory(outcome="model", tokens_in=number)
    said = text(operator)
    assert "All is well." in said
    assert "<dt>The language model</dt><dd>is asked</dd>" in said
    assert "<dd>45 / 0</dd>" in said
    gate.promised.append(now + timedelta(seconds=41))
    gate.opened_at = now
    gate.save()
    for _ in range(2):
        AnswerFactory(outcome="help", reason="lost", state="failed")
    said = text(operator)
    assert f"{limits.MODEL_WAITING + 1} questions to the assistant wait" in said
    assert "The language model fails and is given a rest." in said
    assert "<dd>is given a rest</dd>" in said
    assert "2 of 12 free questions of the last hour were not answered at all." in said
    assert "النموذج اللغوي يفشل" in text(operator, "ar")


def test_the_page_tells_of_a_database_that_is_too_slow_for_its_figures(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")

    monkeypatch.setattr(figures, "STATEMENT_MS", 50)
    monkeypatch.setitem(figures.PARTS, "dead", figures.Part(slow))
    all_well()
    said = text(operator)
    assert "These figures could not be read in time: dead." in said
    assert "<h2>Queues</h2>" in said


def test_an_error_text_is_shown_and_not_run(operator: Client) -> None:
    dead_letter(error="<script>alert(1)</script>", handler='x"><img src=y>')
    said = text(operator)
    assert "<script>alert(1)" not in said
    assert "<img src=y" not in said


def test_the_page_needs_no_script_or_style_of_its_own(operator: Client) -> None:
    dead_letter()
    answer = operator.get(PAGE)
    content = answer.content.decode().split('id="content-main"')[1].split("<footer")[0]
    assert not re.search(r"<(script|style)|\sstyle=|\son\w+=|https?://(?!testserver)", content)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


@pytest.fixture
def fails() -> Iterator[Callable[[bool], None]]:
    """A job of the topic "ping" that fails while it is told to."""
    from multitask.outbox.relay import Route
    from workers.base import JOBS, Job
    from workers.routes import ROUTES

    broken = [True]

    def run(run: Any) -> None:
        if broken[0]:
            raise OSError("away")
        with run.finish():
            OutboxEvent.objects.create(topic="effect", key=run.one.key, fanned_out_at=timezone.now())

    JOBS["jobs.pong"] = Job(name="jobs.pong", queue="default", batch=1, function=run)
    ROUTES["ping"] = (Route("jobs.pong", "default"),)

    def tell(value: bool) -> None:
        broken[0] = value

    yield tell
    JOBS.pop("jobs.pong", None)
    ROUTES.pop("ping", None)


def _die(times: int) -> Pipeline:
    for number in range(times):
        OutboxEvent.objects.create(topic="ping", key=f"thing:{number}")
    drained = Pipeline()
    for _ in range(4):
        drained.drain()
        drained.make_due()
    assert len(drained.dead()) == times
    return drained


def test_a_dead_letter_sent_again_runs_through_the_pipeline_once_and_who_did_it_is_kept(
    operator: Client, fails: Callable[[bool], None]
) -> None:
    pipeline = _die(2)
    letter = OutboxDelivery.objects.filter(status="dead").latest("pk")
    fails(False)
    answer = operator.post(PAGE, {"delivery": letter.pk}, follow=True)
    assert "Dead letters that will run again: 1" in answer.content.decode()
    pipeline.drain()
    letter.refresh_from_db()
    assert (letter.status, OutboxEvent.objects.filter(topic="effect").count()) == ("done", 1)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user.user_type) == (str(letter.pk), "admin")
    again = operator.post(PAGE, {"delivery": letter.pk}, follow=True)
    assert "Nothing to send again" in again.content.decode()
    pipeline.drain()
    assert OutboxEvent.objects.filter(topic="effect").count() == 1


def test_all_dead_letters_of_one_handler_are_sent_again_and_no_others(
    operator: Client, fails: Callable[[bool], None]
) -> None:
    pipeline = _die(3)
    other = dead_letter("jobs.other")
    fails(False)
    answer = operator.post(PAGE, {"handler": "jobs.pong"}, follow=True)
    assert "Dead letters that will run again: 3" in answer.content.decode()
    pipeline.drain()
    other.refresh_from_db()
    assert (other.status, OutboxEvent.objects.filter(topic="effect").count()) == ("dead", 3)
    assert LogEntry.objects.count() == 3
    assert "jobs.other" in answer.content.decode()


@pytest.mark.parametrize(
    "body", [{}, {"delivery": "x"}, {"delivery": "9" * 30}, {"handler": "no such"}, {"delivery": "-1"}]
)
def test_nonsense_sends_nothing_again(operator: Client, body: dict[str, str]) -> None:
    letter = dead_letter()
    assert operator.post(PAGE, body).status_code == 302
    letter.refresh_from_db()
    assert letter.status == "dead"


def test_the_page_costs_as_many_queries_however_much_is_wrong(operator: Client) -> None:
    all_well()
    text(operator)
    with CaptureQueriesContext(connection) as few:
        text(operator)
    for number in range(40):
        dead_letter(f"jobs.h{number % 5}")
        PipelineSample.objects.create(
            taken_at=timezone.now() - timedelta(minutes=number),
            waiting=1,
            oldest_seconds=2,
            done=number,
            failed=0,
            dead=1,
            lists=1,
            lists_stale=0,
        )
    with CaptureQueriesContext(connection) as many:
        text(operator)
    assert len(many) == len(few)
    reads = [query for query in many if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(reads) <= 24, len(reads)


def test_the_link_to_the_page_is_shown_to_those_who_may_follow_it() -> None:
    assert PAGE in staff("view_outboxdelivery", "view_task").get("/admin/tasks/task/").content.decode()
    assert PAGE not in staff("view_task").get("/admin/tasks/task/").content.decode()
