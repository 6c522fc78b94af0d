"""What an operator writes into the environment is read exactly, or refused by name before anything starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from py_vapid import Vapid02

from multitask.settings import env
from multitask.settings.push import push_config

ROOT = Path(__file__).resolve().parents[4]
KEY = "HLGoyJePfEDJOhmhoCUU2u1XGuNIv8xjwvH2e8E7Ucw"
SECRET = "production-test-secret-of-more-than-thirty-two-characters"
PRODUCTION = {
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "multitask.example",
    "DATABASE_URL": "postgres://somebody@127.0.0.1:9/none",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "FRONTEND_URL": "https://multitask.example",
    "EMAIL_HOST": "mail.multitask.example",
}


@pytest.fixture(autouse=True)
def _declarations_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "DECLARED", {})


def start(module: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Import a settings module in a process with `variables` and nothing else."""
    return subprocess.run(
        [sys.executable, "-c", f"import multitask.settings.{module}"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "platform"),
            "MULTITASK_VAR": "/nonexistent",
        }
        | {name: value for name, value in variables.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(module: str, **variables: str) -> str:
    """The last line of a start that fails."""
    done = start(module, **variables)
    assert done.returncode != 0, "started"
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("read", "bad"),
    [
        (lambda: env.integer("X_TEST", 1, "Threads.", minimum=1), "many"),
        (lambda: env.integer("X_TEST", 1, "Threads.", minimum=1), "0"),
        (lambda: env.integer("X_TEST", 1, "Threads."), "-1"),
        (lambda: env.boolean("X_TEST", False, "Whether."), "maybe"),
        (lambda: env.choice("X_TEST", "a", ("a", "b"), "Which."), "c"),
        (lambda: env.url("X_TEST", "", ("redis", "rediss"), "Where."), "http://127.0.0.1"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_name(
    read: object, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_TEST", bad)
    with pytest.raises(ImproperlyConfigured) as refused:
        read()  # type: ignore[operator]
    assert "X_TEST" in str(refused.value)
    assert repr(bad) in str(refused.value)


@pytest.mark.parametrize("nothing", ["", "   "])
def test_an_empty_variable_means_the_default(nothing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TEST", nothing)
    assert env.integer("X_TEST", 7, "A number.") == 7
    assert env.words("X_TEST", ["a"], "Words.") == ["a"]
    assert env.boolean("X_TEST", True, "Whether.") is True


def test_values_are_read_as_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TEST", " a.example , b.example ,")
    assert env.words("X_TEST", [], "Words.") == ["a.example", "b.example"]
    monkeypatch.setenv("X_TEST", "Off")
    assert env.boolean("X_TEST", True, "Whether.") is False
    monkeypatch.setenv("X_TEST", " 12 ")
    assert env.integer("X_TEST", 1, "A number.") == 12


def test_a_process_with_a_typing_error_in_its_environment_does_not_start() -> None:
    said = refusal("dev", **PRODUCTION | {"ENCODER_BATCH": "lots"})
    assert "ENCODER_BATCH is 'lots', which is not a whole number of at least 1" in said


def test_development_without_services_says_how_to_get_them() -> None:
    assert "start scripts/run" in refusal("dev")


def test_production_starts_with_what_it_needs() -> None:
    done = start("prod", **PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_production_does_not_start_without_what_it_needs(name: str) -> None:
    said = refusal("prod", **PRODUCTION | {name: ""})
    assert f"Production needs these environment variables: {name}." in said


@pytest.mark.parametrize("secret", ["insecure-development-only-secret-key-of-multitask", "short"])
def test_production_refuses_a_secret_that_is_none(secret: str) -> None:
    assert "SECRET_KEY is the development default or shorter" in refusal(
        "prod", **PRODUCTION | {"SECRET_KEY": secret}
    )


def test_production_serves_named_hosts_only() -> None:
    assert "ALLOWED_HOSTS must name hosts" in refusal("prod", **PRODUCTION | {"ALLOWED_HOSTS": "a.example,*"})


def test_flower_beyond_loopback_needs_a_login_in_production() -> None:
    beyond = PRODUCTION | {"FLOWER_ADDRESS": "0.0.0.0"}
    assert "set FLOWER_BASIC_AUTH=user:password" in refusal("prod", **beyond)
    assert "at least 12 characters" in refusal("prod", **beyond | {"FLOWER_BASIC_AUTH": "operator:short"})
    assert start("prod", **beyond | {"FLOWER_BASIC_AUTH": "operator:long-enough-for-this"}).returncode == 0


def test_figures_are_for_who_has_a_real_token_or_a_network_that_is_not_the_publics() -> None:
    assert "METRICS_TOKEN has fewer than 20 characters" in refusal(
        "prod", **PRODUCTION | {"METRICS_TOKEN": "short"}
    )
    for network in ("0.0.0.0/0", "::/0", "8.8.8.0/24", "10.0.0.0/8,0.0.0.0/0"):
        assert "would show /metrics to the public" in refusal(
            "prod", **PRODUCTION | {"METRICS_ALLOW": network}
        )
    named = refusal("prod", **PRODUCTION | {"METRICS_ALLOW": "prometheus"})
    assert "METRICS_ALLOW names networks such as 10.0.0.0/8" in named
    right = {"METRICS_TOKEN": "x" * 20, "METRICS_ALLOW": "10.0.0.0/8,fd00::/8"}
    assert start("prod", **PRODUCTION | right).returncode == 0


@pytest.mark.parametrize("key", ["short", "A" * 43, "_" * 43, "a" * 42 + "!"])
def test_a_push_key_that_is_none_is_refused_by_name(key: str) -> None:
    said = refusal("prod", **PRODUCTION | {"VAPID_PRIVATE_KEY": key})
    assert f"VAPID_PRIVATE_KEY is {key!r}, which is not 32 bytes as base64url" in said


@pytest.mark.parametrize(
    ("site", "subject"),
    [
        ("https://multitask.example", "https://multitask.example"),
        ("https://multitask.example:8443/app", "https://multitask.example"),
        ("http://127.0.0.1:8000", "mailto:webmaster@localhost"),
    ],
)
def test_push_services_are_told_of_a_subject_that_they_take(site: str, subject: str) -> None:
    assert push_config(site).subject == subject
    # The library that signs checks it too.
    assert Vapid02.from_string(KEY).sign({"aud": "https://push.example", "sub": subject})


def test_the_environment_page_and_example_are_what_the_code_declares() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "environment"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_variable_read_outside_the_settings_is_documented_too() -> None:
    page = (ROOT / "docs" / "environment.md").read_text(encoding="utf-8")
    direct = re.compile(r"environ(?:\.get|\.setdefault)?[\[(]\s*\"([A-Z][A-Z0-9_]+)\"")
    for folder in ("platform/multitask", "workers", "ml"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if {"tests", "testing", "devstack"} & set(path.parts):
                continue
            for name in direct.findall(path.read_text(encoding="utf-8")):
                assert f"`{name}`" in page, f"{path} reads {name}"
