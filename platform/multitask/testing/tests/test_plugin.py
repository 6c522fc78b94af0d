from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from multitask.devstack.processes import poll
from multitask.devstack.stack import running_services
from multitask.devstack.tests.helpers import environment, running_in
from multitask.testing.plugin import redis_url_for

pytestmark = pytest.mark.stack

TESTS = """
import os, pathlib, time
import psycopg2, pytest, redis

@pytest.mark.parametrize("number", range(4))
def test_services(number):
    psycopg2.connect(os.environ["DATABASE_URL"]).close()
    redis.from_url(os.environ["REDIS_URL"]).ping()
    place = pathlib.Path(os.environ["SEEN"])
    (place / f"{os.getpid()}").write_text(os.environ["DATABASE_URL"] + "\\n" + os.environ["REDIS_URL"])
    while (place / "wait").exists():
        time.sleep(0.05)
"""


class Runs:
    """Test runs in one checkout, with what each of their processes saw."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.var = folder / "var"
        self.seen = folder / "seen"
        self.seen.mkdir()
        (folder / "test_it.py").write_text(TESTS)

    def start(self, *argv: str, **more: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(self.folder)]
        plugins = ["-p", "no:django", "-p", "no:cacheprovider", "-p", "multitask.testing.plugin"]
        return subprocess.Popen(
            [*command, *plugins, *argv, str(self.folder / "test_it.py")],
            env=environment(self.var) | {"SEEN": str(self.seen)} | more,
            stdout=subprocess.PIPE,
            text=True,
        )

    def addresses(self) -> list[tuple[str, str]]:
        found = []
        for path in self.seen.iterdir():
            if path.name != "wait" and (text := path.read_text()):
                database, redis = text.split("\n")
                found.append((database, redis))
        return found


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_two_runs_at_once_have_services_of_their_own_and_leave_none(runs: Runs) -> None:
    (runs.seen / "wait").touch()
    both = [runs.start(), runs.start()]
    assert poll(lambda: len(runs.addresses()) == 2, timeout=30)
    first, second = runs.addresses()
    (runs.seen / "wait").unlink()
    for run in both:
        output, _ = run.communicate(timeout=30)
        assert run.returncode == 0, output
    assert first[0] != second[0]
    assert first[1] != second[1]
    assert running_in(runs.var) == []


def test_the_processes_of_one_run_share_the_services_with_a_redis_database_each(runs: Runs) -> None:
    run = runs.start("-n", "2")
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 0, output
    found = runs.addresses()
    assert len({database for database, _ in found}) == 1
    assert sorted(redis.rpartition("/")[2] for _, redis in found) == ["1", "2"]
    assert running_in(runs.var) == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_broken_off_leaves_no_service(runs: Runs, signum: signal.Signals) -> None:
    (runs.seen / "wait").touch()
    run = runs.start()
    assert poll(lambda: len(runs.addresses()) == 1, timeout=30)
    assert running_services(runs.var / "test") is not None
    run.send_signal(signum)
    run.communicate(timeout=30)
    assert run.returncode != 0
    assert running_in(runs.var) == []


def test_services_that_the_environment_names_are_used(runs: Runs) -> None:
    given = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    run = runs.start(**given)
    output, _ = run.communicate(timeout=30)
    assert run.returncode == 0, output
    assert runs.addresses() == [(given["DATABASE_URL"], given["REDIS_URL"])]
    assert not runs.var.exists()


@pytest.mark.parametrize(
    ("url", "worker", "expected"),
    [
        ("redis://:pw@127.0.0.1:1/0", "gw0", "redis://:pw@127.0.0.1:1/1"),
        ("redis://:pw@127.0.0.1:1/0", "gw11", "redis://:pw@127.0.0.1:1/12"),
        ("redis://localhost:6379", "gw0", "redis://localhost:6379/1"),
        ("redis://localhost:6379/", "gw1", "redis://localhost:6379/2"),
        ("redis://localhost:6379/7", "master", "redis://localhost:6379/0"),
    ],
)
def test_each_worker_has_the_redis_database_of_its_number(url: str, worker: str, expected: str) -> None:
    assert redis_url_for(url, worker) == expected
