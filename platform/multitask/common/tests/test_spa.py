"""The application is at every address that is nobody else's, and always the newest build of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> Path:
    (tmp_path / "index.html").write_text("<!doctype html><title>one</title>", encoding="utf-8")
    settings.FRONTEND_DIST = tmp_path
    return tmp_path


@pytest.mark.parametrize(
    "path", ["/", "/tasks", "/tasks/12/edit", "/messages/5", "/login?next=/x", "/غير-موجود"]
)
def test_every_page_of_the_application_is_its_shell_and_never_stale(built: Path, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert b"one" in answer.content
    assert answer["Cache-Control"] == "no-cache"
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_a_new_build_is_seen_without_a_restart(built: Path) -> None:
    Client().get("/")
    (built / "index.html").write_text("<!doctype html><title>two</title>", encoding="utf-8")
    os.utime(built / "index.html", (1, 2_000_000_000))
    assert b"two" in Client().get("/").content


@pytest.mark.parametrize(
    "path",
    ["/api/nothing/", "/admin2.txt", "/assets/gone-123.js", "/media/none.jpg", "/robots.txt", "/ws/chat"],
)
def test_what_is_somebody_elses_is_not_answered_with_the_shell(built: Path, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_an_unknown_address_of_the_api_stays_an_error_of_the_api(built: Path) -> None:
    answer = Client().get("/api/nothing/")
    assert answer.json()["code"] == "not_found"


def test_the_shell_is_only_looked_at(built: Path) -> None:
    assert Client().post("/tasks").status_code == 404


def test_without_a_build_the_first_page_says_where_to_go_and_others_are_not_there() -> None:
    assert Client().get("/").status_code == 200
    assert Client().get("/tasks").status_code == 404
