"""Rules of who a task suits, and in which order a list is read."""

import math
import time
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.calibration import percentage
from ml.places import city_key
from ml.ranking import (
    COSINE_FLOOR,
    MAX_REASONS,
    MIN_SCORE,
    PROFICIENCY_WEIGHT,
    TFIDF_FLOOR,
    ProfileFacts,
    Signals,
    TaskFacts,
    score_pair,
    strength,
)
from ml.statistics import Statistics

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
PARTS = (
    "skills",
    "related",
    "mentions",
    "semantic",
    "tfidf",
    "budget",
    "place",
    "type",
    "category",
)


def both_ways(pairs):
    related = {}
    for (one, other), value in pairs.items():
        if one != other:
            related.setdefault(one, {})[other] = related.setdefault(other, {})[one] = value
    return related


snapshots = st.builds(
    Statistics,
    version=st.just(3),
    rarity=st.dictionaries(st.integers(1, 8), st.floats(0.6, 1.5)),
    related=st.dictionaries(
        st.tuples(st.integers(1, 8), st.integers(1, 8)), st.floats(0.15, 0.95), max_size=9
    ).map(both_ways),
    factors=st.dictionaries(st.sampled_from(PARTS), st.floats(0.8, 1.25)),
)


@given(profiles, tasks, signals, snapshots)
@settings(max_examples=200, deadline=None)
def test_the_parts_sum_to_the_score(profile, task, given_signals, statistics):
    match = score_pair(profile, task, given_signals, statistics=statistics)
    assert math.isclose(math.fsum(match.parts.values()), match.score, abs_tol=1e-9)
    assert 0.0 <= match.score <= 1.0
    assert match.percentage == percentage(match.score)


