"""`python -m workers.health` tells a container engine whether a part does its work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from multitask.outbox.relay import beat_heart
from workers.health import canary, main

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_a_part_never_seen_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--part", "beat"]) == 1
    assert capsys.readouterr().err == "beat: not seen yet\n"


@pytest.mark.django_db(transaction=True)
def test_a_queue_is_well_once_its_canary_has_run() -> None:
    assert main(["--queue", "mail"]) == 1
    canary("mail")
    assert main(["--queue", "mail"]) == 0
    assert main(["--queue", "mail", "--queue", "notify"]) == 1


@pytest.mark.django_db
def test_a_part_seen_long_ago_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    beat_heart("relay")
    assert main(["--part", "relay"]) == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_heartbeat SET seen_at = now() - interval '10 minutes' WHERE name = 'relay'"
        )
    assert main(["--part", "relay"]) == 1
    assert "relay: seen 600 s ago" in capsys.readouterr().err


@pytest.mark.django_db
def test_without_an_option_every_part_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    beat_heart("relay")
    assert main([]) == 1
    complaints = capsys.readouterr().err
    assert "relay" not in complaints
    assert {"beat", "queue:embed", "queue:default"} <= {
        line.rpartition(": ")[0] for line in complaints.splitlines()
    }


def test_a_database_that_is_away_is_one_line_and_status_1() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workers.health", "--part", "relay"],
        cwd=ROOT,
        env=os.environ
        | {
            "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "multitask.settings.dev",
            "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer: ")
    assert len(done.stderr.splitlines()) == 1
