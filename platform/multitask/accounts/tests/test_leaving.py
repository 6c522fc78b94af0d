"""Take everything along, and leave: nothing is forgotten in either, and others keep what they need."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multitask.accounts import personal
from multitask.accounts.factories import PASSWORD, ClientFactory, FreelancerFactory
from multitask.accounts.models import ExternalIdentity, TokenFamily, User
from multitask.accounts.personal import HOLDINGS, Fate, Holding, declare
from multitask.accounts.services.leaving import account_erase, accounts_resweep
from multitask.accounts.services.tokens import tokens_issue
from multitask.conftest import AsUser
from multitask.notifications.models import Notification
from multitask.notifications.services.notify import Notice, notify_many
from multitask.recommendations.models import RecommendationList, Skill, UserPreference, UserSkill
from multitask.recommendations.services.skills import preferences_change
from multitask.tasks.factories import (
    ApplicationFactory,
    CompletedTaskFactory,
    ReviewFactory,
    StartedTaskFactory,
    TaskFactory,
)
from multitask.tasks.models import Review, Task, TaskApplication
from multitask.testing import market
from multitask.testing.concurrency import at_once
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db
USER, EXPORT = "/api/auth/user/", "/api/auth/export/"


def relations() -> set[tuple[str, str]]:
    """Every column and many-to-many field of any model that leads to a user, and the user's own many-to-many."""
    found = set()
    for model in apps.get_models(include_auto_created=False):
        for field in (*model._meta.fields, *model._meta.many_to_many):
            leads = field.remote_field is not None and field.remote_field.model is User
            if leads or (model is User and field.many_to_many):
                found.add((model._meta.label, field.name))
    return found


def test_every_relation_to_a_person_is_declared_for_export_and_deletion() -> None:
    assert relations() - set(HOLDINGS) == set(), "declare it in the app's personal.py"


def test_nothing_is_declared_that_is_not_there() -> None:
    assert set(HOLDINGS) - relations() == set()


def test_every_column_of_the_account_is_exported_or_inner() -> None:
    columns = {field.name for field in User._meta.fields}
    assert columns == set(personal.ACCOUNT) | personal.ACCOUNT_INNER


def test_a_relation_that_shows_nothing_must_say_why() -> None:
    with pytest.raises(ValueError, match="does not say why"):
        declare(Holding("tasks.Task", "nobody", Fate.KEEP))


def full_life(**more: Any) -> User:
    """A freelancer who has left traces everywhere."""
    user = FreelancerFactory(
        username="laila_x",
        email="laila@example.com",
        first_name="Laila",
        last_name="Hassan",
        bio="I sew.",
        phone_number="+201000000007",
        user_type="both",
        **more,
    )
    python, tailoring = Skill.objects.all()[:2]
    market.user_skills_set(actor=user, claims=[market.SkillClaim(python.pk), market.SkillClaim(tailoring.pk)])
    preferences_change(actor=user, min_budget=Decimal(200), preferred_location="Giza")
    RecommendationList.objects.get_or_create(user=user)
    TaskFactory(client=user, title="Open one", location="12 Nile Street")
    StartedTaskFactory(client=user, title="Running one")
    StartedTaskFactory(assigned_to=user, title="Working on it")
    done = CompletedTaskFactory(assigned_to=user, title="Finished one")
    ReviewFactory(task=done, comment="She did well.")
    ReviewFactory(task=done, reviewer=user, reviewee=done.client, comment="He paid in time.")
    other = TaskFactory(title="Applied to", applications_count=1)
    ApplicationFactory(task=other, freelancer=user, proposal="Let me do it.")
    ExternalIdentity.objects.create(user=user, provider="google", subject="77", email="laila@gmail.example")
    notify_many(
        [
            Notice(user.pk, "task_completed", "own", {"task": "Finished one"}),
            Notice(
                other.client_id,
                "task_application",
                "others",
                {"task": "Applied to", "sender": "Laila Hassan"},
                sender_id=user.pk,
            ),
        ]
    )
    tokens_issue(user=user)
    return user


