from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from multitask.devstack.processes import is_alive, poll
from multitask.devstack.tests.helpers import devstack, environment, running_in

pytestmark = pytest.mark.stack

PROGRAMS = {
    "web",
    "relay",
    "beat",
    "flower",
    "worker-vectors",
    "worker-general",
    "worker-outside",
    "worker-chat",
}


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """A running `up` on free ports, with what it has printed."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.var.mkdir()
        self.output = folder / "output"
        self.port, self.flower = free(), free()
        command = [sys.executable, "-m", "multitask.devstack", "up", "--no-demo"]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--flower-port", str(self.flower)],
                env=environment(self.var),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def is_up(self) -> bool:
        return self.process.poll() is not None or "Ctrl-C stops everything" in self.said()

    def family(self) -> list[int]:
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    if site.process.poll() is None:
        site.process.terminate()
        site.process.wait(60)


def test_up_serves_once_refuses_a_second_start_and_leaves_no_process_behind(site: Site) -> None:
    assert poll(site.is_up, timeout=150, pause=0.2), site.said()
    assert site.process.poll() is None, site.said()
    address = f"http://127.0.0.1:{site.port}"
    for shown in (
        f"{address}/ ",
        f"{address}/api/schema/swagger-ui/",
        f"{address}/admin/",
        f"http://127.0.0.1:{site.flower}/",
    ):
        assert shown in site.said()
    with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
        assert answer.status == 200

    second = devstack("up", "--port", str(free()), var=site.var)
    assert second.returncode == 1
    assert f"already running (process {site.process.pid} at {address})" in second.stderr

    status = devstack("status", var=site.var).stdout
    assert set(re.findall(r"^(\S+) +process \d+$", status, re.MULTILINE)) == PROGRAMS

    family = site.family()
    assert len(family) > len(PROGRAMS)
    # A closed terminal is the hardest of the ends: nobody can be told any more.
    os.kill(site.process.pid, signal.SIGHUP)
    assert site.process.wait(60) == 128 + signal.SIGHUP
    assert poll(lambda: not any(is_alive(pid) for pid in family), timeout=5)
    assert running_in(site.var) == []
    assert not (site.var / "run" / "services.json").exists()
