"""The command line of scripts/bench. Standard library alone, so that --help needs no environment."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

SECTIONS = (
    "encoding",
    "pipeline",
    "api",
    "search",
    "list",
    "place",
    "post",
    "recompute",
    "sockets",
    "digests",
    "chat",
    "router",
    "web",
)
LEAST_TASKS = 10
LEAST_USERS = 5
MOST_ROWS = 1_000_000


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="scripts/bench",
        description=(
            "Measure encoding, the pipeline, the API's lists and counts, search, list reads, placing a task, post-to-list latency, recomputing, sockets, digests, the assistant and its router, and the application in a browser, each beside its "
            "baseline in the same run, on a database and a Redis of its own that are gone afterwards."
        ),
        epilog=(
            "Sizes: tasks vary at the middle number of users and users at the middle number of tasks, so growth "
            "shows along both. Rows past the first generated ones are copies with noise on their vectors. "
            "A full run takes about 30 minutes on 2 cores; --quick about 5. The section web needs Node.js and Chromium; "
            "where they are missing it says what to install."
        ),
    )
    made.add_argument(
        "--tasks", type=_sizes(LEAST_TASKS), default=None, metavar="N,N,…", help="default 1000,10000,100000"
    )
    made.add_argument(
        "--users", type=_sizes(LEAST_USERS), default=None, metavar="N,N,…", help="default 100,1000,10000"
    )
    made.add_argument(
        "--only", type=_sections, default=SECTIONS, metavar="A,B,…", help=f"some of {', '.join(SECTIONS)}"
    )
    made.add_argument(
        "--quick", action="store_true", help="small sizes and few repetitions: a look, not a figure"
    )
    made.add_argument(
        "--texts", type=Path, metavar="FILE", help="encode the lines of FILE instead of generated texts"
    )
    made.add_argument(
        "--seed", type=int, default=20_261_122, help="of everything generated (default %(default)s)"
    )
    made.add_argument(
        "--json", type=Path, metavar="FILE", help="write the figures there ('-': to standard output)"
    )
    made.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the tables there, as docs/benchmarks.md"
    )
    return made


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """The options, sizes filled in from --quick. Ends the program with one line for what cannot be read."""
    made = parser()
    found = made.parse_args(argv)
    found.tasks = found.tasks or ([200, 1_000] if found.quick else [1_000, 10_000, 100_000])
    found.users = found.users or ([20, 100] if found.quick else [100, 1_000, 10_000])
    if found.texts is not None and not found.texts.is_file():
        made.error(f"--texts {found.texts}: there is no such file; give one with a text a line")
    for name in ("json", "markdown"):
        path = getattr(found, name)
        if path is not None and str(path) != "-" and not path.resolve().parent.is_dir():
            made.error(f"--{name} {path}: there is no folder {path.parent}; make it first")
    return found


def middle(sizes: list[int]) -> int:
    """The size at which the other axis varies."""
    return sizes[len(sizes) // 2]


def points(found: argparse.Namespace) -> list[tuple[int, int]]:
    """(tasks, users) measured: both axes through the middle, the cheapest first."""
    tasks, users = middle(found.tasks), middle(found.users)
    found_points = {(number, users) for number in found.tasks} | {(tasks, number) for number in found.users}
    return sorted(found_points, key=lambda point: (point[0] * point[1], point))


def _sizes(least: int) -> Callable[[str], list[int]]:
    def read(value: str) -> list[int]:
        try:
            numbers = sorted({int(part) for part in value.replace("_", "").split(",")})
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{value!r}: give whole numbers with commas, as 1000,10000"
            ) from None
        if numbers[0] < least or numbers[-1] > MOST_ROWS:
            raise argparse.ArgumentTypeError(f"{value!r}: give numbers from {least} to {MOST_ROWS}")
        return numbers

    return read


def _sections(value: str) -> tuple[str, ...]:
    names = [part.strip() for part in value.split(",") if part.strip()]
    unknown = [name for name in names if name not in SECTIONS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{value!r}: choose among {', '.join(SECTIONS)}")
    return tuple(name for name in SECTIONS if name in names)
