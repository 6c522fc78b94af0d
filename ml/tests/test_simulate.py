"""The parts together, in a small pretend market."""

import pytest

from ml.simulate import simulate


@pytest.fixture(scope="module")
def found():
    return simulate(people=100, tasks=500, days=8, seed=4)


def test_variety_costs_at_most_two_percent_and_brings_more_than_it_costs(found):
    assert found["cost: varied"] <= 0.02
    assert found["gain: diversity"] >= 2 * found["cost: varied"]


def test_a_place_for_the_little_seen_costs_little_and_fewer_are_never_shown(found):
    assert found["cost: explored"] <= 0.03
    assert found["never shown: with exposure"] < found["never shown: without"]


def test_most_of_the_catalogue_is_in_somebody_s_ten(found):
    assert found["coverage@10: read"] >= 0.4


def test_the_same_seed_is_the_same_market(found):
    assert simulate(people=100, tasks=500, days=8, seed=4) == found


def test_what_the_log_teaches_ranks_better_by_what_people_truly_think(found):
    assert found["gain: learned"] > 0.03