def test_an_export_holds_everything_of_ones_own(as_user: AsUser) -> None:
    user = full_life()
    answer = as_user(user).get(EXPORT)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    body = answer.json()
    assert body["account"]["email"] == "laila@example.com"
    assert {row["title"] for row in body["tasks_posted"]} == {"Open one", "Running one"}
    assert [row["proposal"] for row in body["applications"]] == ["Let me do it."]
    assert [row["comment"] for row in body["reviews_written"]] == ["He paid in time."]
    assert len(body["skills"]) == 2
    assert body["preferences"][0]["preferred_location"] == "Giza"
    assert body["external_identities"][0]["email"] == "laila@gmail.example"
    assert len(body["notifications"]) == 1
    assert len(body["logins"]) >= 1


def test_an_export_has_a_part_for_everything_that_is_declared_to_be_shown(
    as_user: AsUser, client_user: User
) -> None:
    body = as_user(client_user).get(EXPORT).json()
    wanted = {personal.section_of(holding) for holding in HOLDINGS.values() if holding.export}
    assert set(body) == wanted | {"account", "exported_at"}


def test_an_export_holds_no_secret_and_nothing_of_others(as_user: AsUser) -> None:
    user = full_life()
    stranger = ClientFactory(email="stranger@example.com")
    rival = ApplicationFactory(task=Task.objects.get(title="Open one"), proposal="A rival's secret price")
    content = as_user(user).get(EXPORT).content.decode()
    user.refresh_from_db()
    for secret in (user.password, stranger.email, rival.proposal, "Laila Hassan applied"):
        assert secret not in content
    mine = json.loads(as_user(stranger).get(EXPORT).content)
    assert not any(mine[part] for part in ("tasks_posted", "applications", "reviews_received", "skills"))


def test_a_review_that_is_still_hidden_is_not_in_the_export_of_who_it_is_about(as_user: AsUser) -> None:
    done = CompletedTaskFactory()
    Review.objects.create(
        task=done, reviewer=done.client, reviewee=done.assigned_to, rating=1, comment="Hidden words"
    )
    assert "Hidden words" not in as_user(done.assigned_to).get(EXPORT).content.decode()
    assert "Hidden words" in as_user(done.client).get(EXPORT).content.decode()


def test_an_export_costs_the_same_queries_however_much_is_held(as_user: AsUser) -> None:
    user = full_life()
    client = as_user(user)
    numbers = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(EXPORT)
        numbers.append(len(queries))
        TaskFactory.create_batch(5, client=user)
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("path", [EXPORT, USER])
def test_nobody_exports_or_deletes(api: APIClient, path: str) -> None:
    answer = api.get(path) if path == EXPORT else api.delete(path, {"password": PASSWORD})
    assert answer.status_code == 401


@pytest.mark.parametrize("body", [{}, {"password": "wrong"}, {"password": PASSWORD, "user": 1}])
def test_deletion_asks_for_the_password(as_user: AsUser, client_user: User, body: dict[str, Any]) -> None:
    assert as_user(client_user).delete(USER, body).status_code == 400
    assert User.objects.filter(pk=client_user.pk, is_active=True).exists()


def test_who_has_no_password_is_told_how_to_get_one(as_user: AsUser, client_user: User) -> None:
    client_user.set_unusable_password()
    client_user.save()
    answer = as_user(client_user).delete(USER, {"password": "x"})
    assert answer.status_code == 400
    assert "password reset" in str(answer.json()["errors"]["password"])


def _everything_said() -> str:
    """Every text in every table of the product but the outbox, as one string."""
    parts = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in {"accounts", "tasks", "notifications", "recommendations", "files"}:
            parts += [str(row) for row in model._base_manager.values_list()]
    return "\n".join(parts)


def test_a_deleted_account_says_nowhere_who_it_was(as_user: AsUser, pipeline: Pipeline) -> None:
    user = full_life()
    client = as_user(user)
    assert client.delete(USER, {"password": PASSWORD}).status_code == 204
    pipeline.drain()
    assert not pipeline.dead()
    said = _everything_said()
    for trace in (
        "laila",
        "Laila",
        "Hassan",
        "I sew.",
        "+201000000007",
        "Nile Street",
        "Giza",
        "gmail.example",
    ):
        assert trace not in said
    user.refresh_from_db()
    assert (user.username, user.is_active, user.has_usable_password()) == (f"deleted-{user.pk}", False, False)


