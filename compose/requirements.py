"""Print what pyproject.toml asks for, one requirement a line, so that an image installs it before the code is there.

Usage: python requirements.py [EXTRA …], in the folder of pyproject.toml. Standard library alone.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def main(extras: list[str]) -> int:
    """The project's dependencies and those of `extras`; status 1 for an extra that it does not have."""
    if extras[:1] in (["--help"], ["-h"]):
        sys.stdout.write(__doc__ or "")
        return 0
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    if unknown := [extra for extra in extras if extra not in optional]:
        sys.stderr.write(f"pyproject.toml has no extra {', '.join(unknown)}: it has {', '.join(optional)}.\n")
        return 1
    lines = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
