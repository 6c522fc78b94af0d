from __future__ import annotations

import io
import json
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Avg, Count
from django.test import override_settings

from multitask.accounts.models import User
from multitask.accounts.services.users import user_register
from multitask.chatbot.models import ChatMessage, ChatSession
from multitask.conftest import AsUser
from multitask.demo.phrasebook import language_of
from multitask.demo.services import seeding
from multitask.exchange.models import ImportRef
from multitask.messaging.models import Conversation, Message, Participant
from multitask.messaging.services.receipts import unread_count
from multitask.notifications.models import Notification
from multitask.outbox.models import OutboxEvent
from multitask.recommendations.models import Skill, UserPreference
from multitask.tasks.models import Review, Task, TaskApplication
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db

SMALL = ("--users", "20", "--tasks", "40")


def _run(command: str, *options: str) -> str:
    output = io.StringIO()
    call_command(command, *options, stdout=output)
    return output.getvalue()


def _logins() -> list[dict[str, str]]:
    found = json.loads(_run("demo_logins", "--json"))
    assert isinstance(found, list)
    return found


def _numbers() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Task, TaskApplication, Review, OutboxEvent))


def test_the_demo_has_its_proportions() -> None:
    _run("seed_demo", *SMALL)
    assert Counter(User.objects.values_list("user_type", flat=True)) == {
        "client": 8,
        "freelancer": 8,
        "both": 4,
        "admin": 1,
    }
    assert Counter(Task.objects.values_list("status", flat=True)) == {
        "OPEN": 24,
        "IN_PROGRESS": 8,
        "COMPLETED": 6,
        "CANCELLED": 2,
    }
    assert Review.objects.count() == 12
    assert 12 <= Task.objects.filter(listing_type="service_offer").count() <= 14
    assert not Task.objects.filter(status__in=["IN_PROGRESS", "COMPLETED"], assigned_to=None).exists()


def test_every_counter_of_the_demo_equals_a_recount() -> None:
    _run("seed_demo", *SMALL)
    for task in Task.objects.annotate(number=Count("applications")):
        assert task.applications_count == task.number
    for skill in Skill.objects.annotate(number=Count("user_skills")):
        assert skill.usage_count == skill.number
    for user in User.objects.annotate(number=Count("reviews_received"), mean=Avg("reviews_received__rating")):
        assert user.total_reviews == user.number
        assert float(user.average_rating) == pytest.approx(user.mean or 0, abs=0.006)


def test_the_demo_goes_through_the_pipeline_like_anything_else() -> None:
    _run("seed_demo", *SMALL)
    topics = Counter(OutboxEvent.objects.values_list("topic", flat=True))
    assert topics["task.created"] == 40
    assert topics["application.created"] == TaskApplication.objects.count()
    assert topics["review.created"] == 12
    changed = set(OutboxEvent.objects.filter(topic="profile.changed").values_list("key", flat=True))
    freelancers = User.objects.filter(user_type__in=["freelancer", "both"]).values_list("pk", flat=True)
    assert changed == {f"user:{pk}" for pk in freelancers}


def test_tasks_applications_and_reviews_come_one_after_the_other() -> None:
    _run("seed_demo", *SMALL)
    assert Task.objects.order_by("-created_at").first() != Task.objects.order_by("created_at").first()
    for application in TaskApplication.objects.select_related("task", "freelancer"):
        assert application.freelancer.created_at < application.task.created_at < application.created_at
    for review in Review.objects.select_related("task"):
        assert review.task.created_at < review.task.completed_at < review.created_at


def test_the_same_seed_makes_the_same_demo() -> None:
    def texts() -> list[tuple[object, ...]]:
        return list(Task.objects.order_by("pk").values_list("title", "budget", "client__username", "status"))

    _run("seed_demo", *SMALL)
    first = texts()
    for model in (Conversation, Participant, Message, Review, TaskApplication, Task, User):
        model.objects.all().delete()
    ImportRef.objects.all().delete()
    _run("seed_demo", *SMALL)
    assert texts() == first


def test_seeding_again_adds_nothing() -> None:
    _run("seed_demo", *SMALL)
    before = _numbers()
    for options in (SMALL, (*SMALL, "--force"), ("--seed", "2", "--users", "30", "--force")):
        assert "there" in _run("seed_demo", *options)
        assert _numbers() == before


def test_an_interrupted_seeding_is_finished_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    create = seeding.task_create
    calls: list[object] = []

    def dies(**values: object) -> Task:
        calls.append(values)
        if len(calls) > 25:
            raise KeyboardInterrupt
        return create(**values)  # type: ignore[arg-type]

    monkeypatch.setattr(seeding, "task_create", dies)
    with pytest.raises(KeyboardInterrupt):
        _run("seed_demo", *SMALL)
    assert Task.objects.count() == 20
    with pytest.raises(CommandError, match="--seed 1 --users 20 --tasks 40"):
        _run("seed_demo", "--seed", "3")
    monkeypatch.setattr(seeding, "task_create", create)
    _run("seed_demo", *SMALL)
    assert _numbers()[:2] == (21, 40)


