"""The application in a browser: paint, layout shift, answer to what one does, and how soon news is seen.

Chromium opens the built application from the real web process over loopback, with a slowed processor, on a filled
marketplace with relay and workers at their work. The browser's part is frontend/scripts/webvitals.mjs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from pgvector import SparseVector
from rich.progress import Progress

from benchlib import data
from benchlib.numbers import percentiles, ratio
from benchlib.services import NO_LIMIT, Services, wait_for
from ml import search
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.accounts.services.users import user_register
from multitask.devstack.paths import ROOT
from multitask.devstack.processes import free_port
from multitask.devstack.programs import Flower, Program, programs
from multitask.devstack.ready import answers
from multitask.messaging.services.conversations import conversation_open
from multitask.messaging.services.messages import message_send
from multitask.recommendations.models import ProfileVector, RecommendationList, SearchDocument, Skill
from multitask.recommendations.selectors.search_texts import WORDS_VERSION
from multitask.recommendations.services import search_index
from multitask.recommendations.services.skills import SkillClaim, user_skills_set
from multitask.tasks.models import Category, Task

FRONTEND = ROOT / "frontend"
SCRIPT = FRONTEND / "scripts" / "webvitals.mjs"
BROWSERS = ("/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser")
LANGUAGES = ("ar", "en")
SLOW = 4
HISTORY = 60
RELOADS = 3
PACE_MS = 400
WORDS = {"ar": "تصميم شعار", "en": "logo design"}
SKILLS = ("python", "django", "postgresql")
TITLE = "Django and PostgreSQL API, Python service"
TEXT = (
    "A Python service with Django and PostgreSQL: models, an API, tests and deployment. Part {0} of the work."
)


class Missing(Exception):
    """What the browser's part needs is not here; its text says what to install."""


def run(
    services: Services, progress: Progress, *, tasks: int, users: int, loads: int, visits: int, lives: int
) -> dict[str, Any]:
    """Milliseconds, each with its ratio to the floor: an empty page of the same process in the same browser.

    `loads` of each page and language by a browser that has nothing of it; `visits` in each language with everything one
    does on pages; `lives` messages, notifications and matches, from the answer to their sender until they are seen.
    Raises Missing, or RuntimeError where the browser's part failed.
    """
    node, chromium = needed()
    fill_words(progress)
    port = free_port()
    member, client = _member(), User.objects.filter(user_type="client").order_by("pk")[0]
    conversation = _thread(member, client)
    with services.programs(_programs(port)) as supervisor:
        wait_for(
            lambda: (
                answers(f"http://127.0.0.1:{port}/healthz")
                and ProfileVector.objects.filter(user=member).exists()
                and RecommendationList.objects.filter(user=member, computed_at__isnull=False).exists()
            ),
            what="The site and the member's list",
            supervisor=supervisor,
        )
        asked = {
            "base": f"http://127.0.0.1:{port}",
            "chromium": chromium,
            "slow": SLOW,
            "loads": loads,
            "visits": visits,
            "pace": PACE_MS,
            "words": WORDS,
            "paths": _paths(conversation),
            "pages": _pages(conversation),
            "live": _news(member, client, conversation, lives),
            "reload": {
                "path": f"/messages/{conversation}",
                "items": _messages(client, conversation, RELOADS, "again"),
            },
            # One for each browser that the member uses.
            "logins": [tokens_issue(user=member).refresh for _ in range(8 * loads + 2 * visits + 8)],
        }
        job = progress.add_task("web: pages in Chromium", total=1)
        found = _browse(node, asked, environment=services.environment)
        progress.advance(job)
    return {"tasks": tasks, "users": users, "slow": SLOW} | _summary(found)


def needed() -> tuple[str, str]:
    """Node's path and Chromium's. Raises Missing with what to install."""
    node = shutil.which("node")
    chromium = os.environ.get("CHROMIUM") or next((one for one in BROWSERS if Path(one).exists()), "")
    lacking = [
        remedy
        for lacks, remedy in (
            (not node, "Node.js 20 or newer (with npm)"),
            (
                not chromium or not Path(chromium).exists(),
                "Chromium (apt-get install chromium, or name one in CHROMIUM)",
            ),
            (
                not (FRONTEND / "node_modules" / "playwright-core").is_dir(),
                "the frontend's packages (npm ci in frontend/)",
            ),
            (
                not (Path(settings.FRONTEND_DIST) / "index.html").is_file(),
                "the built application (npm run build in frontend/)",
            ),
        )
        if lacks
    ]
    if lacking:
        raise Missing(f"The section web needs {', '.join(lacking)}; the other sections go on without it.")
    return str(node), chromium


