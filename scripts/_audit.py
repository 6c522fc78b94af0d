"""Ask the database of known vulnerabilities about the installed packages; say so where it cannot be reached.

A step of scripts/test. Exit status 1 where a package has a known vulnerability for which there is a fixed version.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

PATIENCE_SECONDS = 20
# The environment's own tools, which the product does not ship.
LEFT_OUT = frozenset({"pip", "setuptools", "wheel", "multitask"})


def report(answer: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit status and lines, from pip-audit's JSON."""
    rows = [row for row in answer["dependencies"] if row["name"] not in LEFT_OUT]
    unknown = [row for row in rows if "skip_reason" in row]
    lines, status = [], 0
    for row in rows:
        for found in row.get("vulns", []):
            fixed = ", ".join(found["fix_versions"])
            status = 1 if fixed else status
            lines.append(
                f"{row['name']} {row['version']}: {found['id']}, {f'fixed in {fixed}' if fixed else 'no fix yet'}"
            )
    looked_up = len(rows) - len(unknown)
    if not looked_up:
        return status, [
            *lines,
            "Skipped: the database of vulnerabilities knows none of the packages from here.",
        ]
    return status, [*lines, f"{looked_up} packages looked up, {len(unknown)} unknown to the database."]


def main(argv: Sequence[str]) -> int:
    if "--help" in argv or "-h" in argv:
        print(f"Usage: python scripts/_audit.py\n\n{__doc__}")
        return 0
    command = [sys.executable, "-m", "pip_audit", "--local", "--progress-spinner", "off", "--timeout", "5"]
    try:
        done = subprocess.run(
            [*command, "--format", "json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        print(f"Skipped: the database of vulnerabilities did not answer within {PATIENCE_SECONDS} s.")
        return 0
    except ValueError:
        print("Skipped: the database of vulnerabilities cannot be reached.")
        print("".join(done.stderr.strip().splitlines()[-1:]), file=sys.stderr)
        return 0
    status, lines = report(answer)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
