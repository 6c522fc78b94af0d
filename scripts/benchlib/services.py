"""A database, a Redis and programs of the bench's own, in a folder that is gone afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from multitask.devstack.environment import child_environment
from multitask.devstack.errors import StackError
from multitask.devstack.paths import ROOT
from multitask.devstack.processes import poll
from multitask.devstack.programs import Program
from multitask.devstack.stack import Stack
from multitask.devstack.supervisor import Supervisor

SPACE_NEEDED = 4 * 1024**3
NO_LIMIT = "1000000/min"
# A developer's own settings must not change what is measured, and their services must not be touched.
FORGOTTEN = (
    "DATABASE_URL",
    "DIRECT_DATABASE_URL",
    "REDIS_URL",
    "BROKER_URL",
    "CACHE_URL",
    "REDIS_PREFIX",
    "SECRET_KEY",
    "MULTITASK_VAR",
    "MEDIA_ROOT",
    "ALLOWED_HOSTS",
)


class Services:
    """Started services and their environment; `programs()` adds programs for a while."""

    def __init__(self, var: Path, environment: Mapping[str, str]) -> None:
        self.var = var
        self.environment = dict(environment)

    @contextlib.contextmanager
    def programs(self, wanted: Sequence[Program]) -> Iterator[Supervisor]:
        """Run `wanted` until the block ends."""
        supervisor = Supervisor(
            wanted,
            environment=self.environment,
            log_dir=self.var / "log",
            record=self.var / "run" / "programs.json",
            say=lambda text: print(text, file=sys.stderr),
        )
        try:
            supervisor.start()
            yield supervisor
        finally:
            supervisor.stop()

    def log_of(self, name: str) -> str:
        path = self.var / "log" / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


@contextlib.contextmanager
def started(*, space: int = SPACE_NEEDED) -> Iterator[Services]:
    """Migrated services under a temporary folder; durable as in production, so commits cost what they cost.

    The environment of this process is changed so that Django, set up afterwards, finds them. Raises StackError.
    """
    for name in FORGOTTEN:
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="multitask-bench-"))
    if shutil.disk_usage(folder).free < space:
        folder.rmdir()
        raise StackError(
            f"The disk of {folder.parent} is full: free {space // 1024**2} MB, or set TMPDIR to another."
        )
    stack = Stack(folder / "var", environ={})
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        environment = child_environment(stack.start()) | {
            "DJANGO_SETTINGS_MODULE": "multitask.settings.dev",
            "MULTITASK_VAR": str(folder / "var"),
            "LOG_LEVEL": "WARNING",
            "THROTTLE_ANON": NO_LIMIT,
            "THROTTLE_USER": NO_LIMIT,
            "THROTTLE_SUGGESTIONS": NO_LIMIT,
            "MESSAGES_PER_MINUTE": "1000000",
            "SOCKETS_PER_USER": "100",
        }
        scripts = str(ROOT / "scripts")
        if scripts not in environment["PYTHONPATH"].split(os.pathsep):
            environment["PYTHONPATH"] += os.pathsep + scripts
        os.environ.update(environment)
        services = Services(folder / "var", environment)
        _migrate(services)
        yield services
    finally:
        signal.signal(signal.SIGTERM, previous)
        stack.stop(force=True)
        shutil.rmtree(folder, ignore_errors=True)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _migrate(services: Services) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "platform" / "manage.py"), "migrate", "--no-input", "--verbosity", "0"],
        env=services.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"The migrations failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")


def in_child(name: str, arguments: Mapping[str, Any], *, environment: Mapping[str, str] | None = None) -> Any:
    """What `benchlib.measure` gives for `name` in a fresh process: threads and memory are its own."""
    child = subprocess.Popen(
        [sys.executable, "-m", "benchlib.measure", name],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        output, _ = child.communicate(json.dumps(arguments))
    except BaseException:
        child.kill()
        child.wait()
        raise
    if child.returncode != 0:
        raise StackError(f"Measuring {name} failed; its message is above.")
    return json.loads(output.splitlines()[-1])


def wait_for(condition: Any, *, what: str, supervisor: Supervisor, timeout: float = 90.0) -> None:
    """Poll until `condition()`; raise StackError with the programs' logs where it stays false."""

    def met() -> bool:
        supervisor.check()
        return bool(condition())

    if not poll(met, timeout=timeout, pause=0.1):
        logs = "\n".join(f"--- {name}:\n{supervisor.end_of_log(name)}" for name in supervisor.logs)
        raise StackError(f"{what} did not come in {timeout:.0f} s.\n{logs}")
