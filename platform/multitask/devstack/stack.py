"""PostgreSQL and Redis together: who may start them, who may join, and who stops them.

Three locks under `var/run`, all held by the kernel for a living process and gone with it:
`stack.lock` (one exclusive owner, such as the running site or one test run), `users.lock` (shared by everyone
who uses the services; the last to leave stops them) and `change.lock` (held only while starting or stopping).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from multitask.devstack.errors import StackBusy, StackError, explain_os_error
from multitask.devstack.postgres import EmbeddedPostgres
from multitask.devstack.processes import is_alive, locked, write_private
from multitask.devstack.redis import EmbeddedRedis
from multitask.devstack.secret import MADE, load_secrets


class Stack:
    """The embedded services of one `var/`; those that DATABASE_URL or REDIS_URL name are left alone.

    With `exclusive=True` a second start of the same `var/` raises StackBusy; with `exclusive=False` it joins
    what runs, and stops it only as the last user. `durable=False` is for tests: nothing survives a crash.
    """

    def __init__(
        self,
        var: Path,
        *,
        exclusive: bool = True,
        durable: bool = True,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.var = Path(var).resolve()
        self.exclusive = exclusive
        given = os.environ if environ is None else environ
        log = self.var / "log"
        self.given = {name: given[name] for name in ("DATABASE_URL", "REDIS_URL") if given.get(name)}
        self.postgres = (
            None
            if "DATABASE_URL" in self.given
            else EmbeddedPostgres(self.var / "postgres", log=log / "postgres.log", durable=durable)
        )
        self.redis = (
            None
            if "REDIS_URL" in self.given
            else EmbeddedRedis(self.var / "redis", log=log / "redis.log", durable=durable)
        )
        self._run = self.var / "run"
        self._owner: int | None = None
        self._user: int | None = None

    @property
    def services_file(self) -> Path:
        """Where a second process reads what runs."""
        return self._run / "services.json"

    def claim(self) -> None:
        """Take the exclusive place of this `var/`; raise StackBusy when a living process has it."""
        self._run.mkdir(parents=True, exist_ok=True)
        if self._owner is not None:
            return
        handle = _open(self._run / "stack.lock")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise self._busy() from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        self._owner = handle

    def start(self) -> dict[str, str]:
        """Start or join the services; return DATABASE_URL, REDIS_URL and the secrets for children.

        Raises StackBusy (exclusive only) or StackError, both with one line.
        """
        try:
            if self.exclusive:
                self.claim()
            self._run.mkdir(parents=True, exist_ok=True)
            self._user = self._user or _open(self._run / "users.lock")
            fcntl.flock(self._user, fcntl.LOCK_SH)
            with locked(self._run / "change.lock"):
                return self._start_services()
        except OSError as error:
            self.stop()
            raise explain_os_error(error) from error
        except StackError:
            self.stop()
            raise

    def stop(self, *, force: bool = False) -> None:
        """Leave; stop the services when nobody else uses them, or at once with `force`."""
        if self._user is not None:
            with locked(self._run / "change.lock"):
                if force or _alone(self._user):
                    self.stop_services()
            os.close(self._user)
            self._user = None
        if self._owner is not None:
            os.close(self._owner)
            self._owner = None

    def stop_services(self) -> None:
        """Stop Redis, then PostgreSQL, whoever started them."""
        self.services_file.unlink(missing_ok=True)
        if self.redis:
            self.redis.stop()
        if self.postgres:
            self.postgres.stop()

    def publish(self, *, web: str | None, programs: Mapping[str, int] | None = None) -> None:
        """Record the address that this process serves, and its programs' process ids by name."""
        self._write_services(self._environment(), web=web, programs=programs)

    def revive(self) -> list[str]:
        """Start again what ended by itself; return the names of those started."""
        revived: list[str] = []
        for name, service in (("PostgreSQL", self.postgres), ("Redis", self.redis)):
            if service is not None and not service.is_running():
                service.start()
                revived.append(name)
        return revived

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_services(self) -> dict[str, str]:
        if self.postgres:
            self.postgres.start()
        if self.redis:
            self.redis.start()
        environment = self._environment()
        if self.exclusive or running_services(self.var) is None:
            self._write_services(environment, web=None)
        given = {name: os.environ[name] for name in MADE if os.environ.get(name)}
        return environment | (given if len(given) == len(MADE) else load_secrets(self.var) | given)

    def _environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url if self.postgres else self.given["DATABASE_URL"],
            "REDIS_URL": self.redis.url if self.redis else self.given["REDIS_URL"],
        }

    def _write_services(
        self, environment: Mapping[str, str], *, web: str | None, programs: Mapping[str, int] | None = None
    ) -> None:
        state = {
            "database_url": environment["DATABASE_URL"],
            "redis_url": environment["REDIS_URL"],
            "pid": os.getpid(),
            "web": web,
            "postgres_pid": self.postgres.pid if self.postgres else None,
            "redis_pid": self.redis.pid if self.redis else None,
            "programs": dict(programs or {}),
        }
        write_private(self.services_file, json.dumps(state, indent=1))

    def _busy(self) -> StackBusy:
        pid: int | None = None
        web: str | None = None
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid = int((self._run / "stack.lock").read_text())
        with contextlib.suppress(FileNotFoundError, ValueError):
            state = json.loads(self.services_file.read_text(encoding="utf-8"))
            web = state.get("web") if state.get("pid") == pid else None
        where = f" at {web}" if web else ""
        return StackBusy(
            f"Multitask is already running (process {pid}{where}). "
            f"Use it, or end it first: Ctrl-C in its terminal, or `kill {pid}`.",
            pid=pid,
            web=web,
        )


def running_services(var: Path) -> dict[str, Any] | None:
    """What runs in this `var/`: database_url, redis_url, pid, web; None when it does not run (any more)."""
    try:
        state: dict[str, Any] = json.loads((Path(var) / "run" / "services.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    embedded = [state.get("postgres_pid"), state.get("redis_pid")]
    needed = [pid for pid in embedded if pid is not None] or [state.get("pid")]
    return state if all(is_alive(pid) for pid in needed) else None


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _alone(user: int) -> bool:
    """Whether no other process shares the lock; keeps it exclusively when so."""
    try:
        fcntl.flock(user, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
