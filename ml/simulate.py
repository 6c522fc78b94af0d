"""A pretend market to measure what no labelled set can: who is shown at all, how varied lists are, what learning brings.

Freelancers and tasks have skills of a few categories, some skills common and some rare; what a freelancer truly thinks of
a task weighs skills, meaning, budget and place otherwise than the description does, with a taste and noise of their own.
Day by day freelancers read ten rows of their list by the product's own scorer and order, look at a place the less the
further down it is, click and apply by what they truly think, and dismiss with a cause. Half-way through, the log is
learned from. The figures say how the product's parts behave among themselves, not what a real market will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from ml import learning
from ml.batch import ELSEWHERE, HERE, REMOTE, TaskTable, score_table
from ml.diversity import DIVERSITY, RECENCY_BOOST, Item, arrange
from ml.evaluation.measures import ndcg_shown
from ml.ranking import PROFICIENCY_WEIGHT, ProfileFacts, Signals, TaskFacts, score_pair
from ml.statistics import PLAIN, Statistics, gather

Floats = NDArray[np.float64]

SKILLS, CATEGORIES, CITIES, CLIENTS, MEANINGS = (
    120,
    9,
    ("Cairo", "Giza", "Alexandria", "Tanta", "Aswan"),
    80,
    64,
)
ROWS = 10
OPEN_DAYS = 14
READS = 0.5
LOOKS = 0.7  # how fast attention falls with the place
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """People and tasks as facts, `posted` days, `vectors` of tasks, and (people, tasks) tables of both similarities and
    of what people truly think, 0 to 1.
    """

    people: list[ProfileFacts]
    tasks: list[TaskFacts]
    clients: NDArray[np.int64]
    posted: Floats
    vectors: Floats
    cosine: Floats
    tfidf: Floats
    truth: Floats


@dataclass(slots=True)
class Log:
    """What a run has seen: showings for learning, how often each task was shown, and counts of actions."""

    showings: list[learning.Showing] = field(default_factory=list)
    shown: dict[int, int] = field(default_factory=dict)
    gone: dict[int, set[int]] = field(default_factory=dict)
    actions: list[int] = field(default_factory=list)


def world(*, people: int, tasks: int, days: int, seed: int) -> World:
    """A market of that size; tasks are posted from `OPEN_DAYS` before the first day on."""
    dice = np.random.default_rng(seed)
    category_of = np.arange(SKILLS) % CATEGORIES
    common = 1.0 / (1.0 + np.arange(SKILLS) // CATEGORIES)
    centres = dice.standard_normal((CATEGORIES, MEANINGS))
    meaning = centres[category_of] + 0.8 * dice.standard_normal((SKILLS, MEANINGS))

    def some(category: int, number: int) -> list[int]:
        mine = np.flatnonzero(category_of == category)
        chance = common[mine] / common[mine].sum()
        return [
            int(one) + 1 for one in dice.choice(mine, size=min(number, len(mine)), replace=False, p=chance)
        ]

    def text(skills: Sequence[int]) -> Floats:
        whole = meaning[[skill - 1 for skill in skills]].mean(axis=0) + 0.5 * dice.standard_normal(MEANINGS)
        return np.asarray(whole / np.linalg.norm(whole))

    made_people, texts, taste = [], [], []
    for number in range(people):
        home = int(dice.integers(CATEGORIES))
        skills = some(home, int(dice.integers(2, 6)))
        if dice.random() < 0.3:
            skills += some(int(dice.integers(CATEGORIES)), 2)
        levels = dice.choice(sorted(PROFICIENCY_WEIGHT.values()), size=len(skills))
        made_people.append(
            ProfileFacts(
                user_id=number + 1,
                skills={skill: float(level) for skill, level in zip(skills, levels, strict=True)},
                min_budget=Decimal(int(dice.lognormal(6.5, 0.6))) if dice.random() < 0.6 else None,
                max_budget=None,
                city=str(dice.choice(CITIES)),
                prefer_remote=bool(dice.random() < 0.4),
                prefer_physical=bool(dice.random() < 0.2),
                task_types=frozenset(),
                categories=frozenset({home + 1}) if dice.random() < 0.5 else frozenset(),
            )
        )
        texts.append(text(skills))
        taste.append(dice.standard_normal(CATEGORIES))
    made_tasks, vectors = [], []
    for number in range(tasks):
        home = int(dice.integers(CATEGORIES))
        wanted = some(home, int(dice.integers(1, 5)))
        told = int(dice.integers(0, len(wanted) + 1))
        made_tasks.append(
            TaskFacts(
                task_id=number + 1,
                required=frozenset(wanted[told:]),
                mentioned=frozenset(wanted[:told]),
                budget=Decimal(int(dice.lognormal(7.0, 0.8)) + 50),
                city=str(dice.choice(CITIES)),
                is_remote=bool(dice.random() < 0.5),
                task_type="DIGITAL",
                category_id=home + 1,
            )
        )
        vectors.append(text(wanted))
    posted = np.sort(dice.uniform(-OPEN_DAYS, days, size=tasks))
    near = np.array(texts) @ np.array(vectors).T
    truth, words = _truth(made_people, made_tasks, near, np.array(taste), dice)
    return World(
        people=made_people,
        tasks=made_tasks,
        clients=dice.zipf(1.6, size=tasks) % CLIENTS + 1,
        posted=posted,
        vectors=np.array(vectors),
        # The scale of real cosines: unrelated texts at about 0.1, related ones at 0.3 to 0.7.
        cosine=0.05 + 0.75 * np.maximum(near, 0.0),
        tfidf=words,
        truth=truth,
    )


def _truth(
    people: Sequence[ProfileFacts],
    tasks: Sequence[TaskFacts],
    near: Floats,
    taste: Floats,
    dice: np.random.Generator,
) -> tuple[Floats, Floats]:
    """What each thinks of each, and the words they share, (people, tasks) both."""
    category = np.array([task.category_id for task in tasks]) - 1
    budget = np.array([float(task.budget) for task in tasks])
    remote = np.array([task.is_remote for task in tasks])
    city = np.array([task.city for task in tasks])
    truth, words = np.zeros(near.shape), np.zeros(near.shape)
    for row, person in enumerate(people):
        skill = np.array([_share(person, task) for task in tasks])
        pays = (
            np.ones(len(tasks))
            if person.min_budget is None
            else np.minimum(1.0, budget / float(person.min_budget))
        )
        reach = np.where(
            remote, 1.0 if not person.prefer_physical else 0.4, np.where(city == person.city, 1.0, 0.1)
        )
        like = (
            3.0 * skill
            + 2.5 * np.maximum(near[row], 0.0)
            + 1.8 * pays
            + 1.4 * reach
            + 0.4 * taste[row][category]
            + 0.5 * dice.standard_normal(len(tasks))
        )
        truth[row] = 1.0 / (1.0 + np.exp(-1.6 * (like - 6.0)))
        words[row] = np.maximum(0.0, 0.35 * skill * dice.random(len(tasks)) + 0.02 * dice.random(len(tasks)))
    return truth, words


def _share(person: ProfileFacts, task: TaskFacts) -> float:
    wanted = task.required | task.mentioned
    return sum(person.skills.get(skill, 0.0) for skill in wanted) / len(wanted) if wanted else 0.0


@dataclass(frozen=True, slots=True)
class Policy:
    """How lists are read."""

    statistics: Statistics = PLAIN
    diversity: float = DIVERSITY
    explore: bool = True
    newness: float = RECENCY_BOOST


class Market:
    """A world in motion: who reads what on which day, and what comes of it."""

    def __init__(self, given: World, *, seed: int) -> None:
        self.world = given
        self.log = Log()
        self._dice = np.random.default_rng(seed + 1)
        self._signs = [np.packbits(vector > 0).tobytes() for vector in given.vectors]

    def open_on(self, day: int) -> NDArray[np.int64]:
        """Positions of the tasks that are open on that day."""
        posted = self.world.posted
        return np.flatnonzero((posted <= day) & (posted > day - OPEN_DAYS))

    def order(self, person: int, at: NDArray[np.int64], day: int, policy: Policy) -> list[tuple[int, float]]:
        """(position of a task, score) of the `ROWS` rows that a person is shown."""
        given = self.world
        profile = given.people[person]
        scores, members = score_table(profile, self._table(profile, person, at), statistics=policy.statistics)
        seen = self.log.gone.get(person, set())
        now = BEGIN + timedelta(days=day)
        items, values = [], {}
        for place in np.flatnonzero(members).tolist():
            position = int(at[place])
            if position in seen:
                continue
            task = given.tasks[position]
            values[task.task_id] = float(scores[place])
            items.append(
                Item(
                    task_id=task.task_id,
                    score=values[task.task_id],
                    category_id=task.category_id,
                    created_at=BEGIN + timedelta(days=float(given.posted[position])),
                    client_id=int(given.clients[position]),
                    signs=self._signs[position],
                    shown=self.log.shown.get(position, 0),
                )
            )
        # A list keeps its best 200.
        items = sorted(items, key=lambda item: (-item.score, -item.task_id))[:200]
        places = arrange(
            items,
            now=now,
            limit=ROWS,
            seed=f"{person}:{day}",
            diversity=policy.diversity,
            newness=policy.newness,
            explore=policy.explore,
        )
        return [(place.task_id - 1, values[place.task_id]) for place in places]

    def _table(self, profile: ProfileFacts, person: int, at: NDArray[np.int64]) -> TaskTable:
        given = self.world
        tasks = [given.tasks[position] for position in at.tolist()]

        def pairs(sets: Sequence[frozenset[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
            rows = [(place, skill) for place, skills in enumerate(sets) for skill in skills]
            both = np.array(rows, dtype=np.int64).reshape(-1, 2)
            return both[:, 0], both[:, 1]

        return TaskTable(
            ids=at,
            cosine=given.cosine[person, at],
            tfidf=given.tfidf[person, at],
            budget=np.array([float(task.budget) for task in tasks]),
            place=np.array(
                [
                    REMOTE if task.is_remote else HERE if task.city == profile.city else ELSEWHERE
                    for task in tasks
                ]
            ),
            task_type=np.zeros(len(tasks), dtype=np.int64),
            category=np.array([task.category_id for task in tasks], dtype=np.int64),
            required=pairs([task.required for task in tasks]),
            mentioned=pairs([task.mentioned for task in tasks]),
            types=["DIGITAL"],
        )

    def live(self, day: int, policy: Policy) -> None:
        """One day: some people read, look, click, apply and dismiss."""
        at = self.open_on(day)
        for person in range(len(self.world.people)):
            if self._dice.random() < READS:
                self._read(person, self.order(person, at, day, policy))

    def _read(self, person: int, rows: Sequence[tuple[int, float]]) -> None:
        given, log = self.world, self.log
        gone = log.gone.setdefault(person, set())
        shown = []
        actions = 0
        for place, (position, _) in enumerate(rows):
            log.shown[position] = log.shown.get(position, 0) + 1
            truth = float(given.truth[person, position])
            outcome = ""
            if self._dice.random() < (1.0 + place) ** -LOOKS:
                if self._dice.random() < truth:
                    applied = self._dice.random() < truth
                    outcome = "applied" if applied else "clicked"
                    actions += 1
                elif truth < 0.2 and self._dice.random() < 0.15:
                    outcome = "dismissed"
            if outcome in {"applied", "dismissed"}:
                gone.add(position)
            signals = Signals(float(given.cosine[person, position]), float(given.tfidf[person, position]))
            match = score_pair(given.people[person], given.tasks[position], signals)
            shown.append(learning.Row(match.parts, outcome))
        log.showings.append(learning.Showing(user=person, rows=shown))
        log.actions.append(actions)


def simulate(*, people: int = 240, tasks: int = 1_400, days: int = 24, seed: int = 7) -> dict[str, float]:
    """Run the market and measure it; see `_measure` for the figures. About half a minute at the default size."""
    given = world(people=people, tasks=tasks, days=days, seed=seed)
    rarity, related = gather(
        [task.required | task.mentioned for task in given.tasks] + [person.skills for person in given.people],
        {skill: (skill - 1) % CATEGORIES for skill in range(1, SKILLS + 1)},
    )
    before = Statistics(version=1, rarity=rarity, related=related)
    market, blind = Market(given, seed=seed), Market(given, seed=seed)
    half = days // 2
    for day in range(half):
        market.live(day, Policy(statistics=before))
        blind.live(day, Policy(statistics=before, explore=False))
    learned = learning.learn(market.log.showings)
    after = Statistics(version=2, rarity=rarity, related=related, factors=learned.factors)
    for day in range(half, days):
        market.live(day, Policy(statistics=after))
        blind.live(day, Policy(statistics=before, explore=False))
    fitted = Statistics(version=3, rarity=rarity, related=related, factors=learned.fitted)
    found = _measure(market, blind, before, fitted, day=days - 1)
    return found | {
        "learned: held-out gain, nats a row": learned.gain,
        "learned: its standard error": learned.error,
        "learned: adopted": float(learned.adopted),
        "learned: actions": float(learned.actions),
    }


def _measure(
    market: Market, blind: Market, before: Statistics, learned: Statistics, *, day: int
) -> dict[str, float]:
    """Figures at the end: quality, variety, who is shown at all, and what each part of the reading costs.

    nDCG@10 has what people truly think as gain. Diversity is one minus the mean cosine within a list of ten. Coverage is
    the share of open tasks in anybody's ten; never shown is of the tasks three days old and more, over the whole run.
    """
    plain = Policy(statistics=before, diversity=0.0, explore=False, newness=0.0)
    ways: Mapping[str, Policy] = {
        "relevance": plain,
        "learned": Policy(statistics=learned, diversity=0.0, explore=False, newness=0.0),
        "no statistics": Policy(diversity=0.0, explore=False, newness=0.0),
        "varied": Policy(statistics=before, explore=False, newness=0.0),
        "explored": Policy(statistics=before, diversity=0.0, newness=0.0),
        "read": Policy(statistics=before),
    }
    at = market.open_on(day)
    found: dict[str, float] = {}
    for name, policy in ways.items():
        lists = [
            [position for position, _ in market.order(person, at, day, policy)]
            for person in range(len(market.world.people))
        ]
        found[f"ndcg@10: {name}"] = _ndcg(market, lists, at)
        found[f"diversity: {name}"] = _diversity(market.world.vectors, lists)
        found[f"coverage@10: {name}"] = len({one for rows in lists for one in rows}) / max(1, len(at))
    base = found["ndcg@10: relevance"] or 1.0
    for name in ("varied", "explored", "read"):
        found[f"cost: {name}"] = 1.0 - found[f"ndcg@10: {name}"] / base
    found["gain: diversity"] = found["diversity: varied"] / (found["diversity: relevance"] or 1.0) - 1.0
    found["gain: learned"] = found["ndcg@10: learned"] / base - 1.0
    old = np.flatnonzero((market.world.posted <= day - 3) & (market.world.posted >= 0.0)).tolist()
    for name, one in (("with exposure", market), ("without", blind)):
        found[f"never shown: {name}"] = sum(task not in one.log.shown for task in old) / max(1, len(old))
    return found


def _ndcg(market: Market, lists: Sequence[Sequence[int]], at: NDArray[np.int64]) -> float:
    values = []
    for person, rows in enumerate(lists):
        gone = market.log.gone.get(person, set())
        left = [position for position in at.tolist() if position not in gone]
        if left:
            truth = market.world.truth[person]
            values.append(float(ndcg_shown(truth[list(rows)], truth[left], ROWS)))
    return float(np.mean(values)) if values else 0.0


def _diversity(vectors: Floats, lists: Sequence[Sequence[int]]) -> float:
    values = []
    for rows in lists:
        if len(rows) > 1:
            mine = vectors[list(rows)]
            number = len(rows)
            total = float((mine @ mine.T).sum() - number)
            values.append(1.0 - total / (number * (number - 1)))
    return float(np.mean(values)) if values else 0.0
