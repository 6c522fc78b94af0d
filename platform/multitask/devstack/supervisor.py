"""Keeps the programs running: starts them, starts again what dies, and stops all of them in order."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from multitask.devstack.errors import StackError
from multitask.devstack.paths import ROOT
from multitask.devstack.processes import is_alive, open_log, poll, size, tail, write_private
from multitask.devstack.programs import Program

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# A program that ran this long before it ended is not in a loop of failures.
STEADY = 60.0
FAILURES_AT_START = 3


@dataclass
class _Running:
    program: Program
    log: Path
    child: subprocess.Popen[bytes] | None = None
    started: float = 0
    log_begin: int = 0
    failures: int = 0
    again_at: float | None = None


class Supervisor:
    """Runs `programs`, each in a session of its own and with a log file `log_dir/NAME.log`.

    A session of its own keeps the terminal's Ctrl-C from reaching them all at once, and lets a whole family
    of processes be killed together. `record` is a file that names them, by which the next start finds
    what an unclean end left running.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        environment: Mapping[str, str],
        log_dir: Path,
        record: Path,
        say: Callable[[str], None],
    ) -> None:
        self.environment = dict(environment)
        self.record = record
        self.say = say
        self.starting = True
        self._running = [_Running(program, log_dir / f"{program.name}.log") for program in programs]

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the programs that run, by name."""
        return {item.program.name: item.child.pid for item in self._running if item.child}

    @property
    def logs(self) -> dict[str, Path]:
        """Log files by program name."""
        return {item.program.name: item.log for item in self._running}

    def start(self) -> None:
        """Start every program; it does not wait for them."""
        for item in self._running:
            self._launch(item)

    def check(self) -> bool:
        """Look after the programs once; True when one was started again.

        During the start (`starting`) a program that ended three times raises StackError with the end of its
        log; later it is tried again for ever, with growing pauses of up to 30 s.
        """
        changed = False
        now = time.monotonic()
        for item in self._running:
            if item.child is not None and (status := item.child.poll()) is not None:
                self._ended(item, status, now)
            if item.child is None and item.again_at is not None and now >= item.again_at:
                self._launch(item)
                changed = True
        return changed

    def end_of_log(self, name: str, lines: int = 15) -> str:
        """What the program's current process has logged last."""
        item = next(item for item in self._running if item.program.name == name)
        return tail(item.log, lines, since=item.log_begin)

    def stop(self, *, at_once: Callable[[], bool] = lambda: False) -> None:
        """Stop the programs stage by stage; `at_once()` turning true kills what is left."""
        for item in self._running:
            item.again_at = None
        for stage in sorted({item.program.stage for item in self._running}):
            family = [item for item in self._running if item.program.stage == stage and item.child]
            for item in family:
                _signal(item, signal.SIGTERM)
            begin = time.monotonic()
            for item in family:
                left = 0 if at_once() else item.program.patience - (time.monotonic() - begin)
                poll(lambda item=item: _has_ended(item) or at_once(), timeout=max(left, 0))  # type: ignore[misc]
                if not _has_ended(item):
                    self.say(
                        f"{item.program.name} did not end in {item.program.patience:.0f} s and was killed."
                    )
                _kill_family(item)
        self.record.unlink(missing_ok=True)

    def _launch(self, item: _Running) -> None:
        item.log_begin = size(item.log)
        log = open_log(item.log)
        try:
            item.child = subprocess.Popen(
                item.program.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=self.environment | dict(item.program.environment),
                start_new_session=True,
            )
        finally:
            os.close(log)
        item.started = time.monotonic()
        item.again_at = None
        self._write_record()

    def _ended(self, item: _Running, status: int, now: float) -> None:
        _kill_family(item)
        item.failures = 1 if now - item.started > STEADY else item.failures + 1
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        if self.starting and item.failures >= FAILURES_AT_START:
            self.say(f"{item.program.name} ended ({how}) again. The end of its log, {item.log}:")
            self.say(self.end_of_log(item.program.name) or "(nothing)")
            raise StackError(f"{item.program.name} does not start: see its log above.")
        pause = min(FIRST_PAUSE * 2 ** (item.failures - 1), LONGEST_PAUSE)
        item.again_at = now + pause
        self.say(f"{item.program.name} ended ({how}) and starts again in {pause:.0f} s; its log: {item.log}")

    def _write_record(self) -> None:
        entries = []
        for pid in self.pids.values():
            with contextlib.suppress(psutil.Error):
                entries.append({"pid": pid, "created": psutil.Process(pid).create_time()})
        write_private(self.record, json.dumps(entries))


def end_leftovers(record: Path) -> int:
    """Kill the programs that a supervisor which was killed itself left running; return how many there were."""
    try:
        entries = json.loads(record.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return 0
    ended = 0
    for entry in entries:
        # The creation time tells our program from another that got its number since.
        with contextlib.suppress(psutil.Error):
            if abs(psutil.Process(entry["pid"]).create_time() - entry["created"]) < 1:
                _kill_session(entry["pid"])
                ended += 1
    record.unlink(missing_ok=True)
    return ended


def _has_ended(item: _Running) -> bool:
    return item.child is None or item.child.poll() is not None


def _signal(item: _Running, signum: signal.Signals) -> None:
    if item.child is not None and item.child.poll() is None:
        item.child.send_signal(signum)


def _kill_family(item: _Running) -> None:
    """Kill what is left of a program: itself, and children that outlived it."""
    if item.child is None:
        return
    _kill_session(item.child.pid)
    with contextlib.suppress(subprocess.TimeoutExpired):
        item.child.wait(5)
    item.child = None


def _kill_session(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    poll(lambda: not is_alive(leader), timeout=5)
