"""A pytest plugin that gives the tests a real PostgreSQL and a real Redis of their own.

Loaded with `-p multitask.testing.plugin`, so that the addresses stand before Django reads its settings. Where
DATABASE_URL and REDIS_URL are set, those are used. Two runs at once in one checkout get data apart
(`var/test`, `var/test-2`, …); the processes of one run under xdist share the services, each with a Redis
database and a PostgreSQL database of its own.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from multitask.devstack.errors import StackBusy, StackError
from multitask.devstack.paths import var_dir
from multitask.devstack.stack import Stack

RUNS_AT_ONCE = 20


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the services, or in an xdist worker take the controller's."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        os.environ["REDIS_URL"] = redis_url_for(os.environ["REDIS_URL"], worker)
        return
    options = early_config.known_args_namespace
    if options.help or options.version or (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        return
    stack, environment = _start()
    stop = _stopper(stack)
    # Runs also when a later hook of the start fails, which pytest_unconfigure does not.
    early_config.add_cleanup(stop)
    atexit.register(stop)
    _interrupt_on_termination()
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ[name] = environment[name]


@pytest.fixture
def service_dir() -> Iterator[Path]:
    """`service_folder` for one test."""
    with service_folder() as folder:
        yield folder


@contextmanager
def service_folder() -> Iterator[Path]:
    """A folder for the data of a service of the test's own, removed afterwards.

    Not below pytest's `tmp_path`: every new test run of the same user closes that tree to others again, and
    under root PostgreSQL runs as another user.
    """
    folder = Path(tempfile.mkdtemp(prefix="multitask-")).resolve()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def redis_url_for(url: str, worker: str) -> str:
    """`url` with the database number of an xdist worker: gw0 has 1, gw1 has 2, …; 0 stays the controller's."""
    number = int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
    base = re.sub(r"/\d*$", "", url) if url.count("/") > 2 else url
    return f"{base}/{number}"


def _start() -> tuple[Stack, dict[str, str]]:
    for number in range(1, RUNS_AT_ONCE + 1):
        var = var_dir() / ("test" if number == 1 else f"test-{number}")
        stack = Stack(var, durable=False)
        try:
            return stack, stack.start()
        except StackBusy:
            continue
        except StackError as error:
            raise pytest.UsageError(f"The services for the tests did not start. {error}") from error
    raise pytest.UsageError(f"{RUNS_AT_ONCE} test runs are already going on here: let one end first.")


def _stopper(stack: Stack) -> Callable[[], None]:
    owner = os.getpid()
    once = threading.Lock()

    def stop() -> None:
        # A forked child (a pool worker of a test) must not stop its parent's services.
        if os.getpid() == owner and once.acquire(blocking=False):
            stack.stop(force=True)

    return stop


def _interrupt_on_termination() -> None:
    """Let SIGTERM and a closed terminal end the run as Ctrl-C does, so that the services stop too."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        for signum in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(signum) is signal.SIG_DFL:
                signal.signal(signum, interrupt)
