"""Messages between two clients over real sockets beside a bare Channels echo, and what an idle connection costs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import resource
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import psutil
from rich.progress import Progress
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchlib.numbers import ratio, seconds_summary
from benchlib.services import Services, wait_for
from multitask.accounts.models import User
from multitask.accounts.services.tokens import tokens_issue
from multitask.devstack.processes import free_port, port_is_free
from multitask.devstack.programs import Flower, Program, programs
from multitask.messaging.services.conversations import conversation_open

USERS = 200
PATIENCE_SECONDS = 30.0
MEGABYTE = 1024 * 1024
AT_ONCE = 50
WARM = 60


@dataclass
class Arrivals:
    """When each message was sent, and how long it took to reach the other side."""

    sent: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    def arrived(self, name: str) -> None:
        begun = self.sent.pop(name, None)
        if begun is not None:
            self.took.append(time.perf_counter() - begun)


@dataclass(frozen=True)
class Way:
    """How one server is spoken to. `read` gives the name of a message that came from the other side, or ""."""

    urls: Sequence[str]
    frame: Callable[[int, str], dict[str, Any]]
    read: Callable[[int, dict[str, Any]], str]


def run(
    services: Services,
    progress: Progress,
    *,
    messages: int,
    rounds: int,
    idle: int,
    hold: float,
    rate: float,
    seed: int,
) -> dict[str, Any]:
    """p50, p95 and max in ms from send to receive with 200 connected, ours and a bare Channels echo in turns.

    `messages` a round, `rate` a second in all. Then ours once more with relay and workers at their work beside it, and
    `idle` connections held for `hold` seconds by each server, with the memory of one in kB.
    """
    _allow_files(idle + 500)
    people = _people()
    conversations = [
        conversation_open(actor=one, participant_id=other.pk, limited=False).conversation.pk
        for one, other in zip(people[::2], people[1::2], strict=True)
    ]
    tokens = [tokens_issue(user=user).access for user in people]
    port, bare_port = free_port(), free_port()
    ours = _ours(port, tokens, people, conversations)
    bare = _bare(bare_port)
    chosen = random.Random(seed)  # noqa: S311  (repeatable, no secret)
    took: dict[str, list[list[float]]] = {"ours": [], "bare": []}
    cpu = {"ours": 0.0, "bare": 0.0}
    job = progress.add_task("sockets: send to receive", total=2 * rounds + 1)
    with services.programs([_web(port), _echo(bare_port)]) as supervisor:
        wait_for(
            lambda: not port_is_free("127.0.0.1", port) and not port_is_free("127.0.0.1", bare_port),
            what="Both servers",
            supervisor=supervisor,
        )
        for _ in range(rounds):
            for name, way, program in (("bare", bare, "echo"), ("ours", ours, "web")):
                talk = _talk(way, supervisor.pids[program], messages=messages, rate=rate, chosen=chosen)
                found, worked = _in_loop(talk)
                took[name].append(found)
                cpu[name] += worked
                progress.advance(job)
    # Afresh, so that what is kept for the messages before is not counted.
    with services.programs([_web(port), _echo(bare_port)]) as supervisor:
        wait_for(
            lambda: not port_is_free("127.0.0.1", port) and not port_is_free("127.0.0.1", bare_port),
            what="Both servers",
            supervisor=supervisor,
        )
        holding = progress.add_task("sockets: idle connections", total=2)
        held = {}
        for name, way, program in (("bare", bare, "echo"), ("ours", ours, "web")):
            held[name] = _in_loop(_hold(way, pid=supervisor.pids[program], number=idle, seconds=hold))
            progress.advance(holding)
    with services.programs([_web(port), *_workers()]) as supervisor:
        wait_for(lambda: not port_is_free("127.0.0.1", port), what="The site", supervisor=supervisor)
        time.sleep(8.0)
        talk = _talk(ours, supervisor.pids["web"], messages=messages, rate=rate, chosen=chosen)
        whole, _ = _in_loop(talk)
        progress.advance(job)
    summaries = {
        name: seconds_summary([one for each in found for one in each]) for name, found in took.items()
    }
    return {
        "connected": USERS,
        "messages": messages,
        "rounds": rounds,
        "per_second": rate,
        "ms": summaries | {"ours_with_workers": seconds_summary(whole)},
        "p95_rounds": {
            name: [seconds_summary(each)["p95"] for each in found] for name, found in took.items()
        },
        "cpu_ms": {name: round(1000 * spent / messages / rounds, 2) for name, spent in cpu.items()},
        "times_bare_p50": ratio(summaries["ours"]["p50"], summaries["bare"]["p50"]),
        "times_bare_p95": ratio(summaries["ours"]["p95"], summaries["bare"]["p95"]),
        "idle": held,
    }


def _allow_files(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(number, hard), hard))


def _people() -> list[User]:
    made = [
        User(username=f"socket{number}", email=f"socket{number}@example.com", language="en")
        for number in range(USERS)
    ]
    for user in made:
        user.set_unusable_password()
    return User.objects.bulk_create(made)


def _web(port: int) -> Program:
    table = programs(bind="127.0.0.1", port=port, flower_port=0, flower=Flower(""))
    return next(program for program in table if program.name == "web")


def _workers() -> list[Program]:
    table = programs(bind="127.0.0.1", port=0, flower_port=0, flower=Flower(""))
    return [program for program in table if program.name in {"relay", "worker-general", "worker-outside"}]


def _echo(port: int) -> Program:
    options = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning", "--lifespan", "off")
    return Program("echo", (sys.executable, "-m", "uvicorn", "benchlib.echo:application", *options), stage=0)


def _ours(port: int, tokens: Sequence[str], people: Sequence[User], conversations: Sequence[int]) -> Way:
    def frame(sender: int, name: str) -> dict[str, Any]:
        conversation = conversations[sender // 2]
        return {
            "type": "message.send",
            "conversation": conversation,
            "content": f"Hello {name}",
            "client_id": name,
        }

    def read(receiver: int, said: dict[str, Any]) -> str:
        if said["type"] == "error":
            raise RuntimeError(f"A message was refused: {said}")
        message = said.get("message") if said["type"] == "message.new" else None
        return message["client_id"] if message and message["sender"] != people[receiver].pk else ""

    return Way([f"ws://127.0.0.1:{port}/ws/chat/?token={token}" for token in tokens], frame, read)


def _bare(port: int) -> Way:
    def read(receiver: int, said: dict[str, Any]) -> str:
        return str(said["client_id"]) if said["by"] != str(receiver) else ""

    return Way(
        [f"ws://127.0.0.1:{port}/?pair={number // 2}&me={number}" for number in range(USERS)],
        lambda sender, name: {"content": f"Hello {name}", "client_id": name},
        read,
    )


def _cpu(process: psutil.Process) -> float:
    """Seconds it has worked."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _in_loop(measure: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(measure)
    except (WebSocketException, OSError) as error:
        raise RuntimeError(f"A socket failed: {error}") from error