@given(profiles, tasks, signals, snapshots)
@settings(max_examples=200, deadline=None)
def test_reasons_are_the_positive_parts_strongest_first(profile, task, given_signals, statistics):
    match = score_pair(profile, task, given_signals, statistics=statistics)
    part = {
        "skills_match": "skills",
        "related_skills": "related",
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


@given(profiles, tasks, signals, snapshots)
@settings(max_examples=200, deadline=None)
def test_nobody_is_on_a_list_whom_the_candidate_filters_would_miss(profile, task, given_signals, statistics):
    match = score_pair(profile, task, given_signals, statistics=statistics)
    by_skill = bool(set(profile.skills) & (task.required | task.mentioned))
    by_cosine = given_signals.cosine is not None and given_signals.cosine >= COSINE_FLOOR
    by_words = given_signals.tfidf is not None and given_signals.tfidf >= TFIDF_FLOOR
    assert not match.is_member or by_skill or by_cosine or by_words
    assert not match.is_member or match.score >= MIN_SCORE


@given(profiles, tasks, signals, st.floats(0.01, 0.5), snapshots)
def test_closer_wording_never_lowers_the_score(profile, task, given_signals, more, statistics):
    if given_signals.cosine is None:
        return
    closer = Signals(cosine=given_signals.cosine + more, tfidf=given_signals.tfidf)
    before = score_pair(profile, task, given_signals, statistics=statistics)
    assert score_pair(profile, task, closer, statistics=statistics).score >= before.score - 1e-12


@given(profiles, tasks, signals, st.integers(1, 8), snapshots)
@settings(max_examples=200, deadline=None)
def test_one_more_required_skill_never_lowers_the_score(profile, task, given_signals, skill, statistics):
    if skill in profile.skills or skill not in task.required:
        return
    better = replace(profile, skills={**profile.skills, skill: 1.0})
    before = score_pair(profile, task, given_signals, statistics=statistics)
    assert score_pair(better, task, given_signals, statistics=statistics).score >= before.score - 1e-12


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


# --- Rarity, experience and nearness ---------------------------------------------------------------------------------


def test_a_rare_skill_says_more_than_a_common_one():
    statistics = Statistics(version=1, rarity={1: 1.4, 2: 0.7})
    rare = score_pair(person(1), replace(TASK, required=frozenset({1, 2})), NOTHING, statistics=statistics)
    common = score_pair(person(2), replace(TASK, required=frozenset({1, 2})), NOTHING, statistics=statistics)
    assert rare.score > common.score
    both = score_pair(person(1, 2), replace(TASK, required=frozenset({1, 2})), NOTHING, statistics=statistics)
    assert both.percentage == 100
    named = replace(TASK, required=frozenset(), mentioned=frozenset({1, 2}))
    assert (
        score_pair(person(1), named, NOTHING, statistics=statistics).score
        > score_pair(person(2), named, NOTHING, statistics=statistics).score
    )


def test_years_add_to_a_level_and_never_pass_an_expert():
    assert (
        strength("BEGINNER")
        < strength("BEGINNER", 2.0)
        < strength("BEGINNER", 9.0)
        < strength("INTERMEDIATE")
    )
    assert strength("EXPERT", 30.0) == strength("EXPERT") == 1.0
    assert strength("ADVANCED", 0.0) == strength("ADVANCED", math.nan) == strength("ADVANCED")


NEAR = Statistics(version=1, related={1: {7: 0.8}, 7: {1: 0.8}, 2: {8: 0.2}, 8: {2: 0.2}})


def test_a_skill_near_a_required_one_counts_part_of_it_and_says_so():
    near = score_pair(person(2, 7), TASK, NOTHING, statistics=NEAR)
    without = score_pair(person(2), TASK, NOTHING, statistics=NEAR)
    whole = score_pair(person(1, 2), TASK, NOTHING, statistics=NEAR)
    assert without.score < near.score < whole.score
    said = {reason.code: reason.params for reason in near.reasons}
    assert said["related_skills"] == {"skill_ids": [7]}
    assert said["skills_match"]["skill_ids"] == [2]


def test_what_is_hardly_near_is_not_named():
    match = score_pair(person(1, 8), TASK, NOTHING, statistics=NEAR)
    assert match.parts["related"] > 0
    assert "related_skills" not in {reason.code for reason in match.reasons}


def test_nearness_alone_makes_no_member():
    assert not score_pair(person(7), TASK, NOTHING, statistics=NEAR).is_member


def test_what_was_learned_moves_a_part_and_the_parts_still_sum_to_the_score():
    learned = Statistics(version=2, factors={"skills": 0.8, "semantic": 1.25})
    plain, moved = (
        score_pair(person(1), TASK, TYPICAL),
        score_pair(person(1), TASK, TYPICAL, statistics=learned),
    )
    assert moved.parts["skills"] == pytest.approx(0.8 * plain.parts["skills"])
    assert moved.parts["semantic"] == pytest.approx(1.25 * plain.parts["semantic"])
    assert math.fsum(moved.parts.values()) == pytest.approx(moved.score)


# --- Reasons are true -------------------------------------------------------------------------------------------------


@given(profiles, tasks, signals, snapshots)
@settings(max_examples=200, deadline=None)
def test_no_reason_names_what_is_not_there(profile, task, given_signals, statistics):
    for reason in score_pair(profile, task, given_signals, statistics=statistics).reasons:
        named = set(reason.params.get("skill_ids", ()))
        assert named <= set(profile.skills)
        match reason.code:
            case "skills_match":
                assert named == set(profile.skills) & task.required
                assert (reason.params["matched"], reason.params["required"]) == (
                    len(named),
                    len(task.required),
                )
            case "mentions_skills":
                assert named == set(profile.skills) & (task.mentioned - task.required)
            case "related_skills":
                lacking = task.required - set(profile.skills)
                assert all(lacking & set(statistics.related[skill]) for skill in named)
            case "same_city":
                assert city_key(profile.city) == city_key(task.city) != ""
                assert not task.is_remote
            case "remote":
                assert task.is_remote
                assert profile.prefer_remote
            case "budget_fits":
                assert profile.min_budget is None or task.budget >= profile.min_budget
                assert profile.max_budget is None or task.budget <= profile.max_budget
            case "preferred_category":
                assert task.category_id in profile.categories
            case "preferred_type":
                assert task.task_type in profile.task_types
            case "similar_to_profile":
                assert given_signals.cosine > 0
            case "words_in_common":
                assert given_signals.tfidf > 0


def _without(code, reason, profile, task, given_signals):
    """The same pair, but that what the reason names is not so."""
    named = set(reason.params.get("skill_ids", ()))
    kept = {skill: value for skill, value in profile.skills.items() if skill not in named}
    changes = {
        "skills_match": (replace(profile, skills=kept), task, given_signals),
        "mentions_skills": (replace(profile, skills=kept), task, given_signals),
        "related_skills": (replace(profile, skills=kept), task, given_signals),
        "similar_to_profile": (profile, task, replace(given_signals, cosine=0.0)),
        "words_in_common": (profile, task, replace(given_signals, tfidf=0.0)),
        "budget_fits": (replace(profile, min_budget=task.budget * 2, max_budget=None), task, given_signals),
        "same_city": (profile, replace(task, city="Luxor"), given_signals),
        "remote": (
            replace(profile, city=profile.city or "Aswan"),
            replace(task, is_remote=False, city="Luxor"),
            given_signals,
        ),
        "preferred_category": (profile, replace(task, category_id=99), given_signals),
        "preferred_type": (profile, replace(task, task_type="RECURRING"), given_signals),
    }
    return changes[code]


@given(profiles, tasks, signals, snapshots)
@settings(max_examples=200, deadline=None)
def test_without_the_factor_a_reason_names_the_score_falls(profile, task, given_signals, statistics):
    match = score_pair(profile, task, given_signals, statistics=statistics)
    if math.fsum(match.parts.values()) >= 1.0 - 1e-9:  # the learned factors may have been cut off at 1
        return
    for reason in match.reasons:
        less = score_pair(*_without(reason.code, reason, profile, task, given_signals), statistics=statistics)
        assert less.score < match.score, reason
