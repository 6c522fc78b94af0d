"""From posting a task over HTTP to its row in a freelancer's list and the notification, with the product's programs."""

from __future__ import annotations

import http.client
import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from rich.progress import Progress

from benchlib import data
from benchlib.numbers import ratio, seconds_summary
from benchlib.services import Services, wait_for
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.accounts.services.users import user_register
from multitask.demo.content import build
from multitask.devstack.processes import free_port
from multitask.devstack.programs import Flower, programs
from multitask.devstack.ready import answers
from multitask.recommendations.models import ProfileVector, RecommendationList, Skill
from multitask.recommendations.services.lists import list_recompute
from multitask.recommendations.services.skills import SkillClaim, user_skills_set

SKILLS = ("python", "django", "postgresql")
POLL_SECONDS = 0.005
PATIENCE_SECONDS = 60.0
RECOMPUTED = 30


def run(
    services: Services,
    progress: Progress,
    *,
    tasks: int,
    users: int,
    posts: int,
    seed: int,
    pace: float = 1.0,
) -> dict[str, Any]:
    """p50, p95 and max over `posts`, one a second, from sending the request to both rows being committed."""
    port = free_port()
    wanted = [
        program
        for program in programs(bind="127.0.0.1", port=port, flower_port=0, flower=Flower(""))
        if program.name not in {"beat", "flower"}
    ]
    watcher, client = _watcher(), User.objects.filter(user_type="client").order_by("pk").first()
    assert client is not None
    token = tokens_issue(user=client).access
    bodies = _bodies(seed)
    job = progress.add_task(f"posts: {tasks:,} tasks, {users:,} users", total=posts)
    with services.programs(wanted) as supervisor:
        wait_for(
            lambda: (
                answers(f"http://127.0.0.1:{port}/healthz")
                and ProfileVector.objects.filter(user=watcher).exists()
                and RecommendationList.objects.filter(user=watcher, computed_at__isnull=False).exists()
            ),
            what="The site and the watching freelancer's list",
            supervisor=supervisor,
        )
        for _ in range(3):
            _post_and_wait(port, token, next(bodies), watcher.pk)
        listed, told, answered = [], [], []
        begin = time.monotonic()
        for place in range(posts):
            time.sleep(max(0.0, begin + place * pace - time.monotonic()))
            answer, entry, notification = _post_and_wait(port, token, next(bodies), watcher.pk)
            answered.append(answer)
            listed.append(entry)
            told.append(notification)
            progress.advance(job)
    seconds = _recompute_all(users)
    both = seconds_summary([max(pair) for pair in zip(listed, told, strict=True)])
    return {
        "tasks": tasks,
        "users": users,
        "posts": posts,
        "answer_ms": seconds_summary(answered),
        "list_ms": seconds_summary(listed),
        "notification_ms": seconds_summary(told),
        "both_ms": both,
        "recompute_everybody_ms": round(seconds * 1000.0, 1),
        "recompute_measured_on": min(users, RECOMPUTED),
        "times_faster": ratio(seconds * 1000.0, both["p50"]),
    }


def _watcher() -> User:
    """A freelancer whom every posted task suits; the product's own programs make vector and list."""
    user = user_register(
        username="watcher", email="watcher@example.com", password=None, user_type="freelancer", language="en"
    )
    ids = Skill.objects.filter(slug__in=SKILLS).values_list("pk", flat=True)
    user_skills_set(actor=user, claims=[SkillClaim(pk, "EXPERT") for pk in ids])
    return user


def _bodies(seed: int) -> Iterator[dict[str, Any]]:
    """Tasks to post: generated words in both languages, the watcher's skills."""
    demo = build(seed + 1, users=3, tasks=200, now=datetime.now(UTC))
    ids = list(Skill.objects.filter(slug__in=SKILLS).values_list("pk", flat=True))
    for number, task in enumerate(itertools.cycle(demo.tasks)):
        yield {
            "category": task.category,
            "title": f"{task.title[:180]} {number}",
            "description": task.description,
            "budget": str(task.budget),
            "is_remote": True,
            "required_skills": ids,
        }


def _post_and_wait(port: int, token: str, body: dict[str, Any], watcher: int) -> tuple[float, float, float]:
    """Seconds from sending until: the answer, the row in the list, the notification."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    begin = time.monotonic()
    link.request("POST", "/api/tasks/", json.dumps(body), headers)
    answer = link.getresponse()
    content = answer.read()
    answered = time.monotonic() - begin
    link.close()
    if answer.status != 201:
        raise RuntimeError(f"POST /api/tasks/ gave {answer.status}: {content[:300]!r}")
    task = int(json.loads(content)["id"])
    entry = notification = 0.0
    while not (entry and notification):
        in_list, is_told = _seen(task, watcher)
        now = time.monotonic() - begin
        entry = entry or (now if in_list else 0.0)
        notification = notification or (now if is_told else 0.0)
        if now > PATIENCE_SECONDS:
            raise TimeoutError(f"Task {task} is not in the list and told after {PATIENCE_SECONDS:.0f} s.")
        time.sleep(POLL_SECONDS)
    return answered, entry, notification


def _seen(task: int, watcher: int) -> tuple[bool, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT 1 FROM recommendations_recommendationentry e
                           JOIN recommendations_recommendationlist l ON l.id = e.recommendation_list_id
                           WHERE e.task_id = %(task)s AND l.user_id = %(watcher)s),
                   EXISTS (SELECT 1 FROM notifications_notificationdelivery
                           WHERE recipient_id = %(watcher)s AND channel = 'in_app'
                             AND dedupe_key = 'recommendation:task:' || %(task)s)
            """,
            {"task": task, "watcher": watcher},
        )
        found = cursor.fetchone()
    return bool(found[0]), bool(found[1])


def _recompute_all(users: int) -> float:
    """The baseline: seconds of recomputing everybody's list in one process, from a sample."""
    ids = data.people(min(users, RECOMPUTED), users=users)
    begin = time.monotonic()
    for user in ids:
        list_recompute(user_id=user)
    return (time.monotonic() - begin) / len(ids) * users
