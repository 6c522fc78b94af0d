"""Rules of who a task suits, and in which order a list is read."""

import math
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml import coldstart
from ml.ranking import (
    COSINE_FLOOR,
    MAX_REASONS,
    MIN_SCORE,
    PROFICIENCY_WEIGHT,
    TFIDF_FLOOR,
    Item,
    ProfileFacts,
    Signals,
    TaskFacts,
    arrange,
    score_pair,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NOBODY = ProfileFacts(1, {}, None, None, "", False, False, frozenset(), frozenset())
TASK = TaskFacts(9, frozenset({1, 2, 3}), frozenset(), Decimal(1000), "", True, "DIGITAL", 4)
TYPICAL = Signals(cosine=0.45, tfidf=0.15)
NOTHING = Signals(cosine=None, tfidf=None)
EXPERT = PROFICIENCY_WEIGHT["EXPERT"]
PAYS = {"min_budget": Decimal(500), "max_budget": Decimal(2000)}

ids = st.frozensets(st.integers(1, 8), max_size=6)
amounts = st.one_of(st.none(), st.decimals(10, 10_000, places=2))
cities = st.sampled_from(["", "Cairo", "القاهرة", "Aswan"])
profiles = st.builds(
    ProfileFacts,
    user_id=st.just(1),
    skills=st.dictionaries(
        st.integers(1, 8), st.sampled_from(sorted(PROFICIENCY_WEIGHT.values())), max_size=6
    ),
    min_budget=amounts,
    max_budget=amounts,
    city=cities,
    prefer_remote=st.booleans(),
    prefer_physical=st.booleans(),
    task_types=st.frozensets(st.sampled_from(["DIGITAL", "PHYSICAL"])),
    categories=ids,
)
tasks = st.builds(
    TaskFacts,
    task_id=st.just(9),
    required=ids,
    mentioned=ids,
    budget=st.decimals(10, 10_000, places=2),
    city=cities,
    is_remote=st.booleans(),
    task_type=st.sampled_from(["DIGITAL", "PHYSICAL", "BOTH"]),
    category_id=st.integers(1, 8),
)
raw = st.one_of(st.none(), st.floats(-1, 1))
signals = st.builds(Signals, cosine=raw, tfidf=raw)


@given(profiles, tasks, signals)
@settings(max_examples=300)
def test_the_parts_sum_to_the_score(profile, task, given_signals):
    match = score_pair(profile, task, given_signals)
    assert math.isclose(math.fsum(match.parts.values()), match.score, abs_tol=1e-9)
    assert 0.0 <= match.score <= 1.0
    assert match.percentage == math.floor(100 * match.score + 0.5)


@given(profiles, tasks, signals)
@settings(max_examples=300)
def test_reasons_are_the_positive_parts_strongest_first(profile, task, given_signals):
    match = score_pair(profile, task, given_signals)
    part = {
        "skills_match": "skills",
        "mentions_skills": "mentions",
        "similar_to_profile": "semantic",
        "words_in_common": "tfidf",
        "budget_fits": "budget",
        "same_city": "place",
        "remote": "place",
        "preferred_category": "category",
        "preferred_type": "type",
    }
    values = [match.parts[part[reason.code]] for reason in match.reasons]
    assert len(values) <= MAX_REASONS
    assert all(value > 0 for value in values)
    assert values == sorted(values, reverse=True)


@given(profiles, tasks, signals)
@settings(max_examples=300)
def test_nobody_is_on_a_list_whom_the_candidate_filters_would_miss(profile, task, given_signals):
    match = score_pair(profile, task, given_signals)
    by_skill = bool(set(profile.skills) & (task.required | task.mentioned))
    by_cosine = given_signals.cosine is not None and given_signals.cosine >= COSINE_FLOOR
    by_words = given_signals.tfidf is not None and given_signals.tfidf >= TFIDF_FLOOR
    assert not match.is_member or by_skill or by_cosine or by_words
    assert not match.is_member or match.score >= MIN_SCORE


@given(profiles, tasks, signals, st.floats(0.01, 0.5))
def test_closer_wording_never_lowers_the_score(profile, task, given_signals, more):
    if given_signals.cosine is None:
        return
    closer = Signals(cosine=given_signals.cosine + more, tfidf=given_signals.tfidf)
    assert score_pair(profile, task, closer).score >= score_pair(profile, task, given_signals).score - 1e-12


@given(profiles, tasks, signals, st.integers(1, 8))
def test_one_more_required_skill_never_lowers_the_score(profile, task, given_signals, skill):
    if skill in profile.skills or skill not in task.required:
        return
    better = replace(profile, skills={**profile.skills, skill: 1.0})
    assert (
        score_pair(better, task, given_signals).score
        >= score_pair(profile, task, given_signals).score - 1e-12
    )


@given(profiles, tasks, signals)
def test_the_same_pair_always_gets_the_same_match(profile, task, given_signals):
    again = replace(profile, skills=dict(reversed(list(profile.skills.items()))))
    assert score_pair(profile, task, given_signals) == score_pair(again, task, given_signals)


def person(*skills, level="EXPERT", **changes):
    return replace(NOBODY, skills=dict.fromkeys(skills, PROFICIENCY_WEIGHT[level]), **changes)


def test_all_required_skills_at_expert_with_a_fitting_budget_is_nearly_everything():
    assert 94 <= score_pair(person(1, 2, 3, **PAYS), TASK, TYPICAL).percentage <= 100


@pytest.mark.parametrize("signals_", [TYPICAL, Signals(None, 0.15), NOTHING])
def test_one_of_three_skills_is_about_half(signals_):
    assert 30 <= score_pair(person(1), TASK, signals_).percentage <= 55
    assert score_pair(person(1, 5, **PAYS), TASK, signals_).percentage <= 58


def test_wording_alone_is_at_most_sixty():
    perfect = replace(
        NOBODY, prefer_remote=True, task_types=frozenset({"DIGITAL"}), categories=frozenset({4}), **PAYS
    )
    assert score_pair(perfect, TASK, Signals(1.0, 1.0)).percentage <= 60


def test_a_stranger_to_the_task_stays_out():
    happy = replace(
        NOBODY, prefer_remote=True, task_types=frozenset({"DIGITAL"}), categories=frozenset({4}), **PAYS
    )
    assert not score_pair(happy, TASK, Signals(0.3, 0.03)).is_member
    assert not score_pair(happy, TASK, NOTHING).is_member


def test_close_wording_alone_makes_a_member():
    match = score_pair(NOBODY, TASK, Signals(0.6, 0.2))
    assert match.is_member
    assert match.algorithm == "hybrid"


def test_proficiency_counts():
    scores = [score_pair(person(1, 2, 3, level=level), TASK, TYPICAL).score for level in PROFICIENCY_WEIGHT]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)


