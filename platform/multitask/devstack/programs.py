"""The programs of the stack: what each one's command is, and in which order they end."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from multitask.devstack.secret import flower_password

FLOWER_USER = "operator"


@dataclass(frozen=True)
class Program:
    """One long-running program.

    `stage` orders the stop: a lower one ends first, those of one stage together. `patience` is how many
    seconds it has after SIGTERM before SIGKILL. `parts` are the parts of /readyz it answers for.
    """

    name: str
    argv: tuple[str, ...]
    stage: int
    patience: float = 10
    parts: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Flower:
    """How Flower is reached; `password` is None when it asks for none (loopback only)."""

    url: str
    user: str | None = None
    password: str | None = None


def programs(*, bind: str, port: int, flower_port: int, flower: Flower) -> list[Program]:
    """The programs of a site on `bind:port` with Flower on `bind:flower_port`."""
    python = sys.executable
    celery = (python, "-m", "celery", "-A", "workers.app")
    worker = (*celery, "worker", "--without-mingle", "--without-gossip", "--loglevel", "INFO")
    login = {"FLOWER_BASIC_AUTH": f"{flower.user}:{flower.password}"} if flower.password else {}
    # Whoever comes from elsewhere looks and changes nothing.
    looking = () if is_loopback(bind) else ("--read_only",)
    general = "recommend,notify,default"
    # What talks to servers outside waits for them: never in the way of what does not.
    outside = "mail,push"
    return [
        Program(
            "web",
            (python, "-m", "multitask.serve", "--bind", bind, "--port", str(port)),
            stage=0,
            parts=("database", "broker", "migrations"),
        ),
        Program("beat", (*celery, "beat", "--loglevel", "INFO"), stage=1, parts=("beat",)),
        Program("relay", (python, "-m", "workers.relay"), stage=2, parts=("relay",)),
        Program(
            "worker-vectors",
            (*worker, "-n", "vectors@%h", "-Q", "embed,interactive", "-c", "1"),
            stage=3,
            patience=20,
            parts=("queue:embed", "queue:interactive"),
        ),
        Program(
            "worker-general",
            (*worker, "-n", "general@%h", "-Q", general, "-c", "2"),
            stage=3,
            patience=20,
            parts=tuple(f"queue:{name}" for name in general.split(",")),
        ),
        Program(
            "worker-outside",
            (*worker, "-n", "outside@%h", "-Q", outside, "-c", "2"),
            stage=3,
            patience=20,
            parts=tuple(f"queue:{name}" for name in outside.split(",")),
        ),
        # A model is waited for, and waiting takes a thread; CHAT_CONCURRENCY says how many (workers/app.py).
        Program(
            "worker-chat",
            (*worker, "-n", "chat@%h", "-Q", "chat", "-P", "threads"),
            stage=3,
            patience=20,
            parts=("queue:chat",),
        ),
        Program(
            "flower",
            (python, "-m", "workers.flower", f"--address={bind}", f"--port={flower_port}", *looking),
            stage=3,
            patience=5,
            environment=login,
        ),
    ]


def flower_access(*, bind: str, port: int, var: Path) -> Flower:
    """Flower's address and login: FLOWER_BASIC_AUTH where set; else none on loopback, a kept one elsewhere."""
    url = f"http://{url_host(bind)}:{port}/"
    user, _, password = os.environ.get("FLOWER_BASIC_AUTH", "").partition(":")
    if user and password:
        return Flower(url, user, password)
    if is_loopback(bind):
        return Flower(url)
    return Flower(url, FLOWER_USER, flower_password(var))


def is_loopback(bind: str) -> bool:
    """Whether only this machine reaches a server on `bind`."""
    if bind == "localhost":
        return True
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return False


def url_host(bind: str) -> str:
    """The host to reach a server on `bind` from this machine, as a URL writes it."""
    if bind in {"0.0.0.0", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    if bind == "::":
        return "[::1]"
    return f"[{bind}]" if ":" in bind else bind


def allowed_hosts(bind: str) -> str:
    """Names by which this machine is called, for a site that others reach: ALLOWED_HOSTS, comma-separated."""
    names = ["localhost", "127.0.0.1", "[::1]", bind.strip("[]"), socket.gethostname(), socket.getfqdn()]
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family in {socket.AF_INET, socket.AF_INET6}:
                plain = address.address.split("%", 1)[0]
                names.append(f"[{plain}]" if ":" in plain else plain)
    unspecified = {"0.0.0.0", "::", ""}  # noqa: S104 - left out, not bound
    return ",".join(dict.fromkeys(name for name in names if name not in unspecified))
