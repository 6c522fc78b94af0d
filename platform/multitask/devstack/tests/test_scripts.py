from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from types import ModuleType

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from multitask.devstack import up as up_module
from multitask.devstack.__main__ import main
from multitask.devstack.errors import explain_os_error
from multitask.devstack.options import add_up_options
from multitask.devstack.paths import ROOT
from multitask.devstack.tests.helpers import devstack, environment, running_in

pytestmark = pytest.mark.stack

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scripts_setup", ROOT / "scripts" / "_setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("script", ["run", "test", "lint", "manage"])
def test_an_old_python_is_told_in_one_line_what_to_do(script: str, tmp_path: Path) -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 10, 4);"
        f"sys.argv = ['scripts/{script}']; sys.path.insert(0, 'scripts');"
        f"runpy.run_path('scripts/{script}', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "needs Python 3.11 or newer, and this is 3.10" in one_line(done)


@pytest.mark.parametrize(
    "script", ["scripts/run", "scripts/test", "scripts/lint", "scripts/manage", ".ci/run"]
)
def test_every_script_explains_itself(script: str) -> None:
    done = subprocess.run([ROOT / script, "--help"], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) >= 2


def test_run_has_the_options_that_its_help_promises() -> None:
    done = subprocess.run(
        [ROOT / "scripts/run", "--help"], capture_output=True, text=True, check=True, timeout=30
    )
    for option in ("--port", "--bind", "--flower-port", "--fresh", "--no-demo", "--verbose"):
        assert option in done.stdout


@pytest.mark.parametrize(
    "case",
    [
        ([], "", "need Node.js, which is not found"),
        (["node"], "v20.1.0", "need npm, which is not found"),
        (["node", "npm"], "v18.19.0", "need Node.js 20, and this is v18.19.0"),
    ],
)
def test_a_missing_or_old_node_is_told_in_one_line(
    setup: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[list[str], str, str],
) -> None:
    found, version, expected = case
    for name in found:
        tool = tmp_path / name
        tool.write_text(f"#!/bin/sh\necho {version}\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(setup.Stop, match=expected) as caught:
        setup._check_node()
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_told_in_one_line(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9, 10**6))
    with pytest.raises(setup.Stop, match=r"The disk is full: free at least 200 MB"):
        setup.check_space()
    monkeypatch.setenv("MULTITASK_VAR", str(tmp_path))
    assert main(["up", "--port", str(free()), "--flower-port", str(free())]) == 1
    assert capsys.readouterr().err.startswith("The disk is full: free some space")
    assert "disk is full" in str(explain_os_error(OSError(28, "No space left on device")))
    assert running_in(tmp_path) == []


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_told_in_one_line_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        taken = other.getsockname()[1]
        message = one_line(devstack("up", "--port", str(taken), var=tmp_path))
        assert f"Port {taken} on 127.0.0.1 is taken" in message
        assert "--port N" in message
        message = one_line(devstack("up", "--port", str(free()), "--flower-port", str(taken), var=tmp_path))
        assert "--flower-port N" in message
    assert not (tmp_path / "postgres").exists()


def test_a_number_that_is_no_port_is_told_in_one_line(tmp_path: Path) -> None:
    assert "--port 70000 is no port" in one_line(devstack("up", "--port", "70000", var=tmp_path))


def test_fresh_deletes_nothing_unasked(tmp_path: Path) -> None:
    kept = tmp_path / "media" / "image.png"
    kept.parent.mkdir()
    kept.touch()
    done = devstack("up", "--fresh", "--port", str(free()), "--flower-port", str(free()), var=tmp_path)
    assert "--yes" in one_line(done)
    assert kept.exists()


def test_fresh_never_touches_a_database_that_the_environment_names(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "multitask.devstack", "up", "--fresh", "--yes"),
            *("--port", str(free()), "--flower-port", str(free())),
        ],
        env=environment(tmp_path) | {"DATABASE_URL": "postgresql://elsewhere/db"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "DATABASE_URL names a database of yours" in one_line(done)


def test_fresh_keeps_what_runs_and_the_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("media", "postgres", "redis", "log", "run", "test-2"):
        (tmp_path / name).mkdir()
    (tmp_path / "secrets.json").write_text("{}")
    arguments = main_arguments("--fresh", "--yes")
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    up_module._Site(arguments, tmp_path)._wipe()
    assert {path.name for path in tmp_path.iterdir()} == {"log", "run", "test-2"}


def main_arguments(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_up_options(parser)
    return parser.parse_args(argv)


def test_installing_is_left_out_until_its_inputs_change(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "STAMP", tmp_path / ".venv" / "stamp.json")
    (tmp_path / ".venv").mkdir()
    (tmp_path / "pyproject.toml").write_text("one")
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(setup, "_pip", lambda *argv: asked.append(argv))

    setup._ensure_packages(("embedded",))
    setup._ensure_packages(("embedded",))
    assert asked == [("install", "--editable", ".[embedded]")]
    setup._ensure_packages(("dev",))
    assert asked[1:] == [("install", "--editable", ".[dev,embedded]")]
    (tmp_path / "pyproject.toml").write_text("two")
    setup._ensure_packages(("embedded",))
    assert asked[2:] == [("install", "--editable", ".[dev,embedded]")]


def test_an_installation_that_failed_is_tried_again(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "STAMP", tmp_path / "stamp.json")

    def fail(*argv: str) -> None:
        raise setup.Stop("no network")

    monkeypatch.setattr(setup, "_pip", fail)
    with pytest.raises(setup.Stop):
        setup._ensure_packages(("embedded",))
    assert not setup._is_current(("embedded",))


@pytest.mark.parametrize(("answers", "index"), [(True, True), (False, False)])
def test_torch_comes_from_its_cpu_index_where_that_answers_and_from_the_default_one_else(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: bool, index: bool
) -> None:
    without_torch = tmp_path / "python"
    without_torch.write_text("#!/bin/sh\nexit 1\n")
    without_torch.chmod(0o755)
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(setup, "PYTHON", without_torch)
    monkeypatch.setattr(setup, "_pip", lambda *argv: asked.append(argv))
    monkeypatch.setattr(setup, "_answers", lambda url: answers)
    monkeypatch.setattr(setup.platform, "system", lambda: "Linux")
    setup._ensure_torch()
    assert asked[0][:2] == ("install", setup.TORCH)
    assert ("--extra-index-url" in asked[0]) is index


def test_the_cpu_build_of_torch_wins_where_both_are_on_offer(setup: ModuleType) -> None:
    name, _, version = setup.TORCH.partition("==")
    both = [Version(version), Version(f"{version}+cpu")]
    assert name == "torch"
    assert max(SpecifierSet(f"=={version}").filter(both)) == Version(f"{version}+cpu")


def test_an_index_that_hangs_is_given_up_soon(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert setup.PROBE_SECONDS <= 5
    monkeypatch.setattr(setup, "PROBE_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        begin = time.monotonic()
        assert setup._answers(f"http://127.0.0.1:{silent.getsockname()[1]}/") is False
        assert time.monotonic() - begin < 2


def test_the_closing_lines_of_both_test_runs_are_summed_in_pytests_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import _checks

    lines = [
        "==== 10 passed, 1 skipped in 2.50s ====",
        "==== 1 failed, 3 passed, 4 deselected in 61.25s (0:01:01) ====",
    ]
    assert _checks._sum(lines) == "==== 1 failed, 13 passed, 1 skipped in 63.75s ===="


def test_ci_run_is_a_script_that_bash_reads() -> None:
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], check=False).returncode == 0
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