def test_the_logins_of_the_demo_work_and_all_others_do_not() -> None:
    _run("seed_demo", *SMALL)
    logins = _logins()
    assert [login["role"] for login in logins] == ["client", "freelancer", "both", "admin"]
    for login in logins:
        user = User.objects.get(username=login["username"])
        assert user.check_password(login["password"])
        assert user.user_type == login["role"]
        assert user.is_verified
    assert User.objects.get(username="admin").is_superuser
    others = User.objects.exclude(username__in=[login["username"] for login in logins])
    assert not any(user.has_usable_password() for user in others)


def test_everybody_who_logs_in_has_conversations_and_finds_something_unread(
    pipeline: Pipeline, as_user: AsUser
) -> None:
    _run("seed_demo", *SMALL)
    pipeline.drain()
    assert pipeline.dead() == []
    for username in ("client", "freelancer", "both"):
        user = User.objects.get(username=username)
        rows = as_user(user).get("/api/messages/conversations/?page_size=100").json()["results"]
        assert len(rows) >= 2, username
        assert sum(row["unread_count"] for row in rows) >= 1, username
        assert Notification.objects.filter(
            recipient=user, notification_type="new_message", is_read=False
        ).exists()
        for row in rows:
            page = as_user(user).get(f"/api/messages/conversations/{row['id']}/messages/").json()["results"]
            assert len(page) >= 1
            times = [message["created_at"] for message in page]
            assert times == sorted(times, reverse=True)
            assert row["last_message_at"] == times[0]
    said = Message.objects.exclude(sender=None).values_list("content", flat=True)
    assert {language_of(content) for content in said} == {"ar", "en"}
    for side in Participant.objects.all():
        counted = unread_count(
            conversation_id=side.conversation_id, user_id=side.user_id, read_up_to=side.read_up_to
        )
        assert side.unread_count == counted


def test_what_happened_to_a_task_stands_in_its_place_in_the_conversation_once(pipeline: Pipeline) -> None:
    _run("seed_demo", *SMALL)
    before = list(Message.objects.order_by("pk").values_list("pk", "code"))
    pipeline.drain()
    assert list(Message.objects.order_by("pk").values_list("pk", "code")) == before
    for task in Task.objects.filter(status="COMPLETED", assigned_to__isnull=False):
        codes = list(
            Message.objects.filter(conversation__task=task).order_by("pk").values_list("code", flat=True)
        )
        assert (codes[0], codes[-1], set(codes[1:-1])) == ("accepted", "completed", {""})


def test_who_logs_in_to_take_work_finds_open_tasks_they_have_not_applied_to(
    pipeline: Pipeline, as_user: AsUser
) -> None:
    _run("seed_demo")
    pipeline.drain()
    assert pipeline.dead() == []
    for username in ("freelancer", "both"):
        user = User.objects.get(username=username)
        rows = as_user(user).get("/api/recommendations/for-you/").json()["recommendations"]
        assert len(rows) >= 5, username
        assert max(row["match_percentage"] for row in rows) >= 50, username
        assert {row["task"]["status"] for row in rows} == {"OPEN"}
        applied = TaskApplication.objects.filter(freelancer=user, task__status="OPEN")
        assert applied.exists(), username
        assert not applied.filter(task__in=[row["task"]["id"] for row in rows]).exists()


def test_a_login_whose_password_was_changed_is_not_shown() -> None:
    _run("seed_demo", *SMALL)
    admin = User.objects.get(username="admin")
    admin.set_password("Another-password-77")
    admin.save()
    assert "admin" not in {login["username"] for login in _logins()}


def test_there_are_no_logins_without_a_demo() -> None:
    user_register(username="client", email="client@example.org", password="multitask-demo")
    assert _logins() == []


def test_the_demo_never_enters_production() -> None:
    with override_settings(SETTINGS_MODULE="multitask.settings.prod"):
        with pytest.raises(CommandError, match="production"):
            _run("seed_demo", *SMALL)
        assert _logins() == []
    assert not User.objects.exists()


def test_an_account_of_somebody_else_with_a_demo_name_is_left_alone() -> None:
    user_register(username="client", email="me@example.org", password="Tarboosh-91-Nile")
    with pytest.raises(CommandError, match="empty database"):
        _run("seed_demo", *SMALL)
    assert User.objects.count() == 1
    assert User.objects.get().check_password("Tarboosh-91-Nile")


def test_wishes_come_with_the_people() -> None:
    _run("seed_demo", *SMALL)
    assert UserPreference.objects.exclude(interests=[]).exists()


def test_too_few_people_is_a_clear_error() -> None:
    with pytest.raises(CommandError, match="at least 3"):
        _run("seed_demo", "--users", "1")


def test_whoever_logs_in_finds_a_conversation_with_the_assistant_and_a_second_run_adds_none() -> None:
    _run("seed_demo", *SMALL)
    logins = {one["username"] for one in _logins()}
    kept = list(ChatSession.objects.order_by("pk").values_list("pk", "user__username", "last_message_at"))
    assert kept
    assert {name for _, name, _ in kept} <= logins
    assert not ChatMessage.objects.filter(state="pending").exists()
    _run("seed_demo", *SMALL)
    again = list(ChatSession.objects.order_by("pk").values_list("pk", "user__username", "last_message_at"))
    assert again == kept