def test_a_required_skill_counts_more_than_a_mentioned_one():
    mentioned = replace(TASK, required=frozenset(), mentioned=frozenset({1, 2, 3}))
    assert (
        score_pair(person(1, 2, 3), TASK, TYPICAL).score
        > score_pair(person(1, 2, 3), mentioned, TYPICAL).score
    )
    assert score_pair(person(1, 2, 3), mentioned, TYPICAL).is_member


def test_a_skill_both_required_and_mentioned_counts_once():
    both = replace(TASK, mentioned=frozenset({1, 2, 3}))
    assert score_pair(person(1), both, TYPICAL) == score_pair(person(1), TASK, TYPICAL)


def test_a_budget_clearly_below_the_minimum_lowers_strongly():
    fits = score_pair(person(1, 2, 3, min_budget=Decimal(900)), TASK, TYPICAL)
    low = score_pair(person(1, 2, 3, min_budget=Decimal(5000)), TASK, TYPICAL)
    assert low.score < 0.6 * fits.score
    assert low.parts["conflict"] < 0
    assert "budget_fits" not in {reason.code for reason in low.reasons}


def test_a_budget_a_little_below_the_minimum_lowers_a_little():
    fits = score_pair(person(1, 2, 3, min_budget=Decimal(1000)), TASK, TYPICAL)
    near = score_pair(person(1, 2, 3, min_budget=Decimal(1100)), TASK, TYPICAL)
    assert 0.9 * fits.score < near.score < fits.score


ON_SITE = replace(TASK, is_remote=False, city="القاهرة", task_type="PHYSICAL")


def test_a_task_elsewhere_is_lowered_strongly_for_who_only_works_remotely():
    remote_only = person(1, 2, 3, city="Aswan", prefer_remote=True)
    assert (
        score_pair(remote_only, ON_SITE, TYPICAL).score < 0.6 * score_pair(remote_only, TASK, TYPICAL).score
    )


def test_one_city_is_one_place_in_both_languages():
    local = person(1, 2, 3, city="Cairo", prefer_physical=True)
    match = score_pair(local, ON_SITE, TYPICAL)
    assert "same_city" in {reason.code for reason in match.reasons}
    assert match.score > score_pair(replace(local, city="Aswan"), ON_SITE, TYPICAL).score


