"""What somebody wants of the assistant: curated rules and examples, weighed by a small linear model.

A message is read (`router.words`: language, words, what kind of words), rules and words become hashed features
(`router.features`), and weights fitted to the examples of `ml/data/chatbot` (`ml.chatbot.build`) give each intent its
share. No network, no torch; a few milliseconds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.chatbot.router.features import BUCKETS, features
from ml.chatbot.router.rules import brake, matching
from ml.chatbot.router.words import Language, Reading, pieces, read
from ml.text import arabic_share, has_words, normalise

DATA = Path(__file__).resolve().parents[1] / "data" / "chatbot"
WEIGHTS = DATA / "router.npz"
LANGUAGES: tuple[Language, ...] = ("en", "ar", "latin")
# Two intents closer than this are asked about (Rasa's rule for the first two), and so is what is hardly likelier than not.
CLOSE = 0.1
LEAST = 0.4
# Beginning a task writes: what could as well be something else is that, and a task is asked about.
LEAST_TO_CREATE = 0.6
# Where fewer than half of the letters are Arabic the words are Latin ones.
ARABIC = 0.5


class Intent(StrEnum):
    RECOMMEND_TASKS = "RECOMMEND_TASKS"
    CREATE_TASK = "CREATE_TASK"
    NAVIGATION = "NAVIGATION"
    HELP = "HELP"
    GENERAL_CHAT = "GENERAL_CHAT"


@dataclass(frozen=True, slots=True)
class Routed:
    """`confidence` is the intent's share, 0 to 1; where `unsure`, ask whether it or `runner_up` is meant.

    `decided_by` is "rule:NAME" where a rule of the intent holds, else "example:LINE TEXT" of the nearest one.
    """

    intent: Intent
    confidence: float
    runner_up: Intent | None
    unsure: bool
    decided_by: str
    language: str


@dataclass(frozen=True, slots=True)
class _Weights:
    table: NDArray[np.float32]  # BUCKETS x intents
    bias: NDArray[np.float32]
    guess: NDArray[np.float32]


def digest_of_examples() -> str:
    """What the weights were fitted to: changes with any of the examples and the kinds of words."""
    digest = hashlib.sha256((DATA / "concepts.tsv").read_bytes())
    for language in LANGUAGES:
        digest.update((DATA / f"examples_{language}.tsv").read_bytes())
    return digest.hexdigest()


@cache
def _weights() -> _Weights:
    with np.load(WEIGHTS) as kept:
        table = np.zeros((BUCKETS, len(Intent)), dtype=np.float32)
        table[kept["buckets"]] = kept["weights"].T
        return _Weights(table, kept["bias"], kept["guess"])


def language_of(text: str) -> Language:
    """Whether a message is in English, in Arabic, or in Arabic in Latin letters."""
    if arabic_share(text) >= ARABIC:
        return "ar"
    counts: dict[int, float] = {}
    for word in normalise(text[:1000]).split()[:60]:
        for piece in pieces(word):
            counts[piece] = counts.get(piece, 0.0) + 1.0
    if not counts:
        return "en"
    guess = _weights().guess
    length = sum(value * value for value in counts.values()) ** 0.5
    score = sum(guess[piece] * value for piece, value in counts.items()) / length + guess[-1]
    return "latin" if score > 0 else "en"


@cache
def _examples(language: Language) -> tuple[tuple[str, str, frozenset[str]], ...]:
    lines = (DATA / f"examples_{language}.tsv").read_text(encoding="utf-8").splitlines()
    split = (line.split("\t") for line in lines)
    return tuple((intent, text, frozenset(normalise(text).split())) for intent, text in split)


def _nearest(reading: Reading, intent: Intent) -> str:
    """The example of the intent that shares most words with the message (Jaccard), the first of equals."""
    words = frozenset(reading.words)
    best, found = -1.0, ""
    for number, (kind, text, theirs) in enumerate(_examples(reading.language), start=1):
        if kind == intent:
            share = len(words & theirs) / (len(words | theirs) or 1)
            if share > best:
                best, found = share, f"example:{number} {text}"
    return found


def route(text: str) -> Routed:
    """What is wanted, how surely, and what decided it. Deterministic; never raises."""
    language = language_of(text)
    if not has_words(text):
        return Routed(Intent.GENERAL_CHAT, 1.0, None, False, "rule:no_words", language)
    reading = read(text, language)
    rules = matching(reading)
    buckets, values = features(reading, [rule.name for rule in rules])
    kept = _weights()
    scores = values @ kept.table[buckets] + kept.bias
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    intents = list(Intent)
    create = intents.index(Intent.CREATE_TASK)
    named = brake(reading)
    if named:
        shares[create] = 0.0
        shares /= shares.sum()
    first, second = np.argsort(-shares, kind="stable")[:2]
    unsure = bool(shares[first] < LEAST or shares[first] - shares[second] < CLOSE)
    if first == create and shares[first] < LEAST_TO_CREATE:
        first, second, unsure = second, first, True
    intent, confidence = intents[first], float(shares[first])
    named = named or next((rule.name for rule in rules if rule.intent == intent), None)
    decided_by = f"rule:{named}" if named else _nearest(reading, intent)
    return Routed(intent, confidence, intents[second], unsure, decided_by, language)
