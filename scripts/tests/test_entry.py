"""Every script that needs packages finds them itself, whichever Python it is started with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1]
BEGIN = """
import runpy, sys
sys.path.insert(0, {folder!r})
import _setup
_setup.set_up = lambda **_: None
_setup.become = lambda *argv: print("becomes", *argv) or 0
sys.argv = [{script!r}, "--check"]
runpy.run_path({script!r}, run_name="__main__")
"""
STOPPED = """
import sys
sys.path.insert(0, {folder!r})
import _setup
def stops(**_): raise {error}
_setup.set_up = stops
sys.exit(_setup.set_up_and_become("-c", "pass"))
"""


def without_packages(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "name", ["openapi", "environment", "collection", "manage", "evaluate", "encoder", "mails"]
)
def test_a_script_started_without_packages_becomes_the_environment_s_python(name: str) -> None:
    script = str(SCRIPTS / name)
    done = without_packages(BEGIN.format(folder=str(SCRIPTS), script=script))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("becomes ")
    assert done.stdout.rstrip().endswith("--check")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [("_setup.Stop('The disk is full.')", 1, "The disk is full.\n"), ("KeyboardInterrupt", 130, "")],
)
def test_what_cannot_be_set_up_is_said_in_one_line(error: str, status: int, said: str) -> None:
    done = without_packages(STOPPED.format(folder=str(SCRIPTS), error=error))
    assert (done.returncode, done.stderr) == (status, said)
