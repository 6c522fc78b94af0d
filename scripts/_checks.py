"""The steps of scripts/test and scripts/lint, and how they are run, timed and summed up. Standard library alone."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import _setup

ROOT = _setup.ROOT
BIN = _setup.VENV / "bin"
PYTHON = str(_setup.PYTHON)
MANAGE = (PYTHON, "platform/manage.py")
EXEC = (PYTHON, "-m", "multitask.devstack", "exec", "--")
NO_TESTS = 5
COUNTS = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")


class Step(NamedTuple):
    """One check. `accept` are the exit statuses that count as passed."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = MappingProxyType({})
    cwd: Path = ROOT
    accept: frozenset[int] = frozenset({0})
    pytest: bool = False


def static_steps() -> list[Step]:
    """Checks that read the source and start no service."""
    python = (PYTHON, "-m")
    return [
        Step("format", (*python, "ruff", "format", "--check", ".")),
        Step("lint", (*python, "ruff", "check", ".")),
        Step("types", (*python, "mypy", "platform/multitask", "workers", "ml")),
        Step("imports", (str(BIN / "lint-imports"),)),
    ]


def django_steps() -> list[Step]:
    """Checks of the assembled project, on a database of their own."""
    own = {"MULTITASK_VAR": str(ROOT / "var" / "check")}
    production = {
        "DJANGO_SETTINGS_MODULE": "multitask.settings.prod",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "multitask.example",
        "FRONTEND_URL": "https://multitask.example",
        "EMAIL_HOST": "mail.multitask.example",
        "SITE_URL": "https://multitask.example",
    }
    steps = [
        Step("project", (*EXEC, *MANAGE, "check", "--fail-level", "WARNING"), own),
        Step(
            "project, in production",
            (*EXEC, *MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
            own | production,
        ),
        Step("migrations", (*EXEC, *MANAGE, "makemigrations", "--check", "--dry-run"), own),
    ]
    if (ROOT / "scripts" / "openapi").is_file():
        steps.append(Step("OpenAPI schema", (*EXEC, PYTHON, "scripts/openapi", "--check"), own))
    steps.append(Step("API collection", (PYTHON, "scripts/collection", "--check")))
    steps.append(Step("known vulnerabilities", (PYTHON, "scripts/_audit.py")))
    return steps


def frontend_steps() -> list[Step]:
    """The checks among the scripts of frontend/package.json, those that are there. The build they look at is there."""
    package = ROOT / "frontend" / "package.json"
    if not package.is_file():
        return []
    scripts = json.loads(package.read_text(encoding="utf-8")).get("scripts", {})
    return [
        Step(f"frontend {name}", ("npm", "run", name), {"CI": "true"}, cwd=package.parent)
        for name in ("lint", "texts", "types:check", "typecheck", "test", "budget", "e2e")
        if name in scripts
    ]


def pytest_steps(arguments: Sequence[str], *, chaos: bool) -> list[Step]:
    """The tests on both cores, then those with a stack of processes, which mostly wait, then those that kill services."""
    colour = ("--color=yes",) if sys.stdout.isatty() else ()
    base = (PYTHON, "-m", "pytest", *colour, *arguments)
    # A choice by -k or by path may leave one of the two parts without a test.
    maybe_none = frozenset({0, NO_TESTS})
    fast = Step(
        "tests",
        (*base, "-n", "2", "-m", "not stack and not chaos"),
        accept=maybe_none if arguments else frozenset({0}),
        pytest=True,
    )
    stack = Step(
        "tests of the whole stack",
        (*base, "-n", "2", "-m", "stack and not chaos"),
        accept=maybe_none,
        pytest=True,
    )
    slow = Step("tests that kill services", (*base, "-m", "chaos"), accept=maybe_none, pytest=True)
    return [fast, stack, slow] if chaos else [fast, stack]


def run_steps(steps: Sequence[Step], *, keep_going: bool = False) -> int:
    """Run the steps in order, each named with its time; return 0 when all passed, else 1.

    Stops at the first failure unless `keep_going`. The last line sums up pytest's closing lines, in its form.
    """
    begin = time.monotonic()
    failed: list[str] = []
    closing: list[str] = []
    for step in steps:
        print(f"── {step.name}", flush=True)
        started = time.monotonic()
        status, last = _run(step)
        passed = status in step.accept
        closing += [last] if last else []
        print(
            f"── {step.name}: {'passed' if passed else 'FAILED'} ({time.monotonic() - started:.1f} s)\n",
            flush=True,
        )
        if not passed:
            failed.append(step.name)
            if not keep_going:
                break
    seconds = time.monotonic() - begin
    if failed:
        print(f"Failed: {', '.join(failed)}. ({seconds:.0f} s)", flush=True)
    else:
        print(f"Every check passed. ({seconds:.0f} s)", flush=True)
    if closing:
        print(_sum(closing), flush=True)
    return 1 if failed else 0


def _run(step: Step) -> tuple[int, str]:
    """Exit status, and pytest's closing line for its steps."""
    environment = _setup.environment() | dict(step.environment) | {"PYTHONUNBUFFERED": "1"}
    if not step.pytest:
        done = subprocess.run(step.argv, cwd=step.cwd, env=environment, stdin=subprocess.DEVNULL, check=False)
        return done.returncode, ""
    with subprocess.Popen(
        step.argv, cwd=step.cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as child:
        end = b""
        try:
            for chunk in iter(lambda: os.read(child.stdout.fileno(), 65536), b""):
                sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()
                end = (end + chunk)[-65536:]
        except KeyboardInterrupt:
            # pytest got the same Ctrl-C and stops its services before it ends.
            child.wait()
            raise
    lines = re.sub(r"\x1b\[[0-9;]*m", "", end.decode("utf-8", "replace")).splitlines()
    last = next(
        (line for line in reversed(lines) if re.search(r" in [\d.]+s", line) and COUNTS.search(line)), ""
    )
    return child.returncode, last


def _sum(closing: Sequence[str]) -> str:
    totals: dict[str, int] = {}
    seconds = 0.0
    for line in closing:
        for number, what in COUNTS.findall(line):
            name = what.rstrip("s") if what in {"errors", "warnings"} else what
            totals[name] = totals.get(name, 0) + int(number)
        found = re.search(r" in ([\d.]+)s", line)
        seconds += float(found.group(1)) if found else 0
    shown = [
        f"{totals[what]} {what}"
        for what in ("failed", "error", "passed", "skipped", "xfailed")
        if what in totals
    ]
    return f"==== {', '.join(shown)} in {seconds:.2f}s ===="
