"""What the tests of the stack share: commands in an environment of their own, and what they leave running."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from multitask.devstack.paths import ROOT


def environment(var: Path) -> dict[str, str]:
    """An environment in which nothing names a database, and the working data are in `var`."""
    left_out = {"DATABASE_URL", "REDIS_URL", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST", "PYTEST_ADDOPTS"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"MULTITASK_VAR": str(var), "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}"}


def devstack(*argv: str, var: Path) -> subprocess.CompletedProcess[str]:
    """`python -m multitask.devstack` with `argv`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "multitask.devstack", *argv],
        env=environment(var),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def running_in(folder: Path) -> list[str]:
    """Names of the processes that work inside `folder`."""
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if (
                Path(process.cwd()).is_relative_to(folder.resolve())
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process.info["name"])
        except (psutil.Error, OSError):
            continue
    return found
