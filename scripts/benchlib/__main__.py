"""`python -m benchlib`: what scripts/bench becomes once the environment is there."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from rich.console import Console
from rich.progress import Progress

from benchlib import options, report
from benchlib.services import Services, started
from ml.watch import progress_bar
from multitask.devstack.errors import StackError

VERSIONS = (
    "torch",
    "sentence-transformers",
    "celery",
    "django",
    "psycopg2-binary",
    "pgvector",
    "scikit-learn",
)
ROWS = {"list", "place", "post", "recompute", "web"}


@dataclass
class Found:
    """What has been measured so far; a run that is stopped keeps it."""

    sections: dict[str, Any] = field(default_factory=dict)
    pool_tasks: int = 0
    pool_users: int = 0
    postgres: str = ""

    def in_order(self) -> dict[str, Any]:
        """Sections as the help names them, sizes rising."""
        ordered = {}
        for name in options.SECTIONS:
            section = self.sections.get(name)
            if isinstance(section, list):
                section = sorted(section, key=lambda one: (one["tasks"], one["users"]))
            if section:
                ordered[name] = section
        return ordered


def main(argv: list[str] | None = None) -> int:
    """Run what is asked for and write it.

    Exit status 0 whether or not a target is met; 1 where something could not be measured and 130 where it was
    stopped, the rest being written all the same.
    """
    arguments = options.parse(argv)
    print(f"Seed {arguments.seed}.", file=sys.stderr)
    begin = time.monotonic()
    load = os.getloadavg()[0]
    found = Found()
    status, incomplete = 0, ""
    try:
        with started() as services, progress_bar() as progress:
            _measure(arguments, services, progress, found)
    except (StackError, DatabaseError, TimeoutError, RuntimeError) as error:
        status, incomplete = 1, str(error).strip()
    except KeyboardInterrupt:
        status, incomplete = 130, "Stopped before the end."
    if incomplete:
        print(incomplete, file=sys.stderr)
    sections = found.in_order()
    result = {
        "meta": {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "command": " ".join(["scripts/bench", *(sys.argv[1:] if argv is None else argv)]),
            "seed": arguments.seed,
            "cores": os.cpu_count(),
            "load_before": round(load, 1),
            "load_after": round(os.getloadavg()[0], 1),
            "seconds": round(time.monotonic() - begin, 1),
            "quick": arguments.quick,
            "incomplete": incomplete.partition("\n")[0],
            "versions": {"Python": platform.python_version(), "PostgreSQL": found.postgres}
            | {name: version(name) for name in VERSIONS},
            "pool_tasks": found.pool_tasks,
            "pool_users": found.pool_users,
        },
        "sections": sections,
        "targets": report.targets(sections, central=_central(arguments)),
    }
    if sections:
        _write(arguments, result)
    return status


def _measure(arguments: argparse.Namespace, services: Services, progress: Progress, found: Found) -> None:
    import workers  # noqa: F401  (sets Django up, with the services' addresses)

    wanted = set(arguments.only)
    quick = arguments.quick
    found.postgres = _postgres_version()
    if "encoding" in wanted:
        from benchlib import encoding

        found.sections["encoding"] = encoding.run(
            progress,
            seed=arguments.seed,
            number=48 if quick else 240,
            rounds=1 if quick else 3,
            file=arguments.texts,
            model=os.environ.get("RECOMMENDATION_MODEL", ""),
        )
    if "pipeline" in wanted:
        from benchlib import pipeline

        found.sections["pipeline"] = pipeline.run(
            services,
            progress,
            events=200 if quick else 2_000,
            rounds=1 if quick else 3,
            paced=40 if quick else 200,
        )
    if "api" in wanted:
        from benchlib import api

        found.pool_tasks = pool = api.make_pool(progress, seed=arguments.seed)
        found.sections["api"] = [
            api.api_point(progress, tasks=tasks, pool=pool, reads=20 if quick else 200, seed=arguments.seed)
            for tasks in arguments.tasks
        ]
    if "search" in wanted:
        from benchlib import search

        pool = search.pool_of(arguments.seed)
        found.pool_tasks = len(pool)
        found.sections["search"] = [
            search.point(progress, pool=pool, tasks=tasks, reads=30 if quick else 300, seed=arguments.seed)
            for tasks in arguments.tasks
        ]
    if "sockets" in wanted:
        from benchlib import sockets

        found.sections["sockets"] = sockets.run(
            services,
            progress,
            messages=60 if quick else 500,
            rounds=1 if quick else 3,
            idle=400 if quick else 2_000,
            hold=5.0 if quick else 40.0,
            rate=20.0,
            seed=arguments.seed,
        )
    if "chat" in wanted:
        from benchlib import chat

        found.sections["chat"] = chat.run(
            services, progress, chats=40 if quick else 200, seconds=3.0 if quick else 12.0
        )
    if "router" in wanted:
        from benchlib import router

        found.sections["router"] = router.run(
            progress, rounds=1 if quick else 5, asked=2 if quick else 10, seed=arguments.seed
        )
    if "digests" in wanted:
        from benchlib import digests

        found.sections["digests"] = digests.run(progress, users=2_000 if quick else 100_000)
    if "web" in wanted and not _has_browser():
        wanted.discard("web")
        arguments.only = tuple(wanted)
    if wanted & ROWS:
        _with_rows(arguments, services, progress, found)


def _central(arguments: argparse.Namespace) -> tuple[int, int]:
    return options.middle(arguments.tasks), options.middle(arguments.users)


def _with_rows(arguments: argparse.Namespace, services: Services, progress: Progress, found: Found) -> None:
    """What needs a filled marketplace, size by size."""
    from benchlib import data, lists, post

    quick, wanted = arguments.quick, set(arguments.only)
    made = data.make_pool(
        progress,
        seed=arguments.seed,
        tasks=min(60 if quick else 400, arguments.tasks[-1]),
        users=min(30 if quick else 300, arguments.users[-1]),
    )
    central = _central(arguments)
    found.pool_tasks, found.pool_users = made.tasks, made.users
    sections = found.sections
    sections |= {name: [] for name in ("list", "place", "recompute") if name in wanted}
    for tasks, users in options.points(arguments):
        if not wanted & {"list", "place", "recompute"} and (tasks, users) != central:
            continue
        data.fill(progress, made, tasks=tasks, users=users)
        if wanted == {"web"}:
            _web(arguments, services, progress, found, size=(tasks, users))
            continue
        recomputed = lists.recompute_point(
            progress,
            tasks=tasks,
            users=users,
            seconds=(5.0 if quick else 25.0) if "recompute" in wanted else 0.0,
            seed=arguments.seed,
        )
        if wanted != {"place"}:  # a new task is in no list yet, and 100,000 lists take long to copy
            data.copy_lists()
        if "recompute" in wanted:
            sections["recompute"].append(recomputed)
        if "list" in wanted:
            with _plain_encoder() as encode:
                sections["list"].append(
                    lists.list_point(
                        progress,
                        tasks=tasks,
                        users=users,
                        reads=40 if quick else 200,
                        repeats=2 if quick else 3,
                        encode=encode,
                    )
                )
        if "place" in wanted:
            sections["place"].append(
                lists.place_point(
                    progress, tasks=tasks, users=users, number=5 if quick else 30, seed=arguments.seed
                )
            )
        if "post" in wanted and (tasks, users) == central:
            sections["post"] = post.run(
                services,
                progress,
                tasks=tasks,
                users=users,
                posts=5 if quick else 50,
                seed=arguments.seed,
                pace=0.5 if quick else 1.0,
            )
        # The last of a size: it posts and writes.
        if "web" in wanted and (tasks, users) == central:
            _web(arguments, services, progress, found, size=(tasks, users))


def _web(
    arguments: argparse.Namespace,
    services: Services,
    progress: Progress,
    found: Found,
    *,
    size: tuple[int, int],
) -> None:
    from benchlib import web

    found.sections["web"] = web.run(
        services,
        progress,
        tasks=size[0],
        users=size[1],
        loads=1 if arguments.quick else 5,
        visits=1 if arguments.quick else 4,
        lives=4 if arguments.quick else 20,
    )


def _has_browser() -> bool:
    """Whether the section web can be measured here; what to install is said where it cannot."""
    from benchlib import web

    try:
        web.needed()
    except web.Missing as missing:
        print(missing, file=sys.stderr)
        return False
    return True


@contextlib.contextmanager
def _plain_encoder() -> Iterator[Any]:
    """`SentenceTransformer.encode` of the default model with every core, as a web process would call it."""
    import torch

    from benchlib.encoding import plain_model

    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        model = plain_model(os.environ.get("RECOMMENDATION_MODEL", ""))
        yield lambda texts: model.encode(texts, show_progress_bar=False)
    finally:
        torch.set_num_threads(before)


def _postgres_version() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def _write(arguments: argparse.Namespace, result: dict[str, Any]) -> None:
    text = json.dumps(result, ensure_ascii=False, indent=1)
    to_stdout = arguments.json is not None and str(arguments.json) == "-"
    report.show(result, Console(stderr=to_stdout, width=None if sys.stdout.isatty() else 200))
    if to_stdout:
        print(text)
    elif arguments.json is not None:
        Path(arguments.json).write_text(text + "\n", encoding="utf-8")
    if arguments.markdown is not None:
        Path(arguments.markdown).write_text(report.markdown(result), encoding="utf-8")


if __name__ == "__main__":
    # A web process without collected static files says so; nothing here serves any.
    warnings.filterwarnings("ignore", message="No directory at")
    sys.exit(main())
