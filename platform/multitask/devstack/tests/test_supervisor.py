from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from multitask.devstack import supervisor as module
from multitask.devstack.errors import StackError
from multitask.devstack.processes import is_alive, poll
from multitask.devstack.programs import Program, allowed_hosts, flower_access, is_loopback, programs, url_host
from multitask.devstack.supervisor import Supervisor, end_leftovers

pytestmark = pytest.mark.stack

WAIT = "import time; time.sleep(600)"
# Announces itself once its handler stands.
STUBBORN = (
    "import pathlib, signal, subprocess, sys, time;"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid));"
    "time.sleep(600)"
)
NOTE = (
    "import pathlib, signal, sys, time\n"
    "def end(*_):\n"
    "    with open(sys.argv[1], 'a') as file: file.write(sys.argv[2])\n"
    "    sys.exit()\n"
    "signal.signal(signal.SIGTERM, end)\n"
    "pathlib.Path(sys.argv[1] + sys.argv[2]).touch()\n"
    "time.sleep(600)\n"
)


def program(name: str, script: str, *argv: str, stage: int = 0, patience: float = 10) -> Program:
    return Program(name, (sys.executable, "-c", script, *argv), stage=stage, patience=patience)


def supervise(tmp_path: Path, *items: Program, said: list[str] | None = None) -> Supervisor:
    return Supervisor(
        items,
        environment=os.environ,
        log_dir=tmp_path / "log",
        record=tmp_path / "programs.json",
        say=(said if said is not None else []).append,
    )


def test_a_program_that_dies_is_started_again_with_a_word_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)
    said: list[str] = []
    supervisor = supervise(tmp_path, program("worker", WAIT), said=said)
    supervisor.starting = False
    supervisor.start()
    try:
        first = supervisor.pids["worker"]
        psutil.Process(first).kill()
        assert poll(supervisor.check, timeout=10)
        assert supervisor.pids["worker"] != first
        assert "worker ended (signal 9) and starts again" in said[0]
    finally:
        supervisor.stop()


def test_a_program_that_cannot_start_ends_the_start_and_shows_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    said: list[str] = []
    supervisor = supervise(tmp_path, program("web", "import sys; sys.exit('no such setting')"), said=said)
    supervisor.start()

    def check() -> bool:
        supervisor.check()
        return False

    with pytest.raises(StackError, match="web does not start"):
        poll(check, timeout=20)
    supervisor.stop()
    assert "no such setting" in "\n".join(said)


def test_programs_stop_in_the_order_of_their_stages(tmp_path: Path) -> None:
    order = tmp_path / "order"
    supervisor = supervise(
        tmp_path,
        program("worker", NOTE, str(order), "w", stage=3),
        program("web", NOTE, str(order), "s", stage=0),
        program("relay", NOTE, str(order), "r", stage=2),
    )
    supervisor.start()
    assert poll(lambda: all(Path(f"{order}{letter}").exists() for letter in "wsr"), timeout=10)
    pids = list(supervisor.pids.values())
    supervisor.stop()
    assert order.read_text() == "srw"
    assert not any(is_alive(pid) for pid in pids)


def test_a_program_that_does_not_stop_is_killed_with_its_children(tmp_path: Path) -> None:
    said: list[str] = []
    ready = tmp_path / "child"
    supervisor = supervise(tmp_path, program("stuck", STUBBORN, str(ready), patience=0.3), said=said)
    supervisor.start()
    assert poll(lambda: ready.exists() and ready.read_text() != "", timeout=10)
    parent, child = supervisor.pids["stuck"], int(ready.read_text())
    supervisor.stop()
    assert not is_alive(parent)
    assert poll(lambda: not is_alive(child), timeout=5)
    assert said == ["stuck did not end in 0 s and was killed."]


def test_a_second_ctrl_c_does_not_wait(tmp_path: Path) -> None:
    ready = tmp_path / "child"
    supervisor = supervise(tmp_path, program("stuck", STUBBORN, str(ready), patience=60))
    supervisor.start()
    assert poll(lambda: ready.exists() and ready.read_text() != "", timeout=10)
    begin = time.monotonic()
    supervisor.stop(at_once=lambda: time.monotonic() - begin > 0.2)
    assert time.monotonic() - begin < 10


def test_programs_that_a_killed_supervisor_left_are_ended_by_the_next_start(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, program("orphan", WAIT))
    supervisor.start()
    pid = supervisor.pids["orphan"]
    assert end_leftovers(tmp_path / "programs.json") == 1
    assert not is_alive(pid)
    assert end_leftovers(tmp_path / "programs.json") == 0


def test_another_program_that_got_a_recorded_process_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WAIT], start_new_session=True) as stranger:
        record = tmp_path / "programs.json"
        created = psutil.Process(stranger.pid).create_time()
        record.write_text(json.dumps([{"pid": stranger.pid, "created": created - 3600}]))
        assert end_leftovers(record) == 0
        assert is_alive(stranger.pid)
        stranger.kill()


def test_every_queue_has_a_worker_and_the_web_stops_first(tmp_path: Path) -> None:
    flower = flower_access(bind="127.0.0.1", port=5555, var=tmp_path)
    table = programs(bind="127.0.0.1", port=8000, flower_port=5555, flower=flower)
    queues = {
        part.removeprefix("queue:") for item in table for part in item.parts if part.startswith("queue:")
    }
    assert queues == {"interactive", "embed", "recommend", "notify", "mail", "push", "chat", "default"}
    assert min(table, key=lambda item: item.stage).name == "web"


def test_flower_asks_for_a_login_wherever_others_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLOWER_BASIC_AUTH", raising=False)
    assert flower_access(bind="127.0.0.1", port=1, var=tmp_path).password is None
    open_to_others = flower_access(bind="0.0.0.0", port=1, var=tmp_path)
    assert len(open_to_others.password or "") >= 20
    assert flower_access(bind="0.0.0.0", port=1, var=tmp_path) == open_to_others
    table = programs(bind="0.0.0.0", port=8000, flower_port=1, flower=open_to_others)
    login = next(item for item in table if item.name == "flower").environment["FLOWER_BASIC_AUTH"]
    assert login == f"operator:{open_to_others.password}"
    monkeypatch.setenv("FLOWER_BASIC_AUTH", "me:secret")
    assert flower_access(bind="127.0.0.1", port=1, var=tmp_path).password == "secret"


@pytest.mark.parametrize(
    ("bind", "loopback", "host"),
    [
        ("127.0.0.1", True, "127.0.0.1"),
        ("localhost", True, "localhost"),
        ("::1", True, "[::1]"),
        ("0.0.0.0", False, "127.0.0.1"),
        ("::", False, "[::1]"),
        ("192.168.1.5", False, "192.168.1.5"),
    ],
)
def test_an_address_to_listen_on_is_understood(bind: str, loopback: bool, host: str) -> None:
    assert is_loopback(bind) is loopback
    assert url_host(bind) == host


def test_a_site_open_to_others_answers_to_this_machines_names_and_not_to_any() -> None:
    names = allowed_hosts("0.0.0.0").split(",")
    assert {"localhost", "127.0.0.1"} <= set(names)
    assert not {"*", "0.0.0.0", ""} & set(names)
