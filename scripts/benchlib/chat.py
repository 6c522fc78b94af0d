"""What it costs to wait for the model, and what commands cost beside those who wait."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psutil
from django.db import connection, transaction
from rich.progress import Progress

from benchlib.numbers import ratio, seconds_summary
from benchlib.services import Services, wait_for
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.chatbot.models import ChatMessage, MessageState
from multitask.chatbot.services.answers import Answered, answer_end
from multitask.devstack.processes import free_port, port_is_free
from multitask.devstack.programs import Flower, Program, programs

QUESTION = "Tell me something about the moon and poetry"
# Of all three kinds: a page, recommendations, a question about the platform.
COMMANDS = ("Go to dashboard", "Find me some tasks", "How do I withdraw an application here?")
PEOPLE = 40
MODEL_SECONDS = 2.0
MODEL_MS = 1_000.0


def run(services: Services, progress: Progress, *, chats: int, seconds: float) -> dict[str, Any]:
    """`chats` general chats are kept waiting for a model of `MODEL_SECONDS` for `seconds`, commands beside them.

    ms of commands alone and beside the chats; threads and database connections of the web process before and meanwhile;
    ms that a general chat took above the model's own time.
    """
    people = User.objects.bulk_create(
        User(
            username=f"chat{number}",
            email=f"chat{number}@example.com",
            language="en",
            user_type="freelancer",
        )
        for number in range(PEOPLE)
    )
    tokens = [tokens_issue(user=user).access for user in people]
    port = free_port()
    job = progress.add_task("chat: commands beside those who wait", total=3)
    with services.programs([_web(port)]) as supervisor:
        wait_for(lambda: not port_is_free("127.0.0.1", port), what="The site", supervisor=supervisor)
        web = psutil.Process(supervisor.pids["web"])
        _commands(port, tokens, seconds=1.0)
        before = {"threads": web.num_threads(), "connections": _connections()}
        alone = _commands(port, tokens, seconds=seconds)
        progress.advance(job)
        stop = threading.Event()
        model = threading.Thread(target=_model, args=(stop,))
        model.start()
        try:
            with ThreadPoolExecutor(chats) as pool:
                waits = [
                    pool.submit(_chat_for, port, tokens[n % PEOPLE], seconds + MODEL_SECONDS)
                    for n in range(chats)
                ]
                time.sleep(MODEL_SECONDS)
                meanwhile = {"threads": web.num_threads(), "connections": _connections()}
                waiting = ChatMessage.objects.filter(state=MessageState.PENDING).count()
                beside = _commands(port, tokens, seconds=seconds)
                progress.advance(job)
                took = [one for wait in waits for one in wait.result()]
        finally:
            stop.set()
            model.join()
        progress.advance(job)
    ms = {"alone": seconds_summary(alone), "beside": seconds_summary(beside)}
    return {
        "chats": chats,
        "waiting": waiting,
        "model_seconds": MODEL_SECONDS,
        "ms": ms,
        "times_faster_than_model": ratio(MODEL_MS, ms["beside"]["p95"]),
        "before": before,
        "meanwhile": meanwhile,
        "chat_over_model": seconds_summary([max(0.0, one - MODEL_SECONDS) for one in took]),
    }


def _web(port: int) -> Program:
    table = programs(bind="127.0.0.1", port=port, flower_port=0, flower=Flower(""))
    found = next(program for program in table if program.name == "web")
    limits = {"THROTTLE_CHATBOT": "1000000/min", "THROTTLE_USER": "1000000/min", "CHAT_DAILY_MESSAGES": "0"}
    return replace(found, environment=dict(found.environment) | limits | {"GEMINI_API_KEY": "none"})


def _post(port: int, token: str, message: str) -> float:
    begun = time.perf_counter()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/chatbot/chat/",
        json.dumps({"message": message}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310
        answer.read()
    return time.perf_counter() - begun


def _commands(port: int, tokens: Sequence[str], *, seconds: float) -> list[float]:
    end = time.monotonic() + seconds
    took: list[float] = []
    while time.monotonic() < end:
        place = len(took)
        took.append(_post(port, tokens[place % PEOPLE], COMMANDS[place % len(COMMANDS)]))
    return took


def _chat_for(port: int, token: str, seconds: float) -> list[float]:
    end = time.monotonic() + seconds
    took: list[float] = []
    while time.monotonic() < end:
        took.append(_post(port, token, QUESTION))
    return took


def _model(stop: threading.Event) -> None:
    """Ends each answer `MODEL_SECONDS` after it was asked, as the workers would."""
    asked: dict[int, float] = {}
    try:
        while not stop.is_set():
            now = time.monotonic()
            rows = ChatMessage.objects.filter(state=MessageState.PENDING)
            for number in list(rows.values_list("pk", flat=True)):
                if now - asked.setdefault(number, now) >= MODEL_SECONDS:
                    with transaction.atomic():
                        answer_end(
                            message_id=number,
                            answered=Answered("The moon rhymes with June.", None, "a-model", 100, 10),
                        )
            time.sleep(0.02)
    finally:
        connection.close()


def _connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
