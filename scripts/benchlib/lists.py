"""Reading a precomputed list against computing it in the request; recomputing all lists, and its memory."""

from __future__ import annotations

import itertools
import random
import time
from typing import Any

from django.db.models import Exists, OuterRef
from django.test import Client
from rich.progress import Progress

from benchlib import data
from benchlib.described import Encode, recommend
from benchlib.numbers import ratio, seconds_summary
from benchlib.services import in_child
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.recommendations.models import RecommendationEntry
from multitask.recommendations.selectors.lists import list_read
from multitask.recommendations.services.lists import task_place
from multitask.tasks.models import Task

LIMIT = 10
SAMPLE = 20
READERS = 100
WARM = 5


def recompute_point(
    progress: Progress, *, tasks: int, users: int, seconds: float, seed: int
) -> dict[str, Any]:
    """Recomputing lists in a process of its own, users in random order, all of them or `seconds` long."""
    ids = data.people(users, users=users)
    random.Random(seed).shuffle(ids)  # noqa: S311  (a repeatable order, no secret)
    job = progress.add_task(f"recompute: {tasks:,} tasks, {users:,} users", total=1)
    found: dict[str, Any] = in_child(
        "recompute", {"users": ids, "seconds": seconds, "least": min(SAMPLE, users)}
    )
    progress.advance(job)
    return {"tasks": tasks, "users": users, **found}


def place_point(progress: Progress, *, tasks: int, users: int, number: int, seed: int) -> dict[str, Any]:
    """Milliseconds of putting one task into every list it belongs in (reverse matching), and how many those are."""
    ids = list(Task.objects.filter(status="OPEN").order_by("pk").values_list("pk", flat=True))
    chosen = random.Random(seed + 1).sample(ids, min(number + 2, len(ids)))  # noqa: S311
    job = progress.add_task(f"place: {tasks:,} tasks, {users:,} users", total=len(chosen))
    taken, held = [], []
    for place, task_id in enumerate(chosen):
        begin = time.perf_counter()
        placed = task_place(task_id=task_id)
        if place >= 2:
            taken.append(time.perf_counter() - begin)
            held.append(placed.lists)
        progress.advance(job)
    return {
        "tasks": tasks,
        "users": users,
        "ms": seconds_summary(taken),
        "lists": round(sum(held) / max(1, len(held)), 1),
    }


def list_point(
    progress: Progress, *, tasks: int, users: int, reads: int, repeats: int, encode: Encode
) -> dict[str, Any]:
    """Milliseconds of a read (selector, and GET through the whole request) and of the request that computes."""
    entries = RecommendationEntry.objects.filter(recommendation_list__user=OuterRef("pk"))
    some = User.objects.filter(Exists(entries), pk__in=data.people(min(users, READERS), users=users))
    readers = list(some.order_by("pk"))
    if not readers:
        raise RuntimeError(f"At {tasks:,} tasks nobody's list has an entry: choose more tasks.")
    job = progress.add_task(f"list: {tasks:,} tasks, {users:,} users", total=2 * reads + 3 * repeats)
    read = []
    for place, user in enumerate(itertools.islice(itertools.cycle(readers), reads + WARM)):
        begin = time.perf_counter()
        list_read(user=user, limit=LIMIT)
        if place >= WARM:
            read.append(time.perf_counter() - begin)
            progress.advance(job)
    over_http = _over_http(progress, job, readers, reads)
    asking = readers[:: max(1, len(readers) // repeats)][:repeats]
    computed: dict[str, Any] = {}
    encode(["Warm, so that the first request does not pay for what a server pays once."])
    for name, in_request, filtered in (
        ("as_described", True, True),
        ("stored_vectors_matching_skills", False, True),
        ("stored_vectors_all_open", False, False),
    ):
        timed = []
        for user in asking:
            timed.append(recommend(user, encode=encode if in_request else None, filtered=filtered))
            progress.advance(job)
        computed[name] = {
            **seconds_summary([one.seconds for one in timed]),
            "tasks_scored": round(sum(one.tasks for one in timed) / len(timed)),
            "encoding_scaled": any(one.scaled for one in timed),
        }
    summary = seconds_summary(read)
    return {
        "tasks": tasks,
        "users": users,
        "entries_per_list": round(RecommendationEntry.objects.count() / users, 1),
        "read_ms": summary,
        "http_ms": over_http,
        "computed_ms": computed,
        "times_faster": {name: ratio(one["p50"], summary["p50"]) for name, one in computed.items()},
    }


def _over_http(progress: Progress, job: Any, readers: list[User], reads: int) -> dict[str, float]:
    """GET /api/recommendations/for-you/ through middleware, login, serializers and log, without the socket."""
    headers = [f"Bearer {tokens_issue(user=user).access}" for user in readers]
    client = Client(SERVER_NAME="localhost")
    found = []
    for place, header in enumerate(itertools.islice(itertools.cycle(headers), reads + len(headers))):
        begin = time.perf_counter()
        answer = client.get("/api/recommendations/for-you/", {"limit": LIMIT}, HTTP_AUTHORIZATION=header)
        if answer.status_code != 200:
            raise RuntimeError(
                f"GET /api/recommendations/for-you/ gave {answer.status_code}: {answer.content[:200]!r}"
            )
        # The first showing to a user writes the log; what is measured is reading it again.
        if place >= len(headers):
            found.append(time.perf_counter() - begin)
            progress.advance(job)
    return seconds_summary(found)