def test_what_is_not_stated_is_neutral():
    assert score_pair(person(1, 2, 3), TASK, NOTHING).percentage == 100
    assert score_pair(person(1, 2, 3), replace(TASK, is_remote=False), NOTHING).percentage == 100


@pytest.mark.parametrize(
    ("given_signals", "algorithm"),
    [
        (TYPICAL, "hybrid"),
        (Signals(0.5, None), "semantic"),
        (Signals(None, 0.2), "tfidf"),
        (NOTHING, "skills"),
    ],
)
def test_the_algorithm_says_which_halves_were_there(given_signals, algorithm):
    assert score_pair(person(1), TASK, given_signals).algorithm == algorithm


def test_a_signal_that_is_not_a_number_counts_nothing():
    match = score_pair(person(1), TASK, Signals(math.nan, math.nan))
    assert match.score == score_pair(person(1), TASK, Signals(0.0, 0.0)).score


def test_scoring_a_pair_takes_microseconds():
    profile = person(1, 2, 5, 6, 7, city="Cairo", prefer_remote=True, categories=frozenset({4}), **PAYS)
    spent = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(500):
            score_pair(profile, TASK, TYPICAL)
        spent.append((time.perf_counter() - start) / 500)
    assert min(spent) < 60e-6


items = st.lists(
    st.builds(
        Item,
        task_id=st.integers(1, 60),
        score=st.floats(0, 1),
        category_id=st.integers(1, 4),
        created_at=st.integers(0, 60).map(lambda days: NOW - timedelta(days=days)),
    ),
    unique_by=lambda item: item.task_id,
    max_size=25,
)


@given(items, st.randoms(use_true_random=False))
def test_the_order_of_a_list_does_not_depend_on_the_order_it_came_in(rows, shuffler):
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    ordered = arrange(rows, now=NOW)
    assert ordered == arrange(shuffled, now=NOW)
    assert sorted(ordered) == sorted(item.task_id for item in rows)
    assert arrange(rows, now=NOW, limit=3) == ordered[:3]


def test_of_two_equals_the_newer_task_comes_first():
    old, new = Item(1, 0.6, 1, NOW - timedelta(days=30)), Item(2, 0.6, 2, NOW)
    assert arrange([old, new], now=NOW) == [2, 1]


def test_newness_lifts_by_fifteen_percent_at_most():
    old, new = Item(1, 0.70, 1, NOW - timedelta(days=365)), Item(2, 0.60, 2, NOW)
    assert arrange([old, new], now=NOW) == [1, 2]


def test_a_list_is_not_all_of_one_category():
    same = [Item(number, 0.8, 1, NOW) for number in range(1, 9)]
    assert arrange([*same, Item(20, 0.75, 2, NOW)], now=NOW).index(20) < 4


def test_a_task_dated_in_the_future_gains_no_more_than_a_new_one():
    assert arrange([Item(1, 0.6, 1, NOW + timedelta(days=9)), Item(2, 0.61, 2, NOW)], now=NOW) == [2, 1]


def cold(number, category=1, days=0.0, applications=0, views=0):
    return coldstart.ColdTask(number, category, NOW - timedelta(days=days), applications, views)


def test_without_skills_the_categories_of_interest_come_first():
    ranked = coldstart.rank(
        [cold(1, applications=9, views=90), cold(2, category=2)], interests=frozenset({2}), now=NOW
    )
    assert [task for task, _ in ranked] == [2, 1]


def test_without_skills_what_is_asked_for_comes_before_what_is_not():
    ranked = coldstart.rank([cold(1), cold(2, applications=5, views=40)], interests=frozenset(), now=NOW)
    assert ranked[0][0] == 2


def test_without_skills_the_new_comes_before_the_old():
    ranked = coldstart.rank([cold(1, days=40, applications=9), cold(2)], interests=frozenset(), now=NOW)
    assert ranked[0][0] == 2


def test_without_skills_categories_take_turns():
    rows = [*(cold(number, applications=3) for number in range(1, 8)), cold(30, category=2, applications=2)]
    ranked = [task for task, _ in coldstart.rank(rows, interests=frozenset(), now=NOW)]
    assert ranked.index(30) < 6


def test_without_skills_the_order_is_the_same_for_any_input_order():
    rows = [cold(number, category=number % 3, days=number % 5, views=number) for number in range(40)]
    shuffled = rows[:]
    random.Random(4).shuffle(shuffled)
    ranked = coldstart.rank(rows, interests=frozenset({1}), now=NOW)
    assert ranked == coldstart.rank(shuffled, interests=frozenset({1}), now=NOW)
    scores = [score for _, score in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)
