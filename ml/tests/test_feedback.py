"""Rules of dismissals: each weighs on its own feature, fades, and is bounded."""

from dataclasses import replace

import pytest

from ml.feedback import HALF_LIFE_DAYS, MOST, STRENGTH, Dismissal, Reader, Traits, discount

READER = Reader(skills=frozenset({1}), city="cairo")
TASK = Traits(
    budget=500.0, city="aswan", is_remote=False, category_id=3, client_id=7, skills=frozenset({1, 2})
)
OTHER = Traits(
    budget=9_000.0, city="cairo", is_remote=False, category_id=4, client_id=8, skills=frozenset({1, 5})
)

# What shares the one feature, and nothing else, with the dismissed task.
SHARES = {
    "budget_low": replace(OTHER, budget=400.0),
    "too_far": replace(OTHER, city="aswan"),
    "not_my_skills": replace(OTHER, skills=frozenset({2})),
    "not_interested": replace(OTHER, category_id=3),
    "client": replace(OTHER, client_id=7),
}


def lost(task, cause, days=0.0):
    return discount(task, [Dismissal(cause, TASK, days)], READER)


@pytest.mark.parametrize("cause", STRENGTH)
def test_a_cause_weighs_on_its_own_feature_and_on_no_other(cause):
    assert lost(SHARES[cause], cause) > 0.0
    for other, task in SHARES.items():
        if other != cause:
            assert lost(task, cause) == 0.0, other
    assert lost(OTHER, cause) == 0.0


@pytest.mark.parametrize("cause", ["other", "", "the client was rude"])
def test_what_has_no_known_cause_weighs_on_nothing_else(cause):
    assert all(lost(task, cause) == 0.0 for task in (TASK, *SHARES.values()))


@pytest.mark.parametrize("cause", STRENGTH)
def test_half_of_it_is_back_after_a_month(cause):
    fresh, later = lost(SHARES[cause], cause), lost(SHARES[cause], cause, HALF_LIFE_DAYS)
    assert later == pytest.approx(fresh / 2)
    assert lost(SHARES[cause], cause, 10 * HALF_LIFE_DAYS) < 0.001


def test_the_better_a_budget_the_less_it_loses():
    values = [
        lost(replace(OTHER, budget=budget), "budget_low") for budget in (300, 500, 550, 600, 700, 5_000)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] == values[1] == STRENGTH["budget_low"]
    assert values[-1] == 0.0


def test_skills_one_has_are_not_what_was_disliked():
    assert lost(replace(OTHER, skills=frozenset({1})), "not_my_skills") == 0.0
    assert lost(replace(OTHER, skills=frozenset({2, 9})), "not_my_skills") == pytest.approx(
        STRENGTH["not_my_skills"] / 2
    )


def test_what_can_be_done_from_home_is_never_too_far():
    assert lost(replace(SHARES["too_far"], is_remote=True), "too_far") == 0.0


def test_many_dismissals_add_up_to_a_bound():
    many = [Dismissal("client", TASK, 0.0)] * 9
    assert discount(SHARES["client"], many, READER) == MOST
    two = discount(SHARES["too_far"], [Dismissal("too_far", TASK, 0.0)] * 2, READER)
    assert lost(SHARES["too_far"], "too_far") < two < MOST
