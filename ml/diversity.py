"""The order in which a list is read: relevance and newness, then variety, and a place for what few have seen.

Variety is maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): of what is left the one comes next that is
best after a discount for how like it is to those already there, on average: in `ml.simulate` that buys more variety at
the same cost than the nearest of them does. Alike are texts of one meaning (the
cosine, estimated from the signs of both vectors: Charikar, STOC 2002), tasks of one category and of one client.

The same items, time and seed give the same order, whatever order they come in; a shorter reading is the beginning of a
longer one.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

HALF_LIFE_DAYS = 7.0
RECENCY_BOOST = 0.15
REPEAT_DISCOUNT = 0.97
REPEAT_FLOOR = 0.85

# How much of its value something loses that is wholly like what stands before it.
DIVERSITY = 0.45
# So many of the best are put in order with variety; what comes after them stays in the order of its value.
POOL = 100
COSINE_LOW, COSINE_HIGH = 0.25, 0.95
SHARE_MEANING, SHARE_CATEGORY, SHARE_CLIENT = 0.75, 0.15, 0.1
# Two texts of one category of which nothing more is known.
KIN = 0.2

# One place in `EVERY`, the `PLACE`th, is for what fewer than `ENOUGH` readings have shown; its value must be at least
# `WORTH` of what stands there otherwise.
EVERY, PLACE = 10, 7
ENOUGH = 20
FRESH_DAYS = 21.0
WORTH = 0.5


@dataclass(frozen=True, slots=True)
class Item:
    """What `arrange` needs of a list's row; `created_at` is aware.

    `signs` are the signs of the text's vector, 8 to a byte, b"" where there is none; `shown` says in how many readings it
    was shown, to anybody.
    """

    task_id: int
    score: float
    category_id: int
    created_at: datetime
    client_id: int = 0
    signs: bytes = b""
    shown: int = ENOUGH


@dataclass(frozen=True, slots=True)
class Place:
    """One row in reading order; `explored` where it stands for being little seen rather than for its value."""

    task_id: int
    explored: bool = False


def lottery(seed: str, number: int) -> float:
    """A number of [0, 1) that depends on `seed` and `number` alone."""
    digest = hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def arrange(
    items: Sequence[Item],
    *,
    now: datetime,
    limit: int | None = None,
    seed: str = "",
    diversity: float = DIVERSITY,
    newness: float = RECENCY_BOOST,
    explore: bool = True,
) -> list[Place]:
    """Rows in reading order: score, raised by up to 15 % while new (half-life 7 days), varied, one in ten little seen.

    Equals go by id, the newest first. Which of the little seen gets the place is drawn with `seed` (say, the reader
    and the day), every one of them alike.
    """
    values = {item.task_id: _value(item, now, newness) for item in items}
    ranked = sorted(items, key=lambda item: (-values[item.task_id], -item.task_id))
    pool, rest = ranked[:POOL], ranked[POOL:]
    length = len(ranked) if limit is None else min(limit, len(ranked))
    order = [*_vary(pool, values, diversity=diversity, length=length), *rest]
    if not explore:
        return [Place(item.task_id) for item in order[:length]]
    return _explore(order, values, now=now, length=length, seed=seed)


def _value(item: Item, now: datetime, newness: float) -> float:
    age = max(0.0, (now - item.created_at).total_seconds() / 86_400)
    return item.score * (1.0 + newness * 0.5 ** (age / HALF_LIFE_DAYS))


def _vary(pool: Sequence[Item], values: Mapping[int, float], *, diversity: float, length: int) -> list[Item]:
    """The first `length` with variety, the others as they come."""
    if not pool:
        return []
    value = np.array([values[item.task_id] for item in pool])
    alike = Alike(pool)
    said = np.zeros(len(pool))
    left = np.ones(len(pool), dtype=np.bool_)
    order: list[Item] = []
    for _ in range(min(length, len(pool))):
        # The pool comes by value and id, and argmax takes the first of equals.
        discount = diversity * said / max(1, len(order))
        chosen = int(np.argmax(np.where(left, value * (1.0 - discount), -np.inf)))
        left[chosen] = False
        order.append(pool[chosen])
        said += alike.to(chosen)
    return [*order, *(item for item, is_left in zip(pool, left, strict=True) if is_left)]


class Alike:
    """How like items are to each other, 0 to 1."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._category = np.array([item.category_id for item in items])
        self._client = np.array([item.client_id for item in items])
        self._known = np.array([bool(item.signs) for item in items])
        length = max((len(item.signs) for item in items), default=0)
        rows = [np.frombuffer(item.signs.ljust(length, b"\0"), dtype=np.uint8) for item in items]
        bits = np.unpackbits(np.array(rows, dtype=np.uint8).reshape(len(items), length), axis=1)
        self._signs: NDArray[np.float32] = bits.astype(np.float32) * 2.0 - 1.0

    def to(self, place: int) -> NDArray[np.float64]:
        """Of every item to the one at `place`. Without both meanings the category says a little of them."""
        category = (self._category == self._category[place]).astype(np.float64)
        client = ((self._client == self._client[place]) & (self._client[place] != 0)).astype(np.float64)
        meaning = kin = KIN * category
        if self._known[place]:
            agree = self._signs @ self._signs[place] / max(1, self._signs.shape[1])
            cosine = np.sin(agree.astype(np.float64) * (math.pi / 2.0))
            near = np.clip((cosine - COSINE_LOW) / (COSINE_HIGH - COSINE_LOW), 0.0, 1.0)
            meaning = np.where(self._known, near, kin)
        return SHARE_MEANING * meaning + SHARE_CATEGORY * category + SHARE_CLIENT * client


def _explore(
    order: Sequence[Item], values: Mapping[int, float], *, now: datetime, length: int, seed: str
) -> list[Place]:
    """Give every tenth place to something little seen from further down, where there is such and it is not so already."""
    seldom = {
        item
        for item in order
        if item.shown < ENOUGH and (now - item.created_at).total_seconds() <= FRESH_DAYS * 86_400
    }
    drawn = sorted(seldom, key=lambda item: (lottery(seed, item.task_id), item.task_id))
    placed: set[int] = set()
    found: list[Place] = []
    at = 0
    for number in range(length):
        while order[at].task_id in placed:
            at += 1
        best, guest = order[at], None
        if number % EVERY == PLACE - 1 and best not in seldom:
            least = WORTH * values[best.task_id]
            others = (one for one in drawn if one.task_id not in placed)
            guest = next((one for one in others if values[one.task_id] >= least), None)
        placed.add((guest or best).task_id)
        found.append(Place((guest or best).task_id, explored=guest is not None))
    return found


def diversify(queues: Mapping[int, list[tuple[float, int]]], *, limit: int) -> list[tuple[float, int]]:
    """Merge lists of (-value, -id), one a category, discounting repeats; the values come back discounted."""
    shown = dict.fromkeys(queues, 0)
    heads: list[tuple[float, int, int]] = []
    for category, queue in queues.items():
        heapq.heapify(queue)
        heads.append((*queue[0], category))
    heapq.heapify(heads)
    order: list[tuple[float, int]] = []
    while heads and len(order) < limit:
        value, negative_id, category = heapq.heappop(heads)
        order.append((value, negative_id))
        heapq.heappop(queues[category])
        shown[category] += 1
        if queues[category]:
            discount = max(REPEAT_FLOOR, REPEAT_DISCOUNT ** shown[category])
            following, next_id = queues[category][0]
            heapq.heappush(heads, (following * discount, next_id, category))
    return order