def test_deletion_ends_what_runs_and_keeps_what_others_need(as_user: AsUser, pipeline: Pipeline) -> None:
    user = full_life()
    as_user(user).delete(USER, {"password": PASSWORD})
    pipeline.drain()
    states = dict(Task.objects.values_list("title", "status"))
    assert states["Open one"] == states["Running one"] == states["Working on it"] == "CANCELLED"
    assert (states["Finished one"], states["Applied to"]) == ("COMPLETED", "OPEN")
    application = TaskApplication.objects.get(freelancer=user)
    assert (application.status, application.task.applications_count) == ("WITHDRAWN", 0)
    assert set(Review.objects.values_list("comment", flat=True)) == {"She did well.", "He paid in time."}
    told = Notification.objects.filter(notification_type="task_cancelled")
    assert {row.recipient_id for row in told} == {
        Task.objects.get(title="Running one").assigned_to_id,
        Task.objects.get(title="Working on it").client_id,
    }
    assert not UserSkill.objects.filter(user=user).exists()
    assert not UserPreference.objects.filter(user=user).exists()
    assert market.usage_recount() == {}
    assert not Skill.objects.filter(usage_count__gt=0).exists()


def test_after_deletion_nothing_opens_the_account_again(
    as_user: AsUser, api: APIClient, pipeline: Pipeline
) -> None:
    user = full_life()
    pair = tokens_issue(user=user)
    client = as_user(user)
    client.delete(USER, {"password": PASSWORD})
    assert client.get(USER).status_code == 401
    assert api.post("/api/auth/token/refresh/", {"refresh": pair.refresh}).status_code == 401
    for name in ("laila_x", "laila@example.com", f"deleted-{user.pk}"):
        assert api.post("/api/auth/login/", {"username": name, "password": PASSWORD}).status_code == 401
    api.post("/api/auth/password/reset/", {"email": "laila@example.com"})
    api.post("/api/auth/password/reset/", {"email": f"deleted-{user.pk}@deleted.invalid"})
    pipeline.drain()
    assert not [message for message in mail.outbox if "deleted.invalid" in str(message.to)]
    assert api.get(f"/api/users/{user.pk}/").status_code == 404
    assert not TokenFamily.objects.filter(user=user).exists()


def test_name_and_address_of_a_deleted_account_are_free_again(as_user: AsUser, api: APIClient) -> None:
    as_user(full_life()).delete(USER, {"password": PASSWORD})
    answer = api.post(
        "/api/auth/register/",
        {
            "username": "laila_x",
            "email": "laila@example.com",
            "password": PASSWORD,
            "password2": PASSWORD,
            "user_type": "client",
        },
    )
    assert answer.status_code == 201


def test_deleting_twice_is_deleting_once(client_user: User) -> None:
    account_erase(user=client_user)
    first = User.objects.values().get(pk=client_user.pk)
    account_erase(user=client_user)
    assert User.objects.values().get(pk=client_user.pk) == first


def test_what_a_request_under_way_wrote_after_the_end_is_found_by_the_next_sweep(client_user: User) -> None:
    account_erase(user=client_user)
    task = TaskFactory(client=client_user, location="12 Nile Street")
    pair = tokens_issue(user=client_user)
    assert accounts_resweep() == 1
    task.refresh_from_db()
    assert (task.status, task.location) == ("CANCELLED", "")
    assert not TokenFamily.objects.exists()
    assert APIClient().post("/api/auth/token/refresh/", {"refresh": pair.refresh}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_leaving_at_the_moment_of_being_chosen_leaves_no_half() -> None:
    for _ in range(25):
        application = ApplicationFactory(task__applications_count=1)
        user, task = application.freelancer, application.task

        def accept(application: TaskApplication = application) -> None:
            from multitask.tasks.services.applications import application_accept

            application_accept(actor=application.client, application_id=application.pk)

        left, _ = at_once([lambda user=user: account_erase(user=user), accept])
        assert left is None
        task.refresh_from_db()
        application.refresh_from_db()
        assert (task.status, application.status) in {
            ("CANCELLED", "ACCEPTED"),
            ("OPEN", "WITHDRAWN"),
        }
        assert not User.objects.get(pk=user.pk).is_active
