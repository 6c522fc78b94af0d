"""What a list, the counts beside it and one task cost over the API, against the least a request can cost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from rich.progress import Progress

from benchlib import data
from benchlib.numbers import ratio, seconds_summary
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.demo.content import build
from multitask.tasks.models import Task

READERS = 20
POOL = 300
WARM = 5
# Named as in the table. `{id}` is a task drawn anew for each request.
WAYS = {
    "floor": "/api/floor/{id}/",
    "list": "/api/tasks/",
    "list_filtered": "/api/tasks/?category=programming&is_remote=true&ordering=-budget",
    "list_open": "/api/tasks/?status=OPEN&page=3",
    "facets": "/api/tasks/facets/",
    "facets_filtered": "/api/tasks/facets/?category=programming",
    "detail": "/api/tasks/{id}/",
}
# A list is counted, and its facets are, once in FACETS_CACHE_SECONDS: what that one request costs.
COLD = ("list", "facets")


def make_pool(progress: Progress, *, seed: int) -> int:
    """Put aside texts, prices and places of generated tasks in a table of their own. Returns how many."""
    job = progress.add_task("pool of tasks", total=1)
    demo = build(seed, users=40, tasks=POOL, now=datetime.now(UTC))
    client = User.objects.create(
        username="pool.api", email="pool.api@example.com", user_type="client", password=make_password(None)
    )
    ids = data.pool_tasks(demo.tasks, client=client.pk)
    data.execute(
        "CREATE TABLE bench_api AS SELECT row_number() OVER (ORDER BY t.id) - 1 AS n, t.* FROM tasks_task t"
    )
    data.execute(
        "CREATE TABLE bench_api_needs AS SELECT b.n, r.skill_id FROM bench_api b "
        "JOIN tasks_task_required_skills r ON r.task_id = b.id"
    )
    progress.advance(job)
    return len(ids)


def fill(progress: Progress, *, tasks: int, pool: int) -> None:
    """Empty the marketplace and fill it with `tasks` tasks and offers of 1,000 clients."""
    job = progress.add_task(f"rows: {tasks:,} tasks", total=3)
    data.execute(f"TRUNCATE {', '.join(data.TABLES)} RESTART IDENTITY CASCADE")
    User.objects.bulk_create(
        [
            User(username=f"client{number}", email=f"client{number}@example.com", password="!")  # noqa: S106
            for number in range(1_000)
        ]
    )
    first = User.objects.order_by("pk").values_list("pk", flat=True)[0]
    progress.advance(job)
    own = {
        "id": "g + 1",
        "client_id": f"g %% 1000 + {first}",
        "budget": "least(9999999, greatest(10, b.budget * (0.5 + (g %% 97) / 97.0)))",
        "created_at": "now() - (g %% 43200) * interval '1 minute' - g * interval '1 microsecond'",
    }
    data.copies(Task, "bench_api", tasks, pool, own)
    data.execute(
        """
        INSERT INTO tasks_task_required_skills (task_id, skill_id)
        SELECT g + 1, b.skill_id FROM generate_series(0, %s) AS g JOIN bench_api_needs b ON b.n = g %% %s
        """,
        [tasks - 1, pool],
    )
    data.execute("SELECT setval(pg_get_serial_sequence('tasks_task', 'id'), %s)", [tasks])
    progress.advance(job)
    # Vacuumed as a database that has stood a while is, so that an index alone can answer.
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in (*data.TABLES, "tasks_task_required_skills"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("RESET statement_timeout")
    progress.advance(job)


def api_point(progress: Progress, *, tasks: int, pool: int, reads: int, seed: int) -> dict[str, Any]:
    """Milliseconds of each way at `tasks` tasks, all in turns, and their ratios to the floor."""
    fill(progress, tasks=tasks, pool=pool)
    rng = random.Random(seed)  # noqa: S311  (a repeatable order, no secret)
    readers = User.objects.order_by("pk")[:READERS]
    headers = [f"Bearer {tokens_issue(user=user).access}" for user in readers]
    client = Client(SERVER_NAME="localhost")

    def get(way: str) -> float:
        address = WAYS[way].replace("{id}", str(rng.randrange(tasks) + 1))
        begin = time.perf_counter()
        answer = client.get(address, HTTP_AUTHORIZATION=rng.choice(headers))
        took = time.perf_counter() - begin
        if answer.status_code != 200:
            raise RuntimeError(f"GET {address} gave {answer.status_code}: {answer.content[:200]!r}")
        return took

    job = progress.add_task(f"api: {tasks:,} tasks", total=reads)
    with override_settings(ROOT_URLCONF="benchlib.floor"):
        taken = _in_turns(get, reads, lambda: progress.advance(job))
        cold: dict[str, list[float]] = {way: [] for way in COLD}
        for _ in range(max(3, reads // 20)):
            for way in COLD:
                cache.clear()
                cold[way].append(get(way))
    found = {way: seconds_summary(values) for way, values in taken.items()}
    floor = found["floor"]["p50"]
    return {
        "tasks": tasks,
        "users": 0,
        "ms": found,
        "cold_ms": {way: seconds_summary(values) for way, values in cold.items()},
        "times_floor": {way: ratio(one["p50"], floor) for way, one in found.items() if way != "floor"},
    }


def _in_turns(get: Callable[[str], float], reads: int, done: Callable[[], None]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for number in range(reads + WARM):
        for way in WAYS:
            seconds = get(way)
            if number >= WARM:
                taken[way].append(seconds)
        if number >= WARM:
            done()
    return taken
