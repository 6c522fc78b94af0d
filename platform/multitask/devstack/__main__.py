"""`python -m multitask.devstack up|exec|status|stop`: the embedded stack from the command line."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from multitask.devstack.environment import child_environment
from multitask.devstack.errors import StackError, explain_os_error
from multitask.devstack.options import add_up_options
from multitask.devstack.paths import var_dir
from multitask.devstack.processes import is_alive
from multitask.devstack.stack import Stack, running_services


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit status. What a user can cause is one line on stderr and status 1."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except StackError as error:
        print(str(error), file=sys.stderr)
    except OSError as error:
        print(str(explain_os_error(error)), file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m multitask.devstack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="up|exec|status|stop")
    up = commands.add_parser("up", help="start services and programs, and serve until Ctrl-C")
    add_up_options(up)
    up.set_defaults(command=_up)
    execute = commands.add_parser("exec", help="run one command with the services (started, or joined)")
    execute.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    execute.set_defaults(command=_exec)
    status = commands.add_parser("status", help="say what runs; exit status 3 when nothing does")
    status.set_defaults(command=_status)
    stop = commands.add_parser("stop", help="end the running site and its services")
    stop.set_defaults(command=_stop)
    return parser


def _up(arguments: argparse.Namespace) -> int:
    from multitask.devstack.up import up

    return up(arguments, var=var_dir())


def _exec(arguments: argparse.Namespace) -> int:
    argv = arguments.argv[1:] if arguments.argv[:1] == ["--"] else arguments.argv
    if not argv:
        raise StackError("Name a command to run: python -m multitask.devstack exec -- COMMAND …")
    stack = Stack(var_dir(), exclusive=False)
    child: subprocess.Popen[bytes] | None = None
    caught: list[int] = []

    def forward(signum: int, frame: FrameType | None) -> None:
        caught.append(signum)
        # The terminal sends Ctrl-C to the command as well; the other signals reach this process alone.
        if child is not None and signum != signal.SIGINT:
            child.send_signal(signum)

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, forward)
    try:
        environment = child_environment(stack.start())
        if caught:
            return 128 + caught[0]
        try:
            child = subprocess.Popen(argv, env=environment)
        except FileNotFoundError:
            raise StackError(
                f"No command {argv[0]} is found: check its name, or give its full path."
            ) from None
        status = child.wait()
        return 128 - status if status < 0 else status
    finally:
        stack.stop()


def _status(arguments: argparse.Namespace) -> int:
    state = running_services(var_dir())
    if state is None:
        print("Nothing runs here. scripts/run starts it.")
        return 3
    for name, value in describe(state).items():
        print(f"{name:16} {value}")
    return 0


def describe(state: dict[str, Any]) -> dict[str, str]:
    """What `status` prints, name by name; no password."""

    def service(name: str) -> str:
        pid = state.get(f"{name}_pid")
        return f"embedded, process {pid}" if pid else "external"

    lines = {
        "site": f"{state['web']} (process {state['pid']})" if state.get("web") else "not served",
        "postgres": service("postgres"),
        "redis": service("redis"),
    }
    for program, pid in (state.get("programs") or {}).items():
        lines[program] = f"process {pid}" if is_alive(pid) else "not running"
    return lines


def _stop(arguments: argparse.Namespace) -> int:
    state = running_services(var_dir())
    if state is None:
        print("Nothing runs here.")
        return 0
    pid = state["pid"]
    if state.get("web") and is_alive(pid):
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + 60
        while is_alive(pid):
            if time.monotonic() > end:
                raise StackError(
                    f"Process {pid} does not end: look into var/log, or end it with `kill -9 {pid}`."
                )
            time.sleep(0.1)
        print("Stopped.")
        return 0
    if is_alive(pid):
        raise StackError(
            f"A command uses the services (process {pid}): let it end, or end it with `kill {pid}`."
        )
    Stack(var_dir(), exclusive=False).stop_services()
    print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
