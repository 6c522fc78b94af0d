"""The administration: every page in both languages, for those who may, without a storm of queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from multitask.accounts.factories import AdminFactory, ClientFactory, FreelancerFactory
from multitask.accounts.models import ExternalIdentity, FormerAddress, TokenFamily, User
from multitask.chatbot.factories import AnswerFactory, ChatSessionFactory
from multitask.chatbot.models import ChatDraft, ChatMessage, ChatSession, DailyUse, ModelGate
from multitask.common.models import IdempotencyRecord
from multitask.exchange.models import ImportRef
from multitask.files.factories import StoredFileFactory
from multitask.files.models import StoredFile
from multitask.mail.factories import AddressStateFactory, MailReportFactory, SentMailFactory
from multitask.mail.models import AddressState, MailGate, MailReport, SentMail
from multitask.messaging.factories import MessageFactory
from multitask.messaging.models import Conversation, Message
from multitask.notifications.factories import (
    DeliveryFactory,
    DigestFactory,
    NotificationFactory,
    PushSubscriptionFactory,
)
from multitask.notifications.models import (
    Digest,
    Notification,
    NotificationDelivery,
    NotificationPreference,
    PushHost,
    PushSubscription,
    Reminder,
)
from multitask.outbox.models import Heartbeat, OutboxDelivery, OutboxEvent
from multitask.realtime.models import EventCursor, Presence
from multitask.recommendations.factories import (
    EntryFactory,
    ListFactory,
    PreferenceFactory,
    SkillFactory,
    UserSkillFactory,
)
from multitask.recommendations.learned import MatchStatistics, PersonExposure, TaskExposure
from multitask.recommendations.models import (
    LexicalModelVersion,
    RecommendationFeedback,
    RecommendationList,
    RecommendationLog,
    SearchPhrase,
    SearchTerm,
    Skill,
    UserPreference,
    UserSkill,
    VectorIndex,
)
from multitask.tasks.factories import ApplicationFactory, ReviewFactory, TaskFactory
from multitask.tasks.models import Category, Review, Task, TaskApplication, TaskImage

pytestmark = pytest.mark.django_db

# Models without a page of their own, and why.
WITHOUT_A_PAGE = {
    "accounts.refreshtoken": "identifiers of living tokens",
    "accounts.loginstate": "secrets of a login under way",
    "accounts.attemptlog": "hashes; a login is unlocked on the person's page",
    "tasks.taskimage": "shown with its task",
    "messaging.participant": "shown with its conversation",
    "tasks.taskview": "hashes of who looked, kept for two days",
    "notifications.inbox": "a row that is only a lock",
    "realtime.userevent": "repeats what conversations and notifications show, for a week",
    "recommendations.taskvector": "hundreds of numbers",
    "recommendations.profilevector": "hundreds of numbers",
    "recommendations.recommendationentry": "shown with its list",
    "recommendations.searchdocument": "hundreds of numbers",
    "recommendations.persondocument": "hundreds of numbers",
    "outbox.jobtally": "added up on the page of the pipeline",
    "operations.pipelinesample": "drawn on the page of the pipeline",
}
_numbers = count(1)
ARABIC = re.compile(r"[\u0621-\u064a]")


def _many(make: Callable[[int], Any]) -> Callable[[int], Model]:
    """The last of `number` rows."""

    def rows(number: int) -> Model:
        return [make(next(_numbers)) for _ in range(number)][-1]

    return rows


def _index(position: int) -> VectorIndex:
    lexical = LexicalModelVersion.objects.create(identifier=f"v{position}", data=b"x", documents=1)
    return VectorIndex.objects.create(
        encoder_model="m",
        encoder_revision=str(position),
        dimensions=8,
        lexical=lexical,
        text_version="1",
        state="retired",
    )


def _task(number: int) -> Task:
    task = [TaskFactory() for _ in range(number)][-1]
    for position in range(number):
        ApplicationFactory(task=task)
        TaskImage.objects.create(task=task, image="tasks/a.png", order=position)
    return task


def _event(number: int) -> OutboxEvent:
    events = [OutboxEvent.objects.create(topic="task.created", key=f"task:{n}") for n in range(number)]
    for position in range(number):
        OutboxDelivery.objects.create(
            event=events[-1], handler=f"h{position}", queue="default", key=f"task:{position}", status="dead"
        )
    return events[-1]


def _list(number: int) -> RecommendationList:
    found = [ListFactory() for _ in range(number)][-1]
    for _ in range(number):
        EntryFactory(recommendation_list=found)
    return found


def _log(number: int) -> LogEntry:
    for position in range(number):
        actor, task = AdminFactory(), TaskFactory()
        LogEntry.objects.log_actions(actor.pk, [task], CHANGE, f"changed {position}")
    return LogEntry.objects.latest("pk")


ROWS: dict[type[Model], Callable[[int], Model]] = {
    User: _many(lambda _: FreelancerFactory()),
    FormerAddress: _many(
        lambda n: FormerAddress.objects.create(user=FreelancerFactory(), email=f"former{n}@example.com")
    ),
    TokenFamily: _many(lambda _: TokenFamily.objects.create(user=FreelancerFactory())),
    ExternalIdentity: _many(
        lambda n: ExternalIdentity.objects.create(user=FreelancerFactory(), provider="google", subject=str(n))
    ),
    Category: _many(
        lambda n: Category.objects.create(slug=f"craft-{n}", name_en=f"Craft {n}", name_ar=f"حرفة {n}")
    ),
    Task: _task,
    TaskApplication: _many(lambda _: ApplicationFactory()),
    Review: _many(lambda _: ReviewFactory()),
    Skill: _many(lambda _: SkillFactory()),
    UserSkill: _many(lambda _: UserSkillFactory()),
    UserPreference: _many(lambda _: PreferenceFactory()),
    LexicalModelVersion: lambda number: _many(_index)(number).lexical,  # type: ignore[attr-defined]
    VectorIndex: _many(_index),
    RecommendationList: _list,
    MatchStatistics: _many(lambda _: MatchStatistics.objects.create()),
    TaskExposure: _many(lambda _: TaskExposure.objects.create(task=TaskFactory())),
    PersonExposure: _many(lambda _: PersonExposure.objects.create(user=FreelancerFactory())),
    SearchTerm: _many(lambda n: SearchTerm.objects.create(term=f"word{n}", documents=n)),
    SearchPhrase: _many(
        lambda n: SearchPhrase.objects.create(key=f"word {n}", shown=f"Word {n}", documents=n)
    ),
    RecommendationLog: _many(
        lambda _: RecommendationLog.objects.create(
            user=FreelancerFactory(), recommendation_type="TASK", algorithm_used="hybrid"
        )
    ),
    RecommendationFeedback: _many(
        lambda _: RecommendationFeedback.objects.create(
            user=FreelancerFactory(), task=TaskFactory(), action="saved"
        )
    ),
    Notification: _many(lambda _: NotificationFactory()),
    NotificationDelivery: _many(lambda _: DeliveryFactory()),
    NotificationPreference: _many(lambda _: NotificationPreference.objects.create(user=FreelancerFactory())),
    PushSubscription: _many(lambda _: PushSubscriptionFactory()),
    Digest: _many(lambda _: DigestFactory()),
    Reminder: _many(
        lambda n: Reminder.objects.create(kind="x", subject_id=n, step=1, occasion=timezone.now())
    ),
    PushHost: _many(lambda n: PushHost.objects.create(host=f"push{n}.example.org")),
    EventCursor: _many(lambda _: EventCursor.objects.create(user=FreelancerFactory(), stream="chat")),
    Presence: _many(lambda _: Presence.objects.create(user=FreelancerFactory(), seen_at=timezone.now())),
    StoredFile: _many(lambda _: StoredFileFactory()),
    SentMail: _many(lambda _: SentMailFactory()),
    AddressState: _many(lambda _: AddressStateFactory()),
    MailReport: _many(lambda _: MailReportFactory()),
    MailGate: _many(lambda _: MailGate.objects.get_or_create(pk=1)[0]),
    Conversation: _many(lambda _: MessageFactory().conversation),
    Message: _many(lambda _: MessageFactory()),
    ChatSession: _many(lambda _: ChatSessionFactory()),
    ChatMessage: _many(lambda _: AnswerFactory()),
    ChatDraft: _many(lambda n: ChatDraft.objects.create(draft_id=f"1:{n}", session=ChatSessionFactory())),
    ModelGate: _many(lambda n: ModelGate.objects.create(name=f"model{n}")),
    DailyUse: _many(
        lambda _: DailyUse.objects.create(user=FreelancerFactory(), day=timezone.localdate(), messages=3)
    ),
    OutboxEvent: _event,
    OutboxDelivery: lambda number: _event(number).deliveries.latest("pk"),
    Heartbeat: _many(lambda n: Heartbeat.objects.create(name=f"part {n}")),
    ImportRef: _many(lambda n: ImportRef.objects.create(kind="task", ref=str(n), object_id=n, digest="x")),
    IdempotencyRecord: _many(
        lambda n: IdempotencyRecord.objects.create(
            user=FreelancerFactory(), key=str(n), place="POST /", fingerprint="x"
        )
    ),
    LogEntry: _log,
    PeriodicTask: _many(
        lambda n: PeriodicTask.objects.create(
            name=f"s{n}",
            task="schedule.purge",
            interval=IntervalSchedule.objects.get_or_create(every=9, period="hours")[0],
        )
    ),
}


def page(model: type[Model], what: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


@pytest.fixture
def operator() -> Iterator[Client]:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(AdminFactory())
    return client


def test_every_model_has_a_page_or_a_reason_for_none() -> None:
    ours = {model for model in apps.get_models() if model.__module__.startswith("multitask.")}
    registered = set(admin.site._registry)
    assert {model._meta.label_lower for model in ours - registered} == set(WITHOUT_A_PAGE)
    assert ours & registered <= set(ROWS), "a new page wants rows for these tests"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_operator_reaches_every_page_in_both_languages(operator: Client, language: str) -> None:
    operator.cookies["django_language"] = language
    for model, rows in ROWS.items():
        row = rows(2)
        name = model._meta.label
        listed = operator.get(page(model, "changelist"), {"q": "shop"})
        assert listed.status_code == 200, name
        text = listed.content.decode()
        assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in text
        with override(language):
            assert str(model._meta.verbose_name_plural) in text.replace("&#x27;", "'"), name
        assert operator.get(page(model, "changelist")).status_code == 200, name
        may_add = admin.site._registry[model].has_add_permission(listed.wsgi_request)
        assert operator.get(page(model, "add")).status_code == (200 if may_add else 403), name
        assert operator.get(page(model, "change", row.pk)).status_code == 200, name
        assert operator.get(page(model, "history", row.pk)).status_code == 200, name


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
def test_filters_and_dates_narrow_a_list_without_an_error(operator: Client, model: type[Model]) -> None:
    ROWS[model](2)
    found = operator.get(page(model, "changelist"))
    links = set(re.findall(r'href="(\?[^"]+)"', found.content.decode()))
    for link in sorted(links)[:25]:
        answer = operator.get(page(model, "changelist") + link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
        assert "e=1" not in answer.headers.get("Location", "")


def test_staff_without_a_right_sees_nothing_and_others_are_sent_to_the_login() -> None:
    staff, client_user = Client(), Client()
    staff.force_login(FreelancerFactory(is_staff=True))
    client_user.force_login(ClientFactory())
    for model, rows in ROWS.items():
        row = rows(1)
        for address in (page(model, "changelist"), page(model, "change", row.pk), page(model, "add")):
            assert staff.get(address).status_code == 403, address
            for stranger in (client_user, Client()):
                answer = stranger.get(address)
                assert (answer.status_code, "/admin/login/" in answer["Location"]) == (302, True), address


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
def test_a_list_of_fifty_costs_as_many_queries_as_a_list_of_three(
    operator: Client, model: type[Model]
) -> None:
    _queries(operator, page(model, "changelist"))
    row = ROWS[model](3)
    few = _queries(operator, page(model, "changelist"))
    few_below = _queries(operator, page(model, "change", row.pk))
    many_row = ROWS[model](50)
    assert _queries(operator, page(model, "changelist")) <= few
    assert _queries(operator, page(model, "change", many_row.pk)) <= few_below


def test_every_name_and_choice_is_there_in_both_languages() -> None:
    missing = []
    for model in apps.get_models():
        if not model.__module__.startswith("multitask."):
            continue
        options = model._meta
        with override("ar"):
            shown = [
                str(options.verbose_name),
                str(options.verbose_name_plural),
                str(options.app_config.verbose_name),
            ]
            for field in (*options.local_fields, *options.local_many_to_many):
                shown.append(f"{field.name}: {field.verbose_name}")
                shown += [f"{field.name} help: {field.help_text}"] if field.help_text else []
                if field.name not in {"language", "kind", "country"}:
                    shown += [f"{field.name} choice: {label}" for _, label in field.flatchoices]
            missing += [f"{options.label} {text}" for text in shown if not ARABIC.search(text)]
        with override("en"):
            assert not ARABIC.search(f"{options.verbose_name} {options.verbose_name_plural}")
    assert missing == []


def test_the_language_is_changed_by_a_button_on_every_page_also_before_the_login() -> None:
    client = Client(headers={"Accept-Language": "ar"})
    assert 'name="language" value="en"' in client.get("/admin/login/").content.decode()
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/admin/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/login/")
    text = client.get("/admin/login/").content.decode()
    assert "Multitask administration" in text
    assert 'lang="en" dir="ltr"' in text
    evil = client.post("/i18n/setlang/", {"language": "ar", "next": "https://evil.example/"})
    assert "evil" not in evil["Location"]


def act(client: Client, model: type[Model], action: str, rows: list[Any], **more: str) -> str:
    answer = client.post(
        page(model, "changelist"),
        {"action": action, "_selected_action": [row.pk for row in rows]} | more,
        follow=True,
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_accounts_are_deactivated_and_let_in_again_in_bulk_and_who_did_it_is_kept(operator: Client) -> None:
    people = [FreelancerFactory(), ClientFactory()]
    assert "Deactivated: 2" in act(operator, User, "deactivate", people)
    assert set(User.objects.filter(pk__in=[one.pk for one in people]).values_list("is_active")) == {(False,)}
    entry = LogEntry.objects.filter(object_id=str(people[0].pk)).get()
    assert (entry.user.user_type, entry.action_flag) == ("admin", CHANGE)
    assert "Deactivated" in entry.get_change_message()
    act(operator, User, "reactivate", people)
    assert User.objects.get(pk=people[0].pk).is_active


def test_nobody_deactivates_themselves_and_staff_no_superuser() -> None:
    staff = FreelancerFactory(is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(staff)
    chief, other = AdminFactory(), ClientFactory()
    text = act(client, User, "deactivate", [staff, chief, other])
    assert "You cannot do this to your own account." in text
    assert "Only a superuser may do this." in text
    assert "Deactivated: 1" in text
    assert [User.objects.get(pk=one.pk).is_active for one in (staff, chief, other)] == [True, True, False]
    assert client.get(page(User, "change", chief.pk)).status_code == 200
    assert client.post(page(User, "change", chief.pk), {"first_name": "x"}).status_code == 403


def test_only_a_superuser_gives_rights() -> None:
    staff = FreelancerFactory(is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    person = ClientFactory()
    form = {
        "email": person.email,
        "country": "Egypt",
        "language": "ar",
        "user_type": "client",
        "first_name": "منى",
        "is_staff": "on",
        "is_superuser": "on",
    }
    client = Client()
    client.force_login(staff)
    assert client.post(page(User, "change", person.pk), form).status_code == 302
    person.refresh_from_db()
    assert (person.first_name, person.is_staff, person.is_superuser) == ("منى", False, False)
    assert client.post(page(User, "change", person.pk), form | {"user_type": "admin"}).status_code == 403
    chief = Client()
    chief.force_login(AdminFactory())
    assert chief.post(page(User, "change", person.pk), form | {"user_type": "admin"}).status_code == 302
    person.refresh_from_db()
    assert (person.user_type, person.is_staff, person.is_superuser) == ("admin", True, True)


def test_a_person_made_here_can_log_in_and_a_freelancer_gets_a_list(operator: Client) -> None:
    form = {
        "username": "newcomer",
        "email": "New@Example.com",
        "user_type": "freelancer",
        "usable_password": "true",
        "password1": "a-long-Passphrase-7",
        "password2": "a-long-Passphrase-7",
    }
    assert operator.post(page(User, "add"), form).status_code == 302
    person = User.objects.get(username="newcomer")
    assert person.check_password("a-long-Passphrase-7")
    assert person.email == "new@example.com"
    assert OutboxEvent.objects.filter(topic="profile.changed", key=f"user:{person.pk}").exists()


def test_tasks_are_cancelled_with_a_reason_and_not_without_one(operator: Client) -> None:
    tasks = TaskFactory.create_batch(2)
    assert "Write a reason" in act(operator, Task, "cancel", tasks)
    assert Task.objects.filter(status="OPEN").count() == 2
    text = act(operator, Task, "cancel", tasks, reason="spam")
    assert "Cancelled: 2" in text
    assert list(Task.objects.values_list("status", "cancel_reason").distinct()) == [("CANCELLED", "spam")]
    assert OutboxEvent.objects.filter(topic="task.cancelled").count() == 2
    assert LogEntry.objects.filter(change_message__contains="spam").count() == 2
    assert "no longer" in act(operator, Task, "cancel", tasks, reason="again")


def test_the_pictures_of_a_task_are_taken_away(operator: Client) -> None:
    task = TaskFactory(image="tasks/a.png")
    TaskImage.objects.create(task=task, image="tasks/b.png")
    act(operator, Task, "remove_pictures", [task])
    task.refresh_from_db()
    assert (str(task.image), task.images.count()) == ("", 0)
    names = OutboxEvent.objects.filter(topic="file.orphaned").values_list("payload__name", flat=True)
    assert set(names) == {"tasks/a.png", "tasks/b.png"}


def test_a_review_is_hidden_with_a_reason_and_leaves_the_rating(operator: Client) -> None:
    review = ReviewFactory()
    act(operator, Review, "hide", [review], reason="insults")
    review.refresh_from_db()
    assert (review.removed_reason, review.removed_at is not None) == ("insults", True)
    assert LogEntry.objects.filter(change_message__contains="insults").count() == 1


def test_dead_letters_run_again_and_who_asked_is_kept(operator: Client) -> None:
    event = OutboxEvent.objects.create(topic="task.created", key="task:1")
    dead = OutboxDelivery.objects.create(
        event=event, handler="h", queue="default", key="task:1", status="dead", attempts=4
    )
    act(operator, OutboxDelivery, "retry", [dead])
    dead.refresh_from_db()
    assert (dead.status, dead.attempts) == ("pending", 0)
    assert LogEntry.objects.filter(object_id=str(dead.pk)).count() == 1


def test_who_may_only_look_has_no_actions() -> None:
    staff = FreelancerFactory(is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(staff)
    task = TaskFactory()
    assert 'name="action"' not in client.get(page(Task, "changelist")).content.decode()
    act(client, Task, "cancel", [task], reason="spam")
    task.refresh_from_db()
    assert task.status == "OPEN"


def test_a_schedule_runs_now_by_the_outbox(operator: Client) -> None:
    entry = ROWS[PeriodicTask](1)
    text = act(operator, PeriodicTask, "run_now", [entry])
    assert "Will run now: 1" in text
    assert OutboxEvent.objects.filter(topic="schedule.purge", key="schedule:schedule.purge").count() == 1
    assert "run_tasks" not in operator.get(page(PeriodicTask, "changelist")).content.decode()


def test_an_operator_downloads_a_private_file_and_others_do_not(operator: Client) -> None:
    stored = StoredFileFactory()
    address = reverse("admin:files_storedfile_download", args=[stored.pk])
    got = operator.get(address)
    assert b"".join(got.streaming_content) == b"An offer."
    assert got["Content-Disposition"].startswith("attachment")
    staff = Client()
    staff.force_login(FreelancerFactory(is_staff=True))
    assert staff.get(address).status_code == 403
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_operator_who_is_refused_reads_why_on_a_page(language: str) -> None:
    staff = Client(headers={"Accept-Language": language})
    staff.force_login(FreelancerFactory(is_staff=True))
    refused = staff.get(page(Task, "changelist"))
    assert (refused.status_code, refused["Content-Type"][:9]) == (403, "text/html")
    wanted = "Ask a superuser" if language == "en" else "اطلبها من المدير الأعلى"
    assert wanted in refused.content.decode()
    gone = staff.get("/admin/nothing/here/")
    assert (gone.status_code, gone["Content-Type"][:9]) == (404, "text/html")
