"""The running site of one machine: services, migrations, programs, the demo, the table of addresses, the end."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.table import Table

from multitask.devstack.environment import child_environment
from multitask.devstack.errors import DISK_FULL, StackError, explain_os_error
from multitask.devstack.follow import Follower
from multitask.devstack.paths import ROOT
from multitask.devstack.processes import port_is_free
from multitask.devstack.programs import (
    Flower,
    Program,
    allowed_hosts,
    flower_access,
    is_loopback,
    programs,
    url_host,
)
from multitask.devstack.ready import answers, missing_parts
from multitask.devstack.stack import Stack
from multitask.devstack.supervisor import Supervisor, end_leftovers

SPACE_NEEDED = 200 * 1024 * 1024
READY_TIMEOUT = 120.0
PIPELINE_TIMEOUT = 300
TICK = 0.2
REVIVE_EVERY = 2.0
KEPT_BY_FRESH = {"run", "log", "test", "check"}


class _Ended(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


def up(arguments: argparse.Namespace, *, var: Path) -> int:
    """Start everything, serve until told to end, stop everything; return the exit status.

    Raises StackError (one line) for what the user can put right: already running, a taken port, a full disk,
    a program that does not start.
    """
    return _Site(arguments, var).run()


class _Site:
    def __init__(self, arguments: argparse.Namespace, var: Path) -> None:
        self.arguments = arguments
        self.var = var
        self.console = Console(highlight=False)
        self.stack = Stack(var)
        self.flower: Flower = flower_access(bind=arguments.bind, port=arguments.flower_port, var=var)
        self.url = f"http://{url_host(arguments.bind)}:{arguments.port}"
        self.environment: dict[str, str] = {}
        self.programs: list[Program] = []
        self.supervisor: Supervisor | None = None
        self.follower: Follower | None = None
        self.signals: list[int] = []
        self.revived = time.monotonic()
        self.started = self.revived

    def run(self) -> int:
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._note)
        begin = time.monotonic()
        self.stack.claim()
        try:
            self._prepare()
            self._start_services()
            self._start_programs()
            self._wait_ready()
            self._demo()
            self._show(time.monotonic() - begin)
            while True:
                self._tick()
        except _Ended:
            return 0 if self.signals[:1] == [signal.SIGINT] else 128 + self.signals[0]
        except OSError as error:
            raise explain_os_error(error) from error
        finally:
            self._stop()

    # --- before ---------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        left = end_leftovers(self.var / "run" / "programs.json")
        if left:
            self._say(f"Ended {left} programs that an unclean stop had left running.")
        for port, option in ((self.arguments.port, "--port"), (self.arguments.flower_port, "--flower-port")):
            _check_port(self.arguments.bind, port, option)
        if shutil.disk_usage(self.var).free < SPACE_NEEDED:
            raise StackError(DISK_FULL)
        if self.arguments.fresh:
            self._wipe()

    def _wipe(self) -> None:
        if self.stack.given.get("DATABASE_URL"):
            raise StackError("--fresh wipes the embedded data alone; DATABASE_URL names a database of yours.")
        if not self.arguments.yes:
            if not sys.stdin.isatty():
                raise StackError(
                    "--fresh deletes the database and files in var/: add --yes to do it unasked."
                )
            if input(f"Delete the database and all files in {self.var}? [y/N] ").strip().lower() not in {
                "y",
                "yes",
            }:
                raise StackError("Nothing was deleted. Start without --fresh to keep the data.")
        self.stack.stop_services()
        for entry in self.var.iterdir():
            if entry.name.split("-")[0] not in KEPT_BY_FRESH:
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        # A login for Flower was made before; the file that kept it is gone now.
        self.flower = flower_access(bind=self.arguments.bind, port=self.arguments.flower_port, var=self.var)

    def _start_services(self) -> None:
        with self._step("Database and Redis"):
            self.environment = child_environment(self.stack.start())
            if not is_loopback(self.arguments.bind):
                self.environment.setdefault("ALLOWED_HOSTS", allowed_hosts(self.arguments.bind))
        self._interrupted()
        with self._step("Migrations"):
            done = self._manage("migrate", "--no-input", "--verbosity", "0", capture=True)
            if done.returncode != 0:
                raise StackError(_last_line(done, "The migrations failed"))

    def _start_programs(self) -> None:
        self.programs = programs(
            bind=self.arguments.bind,
            port=self.arguments.port,
            flower_port=self.arguments.flower_port,
            flower=self.flower,
        )
        self.supervisor = Supervisor(
            self.programs,
            environment=self.environment,
            log_dir=self.var / "log",
            record=self.var / "run" / "programs.json",
            say=self._say,
        )
        if self.arguments.verbose:
            services = {
                "postgres": self.var / "log" / "postgres.log",
                "redis": self.var / "log" / "redis.log",
            }
            self.follower = Follower(services | self.supervisor.logs, say=self._say)
        self.started = time.monotonic()
        self.supervisor.start()
        self._publish()

    def _wait_ready(self) -> None:
        end = time.monotonic() + READY_TIMEOUT
        with self._step("Programs") as status:
            while missing := self._missing():
                if time.monotonic() > end:
                    self._give_up(missing)
                status.update(f"Waiting for {', '.join(missing)}")
                self._tick()
        assert self.supervisor is not None
        self.supervisor.starting = False

    def _missing(self) -> dict[str, str]:
        missing = missing_parts(self.url, since=time.monotonic() - self.started)
        if not answers(self.flower.url):
            missing["flower"] = "does not answer yet"
        return missing

    def _give_up(self, missing: Mapping[str, str]) -> None:
        assert self.supervisor is not None
        for part, why in missing.items():
            self._say(f"{part}: {why}")
        concerned = {
            part: program.name for program in self.programs for part in (program.name, *program.parts)
        }
        for name in dict.fromkeys(concerned[part] for part in missing if part in concerned):
            self._say(f"--- the end of {name}'s log, {self.supervisor.logs[name]}:")
            self._say(self.supervisor.end_of_log(name) or "(nothing)")
        raise StackError(f"Not ready after {READY_TIMEOUT:.0f} s: {', '.join(missing)}. See the logs above.")

    # --- the demo -------------------------------------------------------------------------------------------------

    def _demo(self) -> None:
        if self.arguments.no_demo or _has_users(self.environment["DATABASE_URL"]):
            return
        self._say("The database is empty: filling it with demo data (--no-demo leaves it empty).")
        if self._manage("seed_demo").returncode != 0:
            self._say("The demo data were not written; see above. The site runs without them.")
            return
        if self._manage("pipeline_wait", "--timeout", str(PIPELINE_TIMEOUT)).returncode != 0:
            self._say("Matching is not finished yet; it goes on in the background.")

    def _logins(self) -> list[dict[str, Any]]:
        done = self._manage("demo_logins", "--json", capture=True)
        with contextlib.suppress(ValueError, TypeError):
            found = json.loads(done.stdout)
            return [entry for entry in found if isinstance(entry, dict)]
        return []

    # --- while it runs --------------------------------------------------------------------------------------------

    def _show(self, seconds: float) -> None:
        table = Table(title="Multitask", title_style="bold", show_header=False, min_width=60)
        table.add_row("Site", f"{self.url}/")
        table.add_row("API documentation", f"{self.url}/api/schema/swagger-ui/")
        table.add_row("Admin", f"{self.url}/admin/")
        table.add_row("Flower", self.flower.url)
        if self.flower.password:
            table.add_row("Flower's login", f"{self.flower.user}  /  {self.flower.password}")
        logins = self._logins()
        if logins:
            table.add_section()
        for entry in logins:
            who = entry.get("email") or entry.get("username") or entry.get("login") or ""
            table.add_row(f"Demo: {entry.get('role', 'login')}", f"{who}  /  {entry.get('password', '')}")
        with contextlib.suppress(OSError):
            self.console.print(table, soft_wrap=True)
        self._say(f"Up after {seconds:.0f} s. Ctrl-C stops everything.")

    def _tick(self) -> None:
        self._interrupted()
        now = time.monotonic()
        if now - self.revived > REVIVE_EVERY:
            self.revived = now
            for name in self.stack.revive():
                self._say(f"{name} had ended and was started again.")
                self._publish()
        if self.supervisor and self.supervisor.check():
            self._publish()
        if self.follower:
            self.follower.show()
        time.sleep(TICK)

    def _publish(self) -> None:
        assert self.supervisor is not None
        self.stack.publish(web=self.url, programs=self.supervisor.pids)

    def _manage(self, *argv: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
        """Run manage.py, looking after the programs meanwhile."""
        pipe = subprocess.PIPE if capture else None
        child = subprocess.Popen(
            [sys.executable, str(ROOT / "platform" / "manage.py"), *argv],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        try:
            while True:
                try:
                    output, errors = child.communicate(timeout=TICK)
                    return subprocess.CompletedProcess(
                        child.args, child.returncode, output or "", errors or ""
                    )
                except subprocess.TimeoutExpired:
                    self._tick()
        except BaseException:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(10)
            child.kill()
            child.wait()
            raise

    # --- the end --------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        # Signals that came before are answered by this; one more means: now.
        seen = len(self.signals)
        if self.supervisor or self.signals:
            why = f" ({signal.Signals(self.signals[0]).name})" if self.signals else ""
            self._say(f"Stopping{why} … (Ctrl-C again stops at once)")
        if self.supervisor:
            self.supervisor.stop(at_once=lambda: len(self.signals) > seen)
            if self.follower:
                self.follower.show()
        self.stack.stop(force=True)
        if self.supervisor or self.signals:
            self._say("Everything has stopped.")

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self.signals.append(signum)
        if signum == signal.SIGHUP:
            # The terminal is gone; writing to it would fail half-way through the stop.
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (1, 2):
                os.dup2(nowhere, stream)

    def _interrupted(self) -> None:
        if self.signals:
            raise _Ended

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self.console.print(text, markup=False, soft_wrap=True)

    def _step(self, name: str) -> _Step:
        return _Step(name, self)


class _Step:
    """One step of the start: a moving line on a terminal, and a line with its time at the end."""

    def __init__(self, name: str, site: _Site) -> None:
        self.name = name
        self.site = site
        self.begin = time.monotonic()
        terminal = site.console.is_terminal and not site.arguments.verbose
        self.status = site.console.status(name) if terminal else None

    def update(self, text: str) -> None:
        if self.status:
            self.status.update(text)

    def __enter__(self) -> _Step:
        if self.status:
            self.status.start()
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        if self.status:
            self.status.stop()
        if kind is None:
            self.site._say(f"{self.name}: ready ({time.monotonic() - self.begin:.1f} s)")


def _check_port(bind: str, port: int, option: str) -> None:
    if not 1 <= port <= 65535:
        raise StackError(f"{option} {port} is no port: give a number from 1 to 65535.")
    if port_is_free(bind, port):
        return
    if port < 1024 and os.geteuid() != 0:
        raise StackError(
            f"Ports below 1024 are root's: give another one with {option}, such as {option} {port + 8000}."
        )
    raise StackError(
        f"Port {port} on {bind} is taken by another program: end it, or choose another with {option} N."
    )


def _has_users(database_url: str) -> bool:
    import psycopg2

    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM accounts_user)")
            return cursor.fetchone() == (True,)
    finally:
        connection.close()


def _last_line(done: subprocess.CompletedProcess[str], what: str) -> str:
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return f"{what}: {lines[-1] if lines else f'exit status {done.returncode}'}"
