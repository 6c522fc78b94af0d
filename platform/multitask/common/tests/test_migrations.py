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
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    same, categories, skills, left = done.stdout.split(maxsplit=3)
    assert (same, categories, left.strip()) == ("True", "9", "[]")
    assert int(skills) >= 150
