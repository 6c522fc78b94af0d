"""The arrays say what the scorer says."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.batch import TOLERANCE, score_table, table
from ml.ranking import MIN_SCORE, Signals, TaskFacts, score_pair
from ml.statistics import PLAIN
from ml.tests.test_ranking import person, profiles, signals, snapshots, tasks


def _both(profile, some, statistics):
    facts = [replace(task, task_id=number) for number, (task, _) in enumerate(some)]
    given_signals = [one for _, one in some]
    scores, members = score_table(profile, table(profile, facts, given_signals), statistics=statistics)
    exact = [
        score_pair(profile, task, one, statistics=statistics)
        for task, one in zip(facts, given_signals, strict=True)
    ]
    return scores, members, exact


@given(profiles, st.lists(st.tuples(tasks, signals), max_size=8), snapshots)
@settings(max_examples=400, deadline=None)
def test_every_score_is_that_of_the_pair(profile, some, statistics):
    scores, members, exact = _both(profile, some, statistics)
    assert np.allclose(scores, [match.score for match in exact], atol=TOLERANCE, rtol=0.0)
    for mine, match, score in zip(members, exact, scores, strict=True):
        assert mine == match.is_member or (mine and abs(score - MIN_SCORE) <= TOLERANCE)


def test_thousands_of_tasks_are_scored_many_times_faster_than_one_by_one():
    random = Random(3)
    profile = person(1, 5, 9, 12, city="Cairo", min_budget=Decimal(500), categories=frozenset({2}))
    some = [
        (
            TaskFacts(
                number,
                frozenset(random.sample(range(40), 3)),
                frozenset(random.sample(range(40), 2)),
                Decimal(random.randint(100, 9_000)),
                random.choice(["", "Cairo", "Giza"]),
                random.random() < 0.5,
                random.choice(["DIGITAL", "PHYSICAL"]),
                random.randint(1, 9),
            ),
            Signals(random.random(), random.random() / 3),
        )
        for number in range(4_000)
    ]
    facts, given_signals = [task for task, _ in some], [one for _, one in some]
    arrays = table(profile, facts, given_signals)

    def took(work):
        spent = []
        for _ in range(3):
            begin = time.perf_counter()
            work()
            spent.append(time.perf_counter() - begin)
        return min(spent)

    fast = took(lambda: score_table(profile, arrays))
    slow = took(lambda: [score_pair(profile, task, one) for task, one in some])
    assert fast * 5 < slow


@pytest.mark.parametrize("number", [0, 1])
def test_a_market_of_none_or_one_is_scored_too(number):
    some = [
        (TaskFacts(1, frozenset(), frozenset(), Decimal(10), "", False, "DIGITAL", 1), Signals(None, None))
    ]
    scores, members, exact = _both(person(1, task_types=frozenset({"DIGITAL"})), some[:number], PLAIN)
    assert len(scores) == len(members) == len(exact) == number
