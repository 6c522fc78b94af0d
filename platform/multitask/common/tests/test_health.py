from __future__ import annotations

import socket
from typing import Any

import pytest
from django.test import Client

from multitask.common import health
from multitask.outbox.relay import beat_heart


def test_healthz_needs_nothing_but_the_process(settings: Any) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.django_db
def test_readyz_is_200_with_the_state_of_every_part() -> None:
    beat_heart("relay")
    answer = Client().get("/readyz")
    parts = answer.json()["parts"]
    assert answer.status_code == 200
    assert {"database", "migrations", "broker", "relay", "beat", "queue:embed"} <= set(parts)
    assert parts["database"]["ok"]
    assert parts["relay"]["ok"]
    assert not parts["beat"]["ok"]  # told, but a worker that is down does not take the web down


@pytest.mark.django_db
def test_readyz_is_503_while_the_broker_is_dead_and_names_it(settings: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings.BROKER_URL = f"redis://:the-password@127.0.0.1:{port}/0"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert not answer.json()["parts"]["broker"]["ok"]
    assert answer.json()["parts"]["database"]["ok"]
    assert "the-password" not in answer.content.decode()


@pytest.mark.django_db
def test_readyz_is_503_while_migrations_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", [])
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: [("one", False)])
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert "manage.py migrate" in answer.json()["parts"]["migrations"]["detail"]


def test_the_root_names_the_service_and_its_version() -> None:
    assert Client().get("/api/").json() == {"name": "Multitask", "version": "0.1.0"}


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr")])
def test_the_front_page_speaks_both_languages(language: str, direction: str) -> None:
    page = Client().get(f"/?lang={language}").content.decode()
    assert f'lang="{language}"' in page
    assert f'dir="{direction}"' in page