async def _open(stack: AsyncExitStack, urls: Sequence[str]) -> list[ClientConnection]:
    found: list[ClientConnection] = []
    for first in range(0, len(urls), AT_ONCE):
        group = [
            stack.enter_async_context(
                connect(
                    url, compression=None, ping_interval=None, open_timeout=PATIENCE_SECONDS, max_queue=64
                )
            )
            for url in urls[first : first + AT_ONCE]
        ]
        found += await asyncio.gather(*group)
    return found


async def _talk(
    way: Way, pid: int, *, messages: int, rate: float, chosen: random.Random
) -> tuple[list[float], float]:
    """Seconds from send to receive of each of `messages`, sent by anybody to the other of their pair.

    And the seconds that the server's process worked for them. Those before, by which it opens its connections and
    loads what it needs, are not counted.
    """
    arrivals, server, worked = Arrivals(), psutil.Process(pid), 0.0
    async with AsyncExitStack() as stack:
        sockets = await _open(stack, way.urls)

        async def follow(number: int) -> None:
            with contextlib.suppress(WebSocketException):
                async for text in sockets[number]:
                    name = way.read(number, json.loads(text))
                    if name:
                        arrivals.arrived(name)

        followers = [asyncio.create_task(follow(number)) for number in range(len(sockets))]
        await asyncio.sleep(2.0)
        begun = time.perf_counter()
        for number in range(WARM + messages):
            if number == WARM:
                worked = _cpu(server)
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            sender, name = chosen.randrange(len(sockets)), f"{chosen.getrandbits(64):x}"
            text = json.dumps(way.frame(sender, name))
            arrivals.sent[name] = time.perf_counter()
            await sockets[sender].send(text)
        end = time.perf_counter() + PATIENCE_SECONDS
        while arrivals.sent and time.perf_counter() < end:
            await asyncio.sleep(0.05)
        worked = _cpu(server) - worked
        for follower in followers:
            follower.cancel()
        for done in await asyncio.gather(*followers, return_exceptions=True):
            if isinstance(done, RuntimeError):
                raise done
    if arrivals.sent:
        raise RuntimeError(f"{len(arrivals.sent)} of {messages} messages did not arrive")
    return arrivals.took[WARM:], worked


async def _hold(way: Way, *, pid: int, number: int, seconds: float) -> dict[str, Any]:
    """Memory of a connection, and how many of `number` are still open after `seconds` of saying nothing."""
    process = psutil.Process(pid)
    async with AsyncExitStack() as stack:
        # What the first few cost is paid once.
        await _open(stack, way.urls)
        await asyncio.sleep(2.0)
        before = process.memory_info().rss
        urls = [way.urls[place % len(way.urls)] for place in range(len(way.urls), number)]
        begun = time.perf_counter()
        sockets = await _open(stack, urls)
        opened = time.perf_counter() - begun
        await asyncio.sleep(2.0)
        after = process.memory_info().rss
        busy = _cpu(process)
        await asyncio.sleep(seconds)
        worked = _cpu(process) - busy
        alive = sum(socket.state.name == "OPEN" for socket in sockets) + len(way.urls)
    return {
        "connections": number,
        "still_open": alive,
        "seconds": seconds,
        "opened_per_second": round(len(urls) / opened, 1),
        "kb_each": round((after - before) / len(urls) / 1024, 1),
        "rss_mb": round(after / MEGABYTE, 1),
        "cpu_percent": round(100 * worked / seconds, 1),
    }
