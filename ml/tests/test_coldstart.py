"""Rules of what somebody sees who has no skills yet."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ml.coldstart import ColdTask, Newcomer, rank

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def cold(number, category=1, days=0.0, applications=0, views=0, **more):
    return ColdTask(number, category, NOW - timedelta(days=days), applications, views, **more)


def order(tasks, **said):
    return [one.task_id for one in rank(tasks, person=Newcomer(**said), now=NOW)]


def codes(task, **said):
    return {reason.code for reason in rank([task], person=Newcomer(**said), now=NOW)[0].reasons}


def test_the_categories_of_interest_come_first():
    assert order([cold(1, applications=9, views=90), cold(2, category=2)], interests=frozenset({2})) == [2, 1]


def test_what_is_asked_for_comes_before_what_is_not():
    assert order([cold(1), cold(2, applications=5, views=40)])[0] == 2


def test_the_new_comes_before_the_old():
    assert order([cold(1, days=40, applications=9), cold(2)])[0] == 2


def test_one_s_own_city_comes_before_another():
    tasks = [cold(1, city="luxor"), cold(2, city="cairo")]
    assert order(tasks, city="cairo") == [2, 1]
    assert order(tasks, city="luxor") == [1, 2]


def test_categories_take_turns():
    rows = [*(cold(number, applications=3) for number in range(1, 8)), cold(30, category=2, applications=2)]
    assert order(rows).index(30) < 6


def _market():
    return [
        cold(number, category=number % 5, days=number % 4, city=("cairo", "giza", "luxor")[number % 3])
        for number in range(1, 61)
    ]


def test_two_who_said_different_things_see_different_tasks():
    one = order(_market(), interests=frozenset({1}), city="cairo", seed="1")
    other = order(_market(), interests=frozenset({2}), city="luxor", seed="2")
    assert len(set(one[:10]) & set(other[:10])) <= 3


def test_two_who_said_the_same_see_varied_lists_of_what_they_said():
    said = {"interests": frozenset({1}), "city": "cairo"}
    one, other = (order(_market(), seed=seed, **said)[:10] for seed in ("1", "2"))
    assert one != other
    tasks = {task.task_id: task for task in _market()}
    for rows in (one, other):
        assert sum(tasks[number].category_id == 1 for number in rows) >= 4


def test_the_same_person_sees_the_same_list_whatever_order_it_came_in():
    rows = [cold(number, category=number % 3, days=number % 5, views=number) for number in range(40)]
    shuffled = rows[:]
    random.Random(4).shuffle(shuffled)
    assert order(rows, seed="1") == order(shuffled, seed="1")


def test_scores_are_the_sum_of_their_parts():
    for one in rank(_market(), person=Newcomer(interests=frozenset({1}), city="giza"), now=NOW):
        assert 0.0 <= one.score <= 1.0
        assert abs(sum(one.parts.values()) - one.score) < 1e-9


def test_what_is_said_of_a_task_is_so():
    assert codes(cold(1, days=30)) == {"open"}
    assert codes(cold(1, days=1)) == {"new"}
    assert codes(cold(1, days=30, applications=4)) == {"popular"}
    assert codes(cold(1, days=30, city="cairo"), city="cairo") == {"same_city"}
    assert codes(cold(1, days=30, city="giza"), city="cairo") == {"open"}
    assert codes(cold(1, days=30), interests=frozenset({1})) == {"preferred_category"}
    assert codes(cold(1, days=30, is_remote=True), prefer_remote=True) == {"remote"}
    assert codes(cold(1, days=30, budget=Decimal(500)), min_budget=Decimal(400)) == {"budget_fits"}
    assert codes(cold(1, days=30, budget=Decimal(300)), min_budget=Decimal(400)) == {"open"}
