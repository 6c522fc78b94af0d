from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command

MANAGE = Path(settings.BASE_DIR) / "platform" / "manage.py"


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.fixture
def scratch() -> Iterator[str]:
    """The address of an empty database beside the tests' own."""
    address = os.environ["DATABASE_URL"]
    name = f"scratch_{uuid.uuid4().hex[:12]}"
    server = psycopg2.connect(address)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(address)
    yield urlunsplit(parts._replace(path=f"/{name}"))
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


STEPS = """
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from multitask.recommendations.models import Skill
from multitask.tasks.models import Category

OURS = ("recommendations", "exchange", "tasks", "notifications", "outbox", "accounts")

def counts():
    return Category.objects.count(), Skill.objects.count()

def everything():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

everything()
first = counts()
MigrationExecutor(connection).migrate([(app, None) for app in OURS])
left = [name for name in connection.introspection.table_names() if name.split("_")[0] in OURS]
everything()
print(first == counts(), *first, left)
"""


@pytest.mark.stack
def test_every_migration_can_be_taken_back_and_applied_again(scratch: str) -> None:
    environment = os.environ | {"DATABASE_URL": scratch, "DJANGO_SETTINGS_MODULE": "multitask.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", STEPS],
        env=environment,
        cwd=MANAGE.parent,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    same, categories, skills, left = done.stdout.split(maxsplit=3)
    assert (same, categories, left.strip()) == ("True", "9", "[]")
    assert int(skills) >= 150


SWITCHES = """
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

def to(*targets):
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps

apps = to(("notifications", "0002_wording"))
User, Preference, Notification = (
    apps.get_model(*name)
    for name in (("accounts", "User"), ("notifications", "NotificationPreference"), ("notifications", "Notification"))
)
quiet, loud = (
    User.objects.create(username=name, email=f"{name}@example.com") for name in ("quiet", "loud")
)
Preference.objects.create(user=quiet, email_messages=False, push_task_updates=False, email_marketing=True)
Preference.objects.create(user=loud)
for number, is_read in enumerate((True, False)):
    Notification.objects.create(
        recipient=quiet, notification_type="system", title="t", message="m", dedupe_key=str(number), is_read=is_read
    )

apps = to(("notifications", "0005_old_switches_go"))
rows = {row.user.username: row.overrides for row in apps.get_model("notifications", "NotificationPreference").objects.all()}
lines = list(apps.get_model("notifications", "Notification").objects.order_by("pk"))
told = apps.get_model("notifications", "NotificationDelivery").objects.values_list(
    "recipient__username", "dedupe_key", "channel", "state"
)
print(rows["loud"], rows["quiet"]["new_message"], rows["quiet"]["recommendation"], sorted(rows["quiet"]))
print([(row.is_open, row.bumped_at == row.created_at) for row in lines], sorted(told))

apps = to(("notifications", "0002_wording"))
row = apps.get_model("notifications", "NotificationPreference").objects.get(user__username="quiet")
print(row.email_messages, row.push_task_updates, row.email_marketing, row.push_messages)
"""


@pytest.mark.stack
def test_old_switches_become_choices_and_what_was_told_stays_told(scratch: str) -> None:
    environment = os.environ | {"DATABASE_URL": scratch, "DJANGO_SETTINGS_MODULE": "multitask.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", SWITCHES],
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    kinds = [
        "application_accepted",
        "application_rejected",
        "new_message",
        "recommendation",
        "review_received",
        "task_cancelled",
        "task_completed",
        "task_update",
    ]
    assert done.stdout.splitlines() == [
        f"{{}} {{'email': False}} {{'email': True}} {kinds}",
        "[(False, True), (True, True)] [('quiet', '0', 'in_app', 'sent'), ('quiet', '1', 'in_app', 'sent')]",
        "False False True True",
    ]
