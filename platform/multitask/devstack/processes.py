"""Small helpers over operating system processes and files that both embedded services use."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

LOG_LIMIT = 10 * 1024 * 1024


def is_alive(pid: int | None) -> bool:
    """Whether `pid` names a process that still runs; a zombie does not."""
    if pid is None:
        return False
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def processes_in(directory: Path, *, name: str) -> list[psutil.Process]:
    """Living processes called `name` whose working directory is `directory`, oldest first.

    A server's own process id file may name a process of another program after a reboot; its working
    directory cannot.
    """
    found: list[tuple[float, psutil.Process]] = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            inside = process.info["name"] == name and Path(process.cwd()) == directory
            if inside and process.status() != psutil.STATUS_ZOMBIE:
                found.append((process.create_time(), process))
    return [process for _, process in sorted(found, key=lambda pair: pair[0])]


def wait_gone(processes: list[psutil.Process], *, timeout: float) -> list[psutil.Process]:
    """Wait up to `timeout` seconds; return those still alive.

    A zombie counts as gone: its parent may never collect it.
    """
    alive = list(processes)

    def none_left() -> bool:
        alive[:] = [process for process in alive if process.is_running() and is_alive(process.pid)]
        return not alive

    poll(none_left, timeout=timeout)
    return alive


def package_dir(name: str) -> Path | None:
    """The folder of an installed package, found without importing it; None when it is not installed."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def send(processes: list[psutil.Process], signum: signal.Signals) -> None:
    """Send a signal to each process that still exists."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signum)


def reap(child: subprocess.Popen[bytes] | None, *, timeout: float = 5) -> None:
    """Collect the exit status of our own ended child, which would else stay as a zombie."""
    if child is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout)


_given: set[int] = set()


def free_port(low: int = 20000, high: int = 32000) -> int:
    """A free loopback TCP port below the range the kernel gives to outgoing connections.

    A port of that range could be taken by a connection while the service restarts. No port is given out twice by one
    process: whoever has it may not listen on it yet.
    """
    for _ in range(200):
        port = low + secrets.randbelow(high - low)
        if port not in _given and port_is_free("127.0.0.1", port):
            _given.add(port)
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen on `host:port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def write_private(path: Path, text: str) -> None:
    """Write `text` with mode 600, in one step: a reader sees the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def open_log(path: Path) -> int:
    """A file descriptor that appends to `path`; a log past 10 MB becomes `path`.1 first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_name(f"{path.name}.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)


def tail(path: Path, lines: int = 15, *, since: int = 0) -> str:
    """The last `lines` lines that `path` got after byte `since`; empty when there is no file."""
    with contextlib.suppress(FileNotFoundError):
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            end = stream.tell()
            stream.seek(max(since if since <= end else 0, end - 65536))
            text = stream.read().decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-lines:])
    return ""


def size(path: Path) -> int:
    """Bytes in `path`, 0 when it is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` as a lock against other processes; the kernel lets go of it when the holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def poll(condition: Callable[[], bool], *, timeout: float, pause: float = 0.02) -> bool:
    """Ask `condition()` until it is true or `timeout` seconds have passed."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return bool(condition())
