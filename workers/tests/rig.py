"""A whole stack of real processes for the tests that need one, with the means to hurt it.

`Rig` starts a PostgreSQL and a Redis of its own, the web process, the relay, beat and both kinds of worker, as
scripts/run does, and keeps each alive: what is killed is started again, as a supervisor would.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import psycopg2

from multitask.devstack.postgres import EmbeddedPostgres
from multitask.devstack.processes import free_port
from multitask.devstack.programs import Flower, programs
from multitask.devstack.redis import EmbeddedRedis

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-long-Passphrase-7"


class Rig:
    def __init__(
        self, var: Path, *, only: tuple[str, ...] = (), app: str = "workers.app", **environment: str
    ) -> None:
        """`only` names the programs to run (default: all but Flower); `environment` is added to theirs.

        `app` is the module of the Celery application: one that adds jobs of its own to the product's.
        """
        self.var = var
        self.postgres = EmbeddedPostgres(var / "postgres")
        self.redis = EmbeddedRedis(var / "redis")
        self.port = free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.restarts: dict[str, int] = {}
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._extra = environment
        table = programs(
            bind="127.0.0.1", port=self.port, flower_port=free_port(), flower=Flower("http://127.0.0.1/")
        )
        wanted = only or tuple(program.name for program in table if program.name != "flower")
        self.programs = {
            program.name: replace(program, argv=_with_app(program.argv, app))
            for program in table
            if program.name in wanted
        }

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        database = self.postgres.url
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "multitask.settings.dev",
            "DATABASE_URL": database,
            "DIRECT_DATABASE_URL": database,
            "REDIS_URL": self.redis.url,
            "BROKER_URL": "",
            "CACHE_URL": "",
            "MULTITASK_VAR": str(self.var),
            "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
            "THROTTLE_ANON": "1000000/hour",
            "THROTTLE_USER": "1000000/hour",
            "THROTTLE_LOGIN": "1000000/hour",
            "THROTTLE_REGISTER": "1000000/hour",
            **self._extra,
        }

    def start(self) -> None:
        self.postgres.start()
        self.redis.start()
        self.manage("migrate", "--no-input")
        for name in self.programs:
            self.spawn(name)
        threading.Thread(target=self._keep_alive, daemon=True).start()
        self.wait_ready()

    def stop(self) -> None:
        self._stopping.set()
        with self._lock:
            for child in self.running.values():
                _signal_group(child, signal.SIGKILL)
            for child in self.running.values():
                child.wait()
            self.running.clear()
        self.redis.kill()
        self.postgres.stop("immediate")

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "platform" / "manage.py"), *arguments],
            env=self.environment,
            cwd=ROOT,
            check=check,
            capture_output=True,
            text=True,
        )

    def python(self, code: str) -> str:
        """Run `code` with Django set up against this stack's database; what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            env=self.environment,
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def spawn(self, name: str) -> None:
        program = self.programs[name]
        with self._lock:
            (self.var / "log").mkdir(parents=True, exist_ok=True)
            with (self.var / "log" / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    program.argv,
                    env=self.environment | dict(program.environment),
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal a program and everything it started; the keeper starts it again."""
        with self._lock:
            _signal_group(self.running[name], number)

    def terminate(self, name: str) -> None:
        """SIGTERM to a program's first process, as a deploy sends it; the keeper starts it again when it has ended."""
        with self._lock:
            self.running[name].terminate()

    def log(self, name: str) -> str:
        return (self.var / "log" / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def _keep_alive(self) -> None:
        while not self._stopping.wait(0.2):
            with self._lock:
                if self._stopping.is_set():
                    return
                for name, child in list(self.running.items()):
                    if child.poll() is not None:
                        _signal_group(child, signal.SIGKILL)
                        self.restarts[name] = self.restarts.get(name, 0) + 1
                        self.spawn(name)

    def wait_ready(self, timeout: float = 90) -> None:
        parts = {part for program in self.programs.values() for part in program.parts}
        if "web" not in self.programs:
            wait_for(lambda: parts <= set(self.heartbeats()), timeout=timeout, what=f"heartbeats of {parts}")
            return

        def ready() -> bool:
            status, body = self.call("GET", "/readyz", api=False)
            return status == 200 and all(body["parts"][part]["ok"] for part in parts)

        wait_for(ready, timeout=timeout, what="every part of /readyz")

    def heartbeats(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT name FROM outbox_heartbeat")]

    @contextmanager
    def database(self) -> Iterator[Any]:
        connection = psycopg2.connect(self.postgres.url, connect_timeout=5)
        connection.autocommit = True
        try:
            yield connection
        finally:
            connection.close()

    def rows(self, sql: str, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        with self.database() as connection, connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall()) if cursor.description else []

    def value(self, sql: str, params: tuple[Any, ...] = ()) -> Any:
        return self.rows(sql, params)[0][0]

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        api: bool = True,
        timeout: float = 20,
    ) -> tuple[int, Any]:
        """(status, JSON) of one request; status 0 where no answer came."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{'/api' if api else ''}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Accept-Language": "en",
                **({"Authorization": f"Bearer {token}"} if token else {}),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())
        except (OSError, ValueError):
            return 0, {}

    def register(self, username: str, user_type: str) -> str:
        """The access token of a new account."""
        status, body = self.call(
            "POST",
            "/auth/register/",
            {
                "username": username,
                "email": f"{username}@example.com",
                "password": PASSWORD,
                "password2": PASSWORD,
                "user_type": user_type,
            },
        )
        assert status == 201, body
        return str(body["access_token"])

    def skills(self) -> Mapping[str, int]:
        return dict(self.rows("SELECT slug, id FROM recommendations_skill"))

    def unfinished(self) -> int:
        return int(
            self.value(
                """SELECT (SELECT count(*) FROM outbox_outboxevent WHERE fanned_out_at IS NULL)
                        + (SELECT count(*) FROM outbox_outboxdelivery WHERE status NOT IN ('done', 'dead'))"""
            )
        )

    def wait_idle(self, timeout: float = 120) -> float:
        """Seconds until nothing is left to do."""
        begun = time.monotonic()
        wait_for(lambda: self.unfinished() == 0, timeout=timeout, what="an empty outbox", pause=0.25)
        return time.monotonic() - begun


def _with_app(argv: tuple[str, ...], app: str) -> tuple[str, ...]:
    if argv[-1] == "workers.relay":
        return (argv[0], "-c", f"import {app}, workers.relay; raise SystemExit(workers.relay.main([]))")
    return tuple(app if word == "workers.app" else word for word in argv)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return {"raw": raw.decode(errors="replace")[:500]}


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return


def wait_for(condition: Callable[[], bool], *, timeout: float, what: str, pause: float = 0.05) -> None:
    """Until `condition` holds; AssertionError naming `what` after `timeout` seconds."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (psycopg2.Error, KeyError):
            pass
        time.sleep(pause)
    raise AssertionError(f"No {what} within {timeout} s")