def fill_words(progress: Progress) -> None:
    """The words that search reads, of every task that `data.fill` made from the pool."""
    job = progress.add_task("web: words of tasks", total=1)
    names = dict(Category.objects.values_list("pk", "slug"))
    columns = "n integer PRIMARY KEY, words tsvector, terms sparsevec, script text, text_version text"
    data.execute("DROP TABLE IF EXISTS bench_document")
    data.execute(f"CREATE TABLE bench_document ({columns}, content_version integer)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, title, description, category_id FROM bench_task ORDER BY n")
        rows = []
        for number, title, description, category in cursor.fetchall():
            made = search.document(title=title, names=names[category], body=description)
            terms = SparseVector(made.terms, search.TERM_DIMENSIONS).to_text()
            words = search_index.words_literal(made.words)
            rows.append((number, words, terms, made.script, WORDS_VERSION, 1))
        cursor.executemany("INSERT INTO bench_document VALUES (%s, %s, %s, %s, %s, %s)", rows)
    own = {"task_id": "g + 1", "updated_at": "now()"}
    data.copies(SearchDocument, "bench_document", Task.objects.count(), len(rows), own)
    search_index.terms_count()
    search_index.phrases_refresh()
    cache.clear()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in (*data.TABLES, "recommendations_searchdocument", "recommendations_taskvector"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("RESET statement_timeout")
    progress.advance(job)


def _programs(port: int) -> list[Program]:
    table = programs(bind="127.0.0.1", port=port, flower_port=0, flower=Flower(""))
    limits = {
        "THROTTLE_WS_TICKET": NO_LIMIT,
        "THROTTLE_CHATBOT": NO_LIMIT,
        "APPLICATIONS_PER_DAY": "1000000",
        "CONVERSATIONS_PER_HOUR": "1000000",
        "GEMINI_API_KEY": "none",
    }
    return [
        replace(program, environment=dict(program.environment) | limits)
        for program in table
        if program.name not in {"beat", "flower"}
    ]


def _member() -> User:
    """Both client and freelancer, whom every posted task of `_posts` suits."""
    user = user_register(
        username="member", email="member@example.com", password=None, user_type="both", language="ar"
    )
    ids = Skill.objects.filter(slug__in=SKILLS).values_list("pk", flat=True)
    user_skills_set(actor=user, claims=[SkillClaim(pk, "EXPERT") for pk in ids])
    return user


def _thread(member: User, client: User) -> int:
    """A conversation of some length. Returns its id."""
    conversation = int(
        conversation_open(actor=client, participant_id=member.pk, limited=False).conversation.pk
    )
    lines = ("هل يمكنك البدء هذا الأسبوع؟", "Yes, I can start on Sunday.", "ممتاز، أرسل لي التفاصيل.")
    for number in range(HISTORY):
        message_send(
            actor=(client, member)[number % 2],
            conversation_id=conversation,
            content=f"{lines[number % len(lines)]} {number}",
            limited=False,
        )
    return conversation


def _paths(conversation: int) -> dict[str, str]:
    return {
        "floor": "/offline.html",
        "browse": "/tasks",
        "dashboard": "/dashboard",
        "thread": f"/messages/{conversation}",
    }


def _pages(conversation: int) -> dict[str, dict[str, Any]]:
    task = Task.objects.filter(status="OPEN").order_by("pk").values_list("pk", flat=True)[0]
    guest = {
        "landing": "/",
        "browse": "/tasks",
        "browse with search": "/tasks?search={words}",
        "task": f"/tasks/{task}",
    }
    member = {
        "dashboard": "/dashboard",
        "recommendations": "/recommendations",
        "messages": f"/messages/{conversation}",
        "notifications": "/notifications",
    }
    return {name: {"path": path, "member": False} for name, path in guest.items()} | {
        name: {"path": path, "member": True} for name, path in member.items()
    }


def _news(member: User, client: User, conversation: int, number: int) -> dict[str, dict[str, Any]]:
    """What others do, for each page on which it must be seen."""
    return {
        "message": {
            "path": f"/messages/{conversation}",
            "items": _messages(client, conversation, number, "live"),
        },
        "notification": {"path": "/notifications", "items": list(_applications(member, number))},
        "match": {"path": "/recommendations", "items": list(_posts(client, number))},
    }


def _messages(client: User, conversation: int, number: int, word: str) -> list[dict[str, Any]]:
    token = tokens_issue(user=client).access
    path = f"/api/messages/conversations/{conversation}/messages/"
    made = []
    for place in range(number):
        text = f"{word}-{place}-of-{number}"
        made.append({"path": path, "token": token, "text": text, "body": {"content": text}})
    return made


def _applications(member: User, number: int) -> Iterator[dict[str, Any]]:
    """A freelancer applies to tasks of the member's, each told of by itself."""
    freelancer = User.objects.filter(user_type="freelancer").order_by("pk")[0]
    token = tokens_issue(user=freelancer).access
    category = Category.objects.order_by("pk")[0]
    tasks = Task.objects.bulk_create(
        Task(
            client=member,
            category=category,
            title=f"Own task {place} of {number}",
            description=TEXT.format(place),
            budget=500,
        )
        for place in range(number)
    )
    body = {"proposal": "I have done this before.", "offered_price": "450.00", "estimated_time": "3 days"}
    for task in tasks:
        path = f"/api/tasks/{task.pk}/applications/"
        yield {"path": path, "token": token, "text": task.title, "body": body}


def _posts(client: User, number: int) -> Iterator[dict[str, Any]]:
    """A client posts tasks that suit the member better than the others do."""
    token = tokens_issue(user=client).access
    ids = list(Skill.objects.filter(slug__in=SKILLS).values_list("pk", flat=True))
    for place in range(number):
        title = f"{TITLE} {place} of {number}"
        body = {
            "category": "programming",
            "title": title,
            "description": TEXT.format(place),
            "budget": "5000.00",
            "is_remote": True,
            "required_skills": ids,
        }
        yield {"path": "/api/tasks/", "token": token, "text": title, "body": body}


def _browse(node: str, asked: dict[str, Any], *, environment: dict[str, str]) -> dict[str, Any]:
    child = subprocess.Popen(
        [node, str(SCRIPT)],
        cwd=FRONTEND,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    try:
        output, _ = child.communicate(json.dumps(asked))
    except BaseException:
        # It ends its browser before itself.
        child.terminate()
        child.wait()
        raise
    if child.returncode != 0:
        raise RuntimeError("The browser's part of the section web failed; its message is above.")
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def _summary(found: dict[str, Any]) -> dict[str, Any]:
    floor = percentiles([one["lcp"] for one in found["floor"]])
    press = percentiles([one["inp"] for one in found["floor"]])
    reloaded = percentiles(found["reload"]) if found["reload"] else {}
    seen = {name: percentiles(values) for name, values in found["live"].items()}
    return {
        "browser": found["browser"],
        "floor": {"lcp": floor, "inp": press},
        "pages": {
            name: {language: _page(ones[language], floor["p50"]) for language in LANGUAGES}
            for name, ones in found["loads"].items()
        },
        "steps": _steps(found["visits"], press["p50"]),
        "visits": {
            language: _visit([one for one in found["visits"] if one["language"] == language])
            for language in LANGUAGES
        },
        "live": seen,
        "reload": reloaded,
        "times_reload": {
            name: ratio(reloaded.get("p50", 0.0), one["p50"])
            for name, one in seen.items()
            if name == "message"
        },
    }


def _page(loads: Sequence[dict[str, Any]], floor: float) -> dict[str, Any]:
    lcp = percentiles([one["lcp"] for one in loads])
    worst = max(loads, key=lambda one: one["cls"])
    return {
        "lcp": lcp,
        "times_floor": ratio(lcp["p50"], floor),
        "cls": round(worst["cls"], 3),
        "shifted": worst["shifted"],
        "element": loads[-1]["element"],
        "blocked_ms": round(percentiles([one["blocked"] for one in loads])["p50"]),
    }


def _steps(visits: Sequence[dict[str, Any]], floor: float) -> dict[str, Any]:
    """Each action in both languages together, with the parts of its slowest time."""
    made = {}
    for name in visits[0]["steps"]:
        ones = [one["steps"][name] for one in visits]
        slowest = max(ones, key=lambda one: one["ms"])
        ms = percentiles([one["ms"] for one in ones])
        made[name] = {
            "ms": ms,
            "times_floor": ratio(ms["p50"], floor),
            "slowest": {part: round(slowest.get(part, 0.0)) for part in ("before", "work")},
        }
    return made


def _visit(visits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """INP of a visit is its slowest interaction; its shift the larger of the guest's and the member's."""
    worst = max(
        (one[who] for one in visits for who in ("guest", "member")), key=lambda one: float(one["cls"])
    )
    return {
        "inp": percentiles([max(step["ms"] for step in one["steps"].values()) for one in visits]),
        "cls": round(worst["cls"], 3),
        "shifted": worst["shifted"],
    }
