"""Flower, the real one: its login guards every door, and whoever only looks changes nothing."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from flower import urls

from multitask.devstack.processes import free_port
from multitask.testing.plugin import service_folder
from workers.flower import close_doors
from workers.tests.rig import ROOT, Rig, wait_for

LOGIN = "operator:a-password-of-its-own"
PAGES = ["/", "/workers", "/tasks", "/broker", "/api/workers", "/api/tasks", "/api/queues/length", "/metrics"]


class Running:
    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, login: str = "", method: str = "GET", *, of: str = "") -> tuple[int, str]:
        """The answer; `of` is the address that a proxy in front would give."""
        headers = {"X-Real-Ip": of} if of else {}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method, headers=headers
        )
        if login:
            request.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with service_folder() as folder, Rig(folder, only=("relay", "worker-general")) as running:
        yield running


@pytest.fixture(scope="module")
def flower(rig: Rig) -> Iterator[Running]:
    running = Running(free_port())
    # With --xheaders a request can come from another address without one being served.
    command = ["--address=127.0.0.1", f"--port={running.port}", "--read_only", "--xheaders"]
    child = subprocess.Popen(
        [sys.executable, "-m", "workers.flower", *command],
        env=rig.environment | {"FLOWER_BASIC_AUTH": LOGIN},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def up() -> bool:
        try:
            return running.ask("/healthcheck")[0] == 200
        except OSError:
            return False

    try:
        wait_for(up, timeout=60, what="Flower")
        yield running
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@pytest.mark.stack
def test_every_page_asks_for_the_login_also_those_that_flower_leaves_open(flower: Running) -> None:
    for page in PAGES:
        assert flower.ask(page)[0] == 401, page
        assert flower.ask(page, "operator:wrong")[0] == 401, page
    assert "flower_" in flower.ask("/metrics", LOGIN)[1]
    assert flower.ask("/", LOGIN)[0] == 200


@pytest.mark.stack
def test_the_health_check_answers_this_machine_alone(flower: Running) -> None:
    assert flower.ask("/healthcheck") == (200, "OK")
    for address in ("192.0.2.7", "10.0.0.7"):
        assert flower.ask("/healthcheck", of=address)[0] == 401
        assert flower.ask("/healthcheck", LOGIN, of=address) == (200, "OK")


@pytest.mark.stack
def test_who_logs_in_sees_the_workers_and_changes_nothing(flower: Running, rig: Rig) -> None:
    name = wait_for_worker(flower)
    for path in (
        f"/api/worker/shutdown/{name}",
        f"/api/worker/pool/restart/{name}",
        f"/api/worker/pool/shrink/{name}",
        f"/api/worker/queue/cancel-consumer/{name}?queue=default",
        "/api/task/revoke/00000000-0000-0000-0000-000000000000",
        "/api/task/send-task/maintenance.purge",
        "/api/task/async-apply/maintenance.purge",
        "/api/task/rate-limit/maintenance.purge",
    ):
        status, said = flower.ask(path, LOGIN, "POST")
        assert (status, "read only" in said.lower()) == (403, True), path
    time.sleep(1)
    assert rig.running["worker-general"].poll() is None


def wait_for_worker(flower: Running) -> str:
    found: list[str] = []

    def seen() -> bool:
        status, said = flower.ask("/api/workers?refresh=1", LOGIN)
        found[:] = sorted(json.loads(said)) if status == 200 else []
        return any(name.startswith("general@") for name in found)

    wait_for(seen, timeout=60, what="the worker in Flower")
    return next(name for name in found if name.startswith("general@"))


def test_a_flower_whose_doors_are_elsewhere_does_not_start() -> None:
    handlers = [handler for handler in urls.handlers if "/metrics" not in str(handler)]
    with pytest.raises(RuntimeError, match="cannot close"):
        close_doors(handlers)
    close_doors(list(urls.handlers))
