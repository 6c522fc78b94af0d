"""What reading a message costs: its intent, and what was said with it, beside a model that answers in a second."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.progress import Progress

from benchlib.numbers import ratio, seconds_summary

# What the description reckons with for an answer of Gemini.
MODEL_SECONDS = 1.0
# No word's letters are changed below: which word it is could not be told.
SHORTEST = 4
TODAY = date(2026, 11, 22)
# The last: the processor's time of both, which other programs on the machine do not lengthen.
WAYS = ("route", "with_slots", "processor")
KINDS = ("as typed", "mistyped", "longest")
# As many messages of the greatest length that the assistant takes, each of many of the split.
LONGEST, LONG_ONES = 2_000, 50


def run(progress: Progress, *, rounds: int, asked: int, seed: int) -> dict[str, Any]:
    """Every message of the split that nothing was fitted to, in `rounds` fresh processes; the model is asked `asked` times.

    ms by way, kind and language, each message read once a process; of the first message with and without a warm start.
    """
    from benchlib.services import in_child

    job = progress.add_task("router: every message of the split", total=rounds + 2)
    cold = in_child("router", {"warm": False, "seed": seed})
    progress.advance(job)
    parts = []
    for _ in range(rounds):
        parts.append(in_child("router", {"warm": True, "seed": seed}))
        progress.advance(job)
    took: dict[str, Any] = {
        way: {
            kind: {
                language: seconds_summary(
                    [one for part in parts for one in part["took"][way][kind][language]]
                )
                for language in parts[0]["took"][way][kind]
            }
            for kind in KINDS
        }
        for way in WAYS
    }
    model = seconds_summary(_model(asked))
    progress.advance(job)
    slowest = max(ms["p95"] for kind in ("as typed", "mistyped") for ms in took["with_slots"][kind].values())
    return {
        "rounds": rounds,
        "messages": {language: ms["count"] // rounds for language, ms in took["route"]["as typed"].items()},
        "ms": took,
        "first_ms": {
            "cold": seconds_summary([cold["first"]])["max"],
            "warm": seconds_summary([part["first"] for part in parts])["max"],
        },
        "warming_ms": seconds_summary([part["warming"] for part in parts])["p50"],
        "torch": any(part["torch"] for part in [cold, *parts]),
        "slowest_p95": slowest,
        "model_ms": model,
        "times_faster_than_model": ratio(model["p50"], slowest),
    }


def measure(*, warm: bool, seed: int) -> dict[str, Any]:
    """Seconds by way, kind and language in this process, of the first message, and of a warm start where `warm`."""
    from ml.chatbot.intents import DATA, LANGUAGES, Intent, route
    from ml.chatbot.slots import slots_of
    from ml.chatbot.warm import warm as make_ready

    begun = time.perf_counter()
    if warm:
        make_ready()
    warming = time.perf_counter() - begun
    rng = random.Random(seed)  # noqa: S311  (repeatable, no secret)
    lines = {
        language: (DATA / f"split_{language}.tsv").read_text(encoding="utf-8").splitlines()
        for language in LANGUAGES
    }
    rows = _rows(
        {language: [line.split("\t")[1] for line in found] for language, found in lines.items()}, rng
    )
    took: dict[str, dict[str, dict[str, list[float]]]] = {
        way: {kind: {language: [] for language in LANGUAGES} for kind in KINDS} for way in WAYS
    }
    first = 0.0
    for kind, language, text in rows if warm else rows[:1]:
        begun, processor = time.perf_counter(), time.thread_time()
        routed = route(text)
        found = time.perf_counter() - begun
        slots_of(text, today=TODAY, intent=Intent(routed.intent))
        whole, processor = time.perf_counter() - begun, time.thread_time() - processor
        first = first or whole
        took["route"][kind][language].append(found)
        took["with_slots"][kind][language].append(whole)
        took["processor"][kind][language].append(processor)
    return {"took": took, "first": first, "warming": warming, "torch": "torch" in sys.modules}


def mistyped(text: str, rng: random.Random) -> str:
    """`text` with one letter of one of its longer words dropped, doubled, changed with its neighbour, or another."""
    words = text.split(" ")
    places = [place for place, word in enumerate(words) if len(word) >= SHORTEST and word.isalpha()]
    if not places:
        return text
    place = rng.choice(places)
    word = words[place]
    at = rng.randrange(1, len(word) - 1)
    kinds = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + rng.choice(word) + word[at + 1 :],
    )
    words[place] = rng.choice(kinds)
    return " ".join(words)


def _rows(texts: Mapping[str, Sequence[str]], rng: random.Random) -> list[tuple[str, str, str]]:
    """(kind, language, text) in a random order: each text as it is and mistyped, and long ones made of them."""
    found = [("as typed", language, text) for language, some in texts.items() for text in some]
    found += [("mistyped", language, mistyped(text, rng)) for _, language, text in found]
    for language, some in texts.items():
        for _ in range(LONG_ONES):
            long = " ".join(rng.sample(some, len(some)))[:LONGEST]
            found.append(("longest", language, long))
    rng.shuffle(found)
    return found


def _model(asked: int) -> list[float]:
    """Seconds to the whole answer of Google's library from a server of ours that takes MODEL_SECONDS."""
    from ml.chatbot.llm import Gemini
    from ml.chatbot.prompts import build
    from multitask.testing.gemini import GeminiServer

    prompt = build(
        message="Tell me about the moon", history=[], language="en", user_type="client", page=None, pages=[],
        categories=[], canary="bench", budget=2_000,
    )  # fmt: skip
    took = []
    with GeminiServer(mode="slow", delay=MODEL_SECONDS, piece=100_000) as server:
        model = Gemini(key="bench", model="gemini-bench", endpoint=server.url, seconds=20.0)
        for _ in range(asked):
            begun = time.perf_counter()
            list(model.stream(prompt))
            took.append(time.perf_counter() - begun)
    return took
