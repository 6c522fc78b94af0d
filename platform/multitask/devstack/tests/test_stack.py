from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from multitask.devstack.errors import StackBusy
from multitask.devstack.processes import poll
from multitask.devstack.secret import load_secrets
from multitask.devstack.stack import Stack, running_services
from multitask.devstack.tests.helpers import devstack, environment, running_in
from multitask.notifications.push.keys import decode, pair_of

pytestmark = pytest.mark.stack

DIE = """
import os, signal, sys
from pathlib import Path
from multitask.devstack.stack import Stack
stack = Stack(Path(sys.argv[1]), environ={})
stack.start()
stack.publish(web="http://127.0.0.1:1")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_second_start_is_refused_with_process_and_address_of_the_first(tmp_path: Path) -> None:
    first = Stack(tmp_path, environ={})
    first.start()
    try:
        first.publish(web="http://127.0.0.1:8123")
        with pytest.raises(StackBusy) as caught:
            Stack(tmp_path, environ={}).start()
        assert caught.value.pid == os.getpid()
        assert caught.value.web == "http://127.0.0.1:8123"
        assert f"process {os.getpid()} at http://127.0.0.1:8123" in str(caught.value)
        assert running_services(tmp_path) is not None

        command = devstack("up", var=tmp_path)
        assert command.returncode == 1
        assert command.stderr.count("\n") == 1
        assert f"already running (process {os.getpid()} at http://127.0.0.1:8123)" in command.stderr
    finally:
        first.stop()
    assert running_services(tmp_path) is None
    assert running_in(tmp_path) == []


def test_a_start_after_the_owner_was_killed_takes_over_and_leaves_nothing_behind(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", DIE, str(tmp_path)], env=environment(tmp_path), check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert {"postgres", "redis-server"} <= set(running_in(tmp_path))

    with Stack(tmp_path, environ={}) as stack:
        assert stack.postgres is not None
        psycopg2.connect(stack.postgres.url).close()
        state = running_services(tmp_path)
        assert state is not None
        assert (state["pid"], state["web"]) == (os.getpid(), None)
    assert running_in(tmp_path) == []


def test_what_runs_is_written_for_its_owner_alone_and_without_a_password_in_status(tmp_path: Path) -> None:
    with Stack(tmp_path, environ={}) as stack:
        assert stat.S_IMODE(stack.services_file.stat().st_mode) == 0o600
        state = json.loads(stack.services_file.read_text())
        status = devstack("status", var=tmp_path)
        assert status.returncode == 0
        assert f"process {state['redis_pid']}" in status.stdout
        assert stack.redis is not None
        assert stack.redis.password not in status.stdout
    assert not stack.services_file.exists()
    assert devstack("status", var=tmp_path).returncode == 3


def test_services_that_the_environment_names_are_left_alone(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://elsewhere/db", "REDIS_URL": "redis://elsewhere:6379/0"}
    with Stack(tmp_path, environ=given) as stack:
        environ = stack.start()
        assert {name: environ[name] for name in given} == given
        assert running_in(tmp_path) == []
        assert not (tmp_path / "postgres").exists()


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    first = load_secrets(tmp_path)
    assert len(first["SECRET_KEY"]) >= 50
    assert len(decode(pair_of(first["VAPID_PRIVATE_KEY"]).public)) == 65
    assert load_secrets(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_exec_gives_the_command_its_services_and_passes_its_exit_status_on(tmp_path: Path) -> None:
    check = (
        "import os, sys, psycopg2, redis;"
        "psycopg2.connect(os.environ['DATABASE_URL']).close();"
        "redis.from_url(os.environ['REDIS_URL']).ping();"
        "assert os.environ['SECRET_KEY'] and os.environ['DJANGO_SETTINGS_MODULE'];"
        "assert len(os.environ['VAPID_PRIVATE_KEY']) == 43;"
        "sys.exit(7)"
    )
    done = devstack("exec", "--", sys.executable, "-c", check, var=tmp_path)
    assert (done.returncode, done.stderr) == (7, "")
    assert running_in(tmp_path) == []

    missing = devstack("exec", "--", "no-such-command", var=tmp_path)
    assert missing.returncode == 1
    assert "no-such-command" in missing.stderr
    assert missing.stderr.count("\n") == 1


def test_services_shared_by_two_commands_stop_with_the_last_of_them(tmp_path: Path) -> None:
    def start(script: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "multitask.devstack", "exec", "--", sys.executable, "-c", script]
        return subprocess.Popen(argv, env=environment(tmp_path), stdin=subprocess.PIPE)

    query = "import os, psycopg2; input(); psycopg2.connect(os.environ['DATABASE_URL']).close()"
    first, second = start("input()"), start(query)
    users = tmp_path / "run" / "users.lock"
    assert poll(lambda: users.exists() and running_services(tmp_path) is not None, timeout=30)
    # Both wait for a line: the one that started the services gets it first.
    state = running_services(tmp_path)
    assert state is not None
    owner, joiner = (first, second) if state["pid"] == first.pid else (second, first)
    owner.communicate(b"\n", timeout=30)
    assert owner.returncode == 0
    assert running_services(tmp_path) is not None
    joiner.communicate(b"\n", timeout=30)
    assert joiner.returncode == 0
    assert running_in(tmp_path) == []


def test_a_service_that_ended_by_itself_is_started_again(tmp_path: Path) -> None:
    with Stack(tmp_path, environ={}) as stack:
        assert stack.redis is not None
        url = stack.redis.url
        stack.redis.kill()
        assert stack.revive() == ["Redis"]
        assert stack.redis.url == url
        assert stack.redis.is_running()
        assert stack.revive() == []
