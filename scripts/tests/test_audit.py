"""A package with a known hole fails the checks; a database that is away does not, and is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from _audit import report  # noqa: E402

FINE = {"name": "django", "version": "5.2.7", "vulns": []}
AWAY = {"name": "redis", "skip_reason": "not found"}


def _hole(*fixes: str) -> dict[str, object]:
    return {"name": "pillow", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": list(fixes)}]}


def test_a_hole_with_a_fix_fails_and_names_the_version() -> None:
    status, lines = report({"dependencies": [FINE, _hole("2.0")]})
    assert status == 1
    assert lines[0] == "pillow 1: CVE-1, fixed in 2.0"


def test_a_hole_without_a_fix_is_said_and_passes() -> None:
    status, lines = report({"dependencies": [FINE, _hole()]})
    assert (status, lines[0]) == (0, "pillow 1: CVE-1, no fix yet")


def test_where_nothing_could_be_looked_up_it_is_skipped_with_a_word() -> None:
    status, lines = report({"dependencies": [AWAY]})
    assert status == 0
    assert lines[-1].startswith("Skipped")


def test_a_database_out_of_reach_is_skipped_with_a_word(tmp_path: Path) -> None:
    # Every address is sent to a proxy that is not there.
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "_audit.py")],
        env=os.environ | nowhere | {"no_proxy": "", "NO_PROXY": "", "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Skipped")
