"""Rules of the percentage."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.calibration import KNOTS, calibrated, error, fit, percentage
from ml.evaluation.pairs import load_pairs
from ml.lexical import LexicalModel, cosine
from ml.ranking import Signals, score_pair

shares = st.floats(0, 1)


@given(shares, shares)
def test_a_better_score_never_has_a_lower_percentage(one, other):
    low, high = sorted((one, other))
    assert 0 <= percentage(low) <= percentage(high) <= 100


def test_nothing_is_nothing_and_everything_is_everything():
    assert (percentage(0.0), percentage(1.0)) == (0, 100)
    assert KNOTS[0] == (0.0, 0.0)
    assert KNOTS[-1] == (1.0, 1.0)


@given(st.lists(st.tuples(shares, st.sampled_from([0.0, 0.5, 1.0])), max_size=60))
def test_knots_rise_whatever_was_said(said):
    knots = fit([score for score, _ in said], [grade for _, grade in said])
    for before, after in pairwise(knots):
        assert before[0] < after[0]
        assert before[1] <= after[1]
    assert (knots[0], knots[-1]) == ((0.0, 0.0), (1.0, 1.0))


def test_what_many_say_is_what_is_shown():
    scores = [0.25] * 300 + [0.65] * 300
    grades = [0.0] * 240 + [1.0] * 60 + [1.0] * 270 + [0.0] * 30
    knots = fit(scores, grades)
    assert calibrated(0.25, knots) == pytest.approx(0.2, abs=0.03)
    assert calibrated(0.65, knots) == pytest.approx(0.9, abs=0.04)
    assert error([calibrated(score, knots) for score in scores], grades) < 0.04 < error(scores, grades)


def test_what_few_say_moves_little():
    assert abs(calibrated(0.25, fit([0.25], [1.0])) - 0.25) < 0.2


@pytest.fixture(scope="module")
def labelled():
    """(freelancer, score, grade 0 to 1) of the members among the pairs that ship, with their words and without."""
    pairs = load_pairs()
    model = LexicalModel.fit(pairs.task_texts)
    words = model.transform(pairs.task_texts)
    found = []
    for who, profile in enumerate(pairs.profiles):
        own = model.transform([pairs.profile_texts[who]])[0]
        for what, task in enumerate(pairs.tasks):
            for signals in (Signals(None, None), Signals(None, cosine(own, words[what]))):
                match = score_pair(profile, task, signals)
                if match.is_member:
                    found.append((who, match.score, pairs.grades.get((who, what), 0) / 2))
    return found


def test_what_is_shown_is_what_people_said_of_such_pairs_closer_than_the_score_is(labelled):
    shown, grades = [], []
    for one in {who for who, _, _ in labelled}:
        others = [(score, grade) for who, score, grade in labelled if who != one]
        knots = fit([score for score, _ in others], [grade for _, grade in others])
        mine = [(calibrated(score, knots), grade) for who, score, grade in labelled if who == one]
        shown += [value for value, _ in mine]
        grades += [grade for _, grade in mine]
    assert (
        error(shown, grades) <= 0.06 < error([score for _, score, _ in labelled], [g for *_, g in labelled])
    )


def test_the_knots_that_serve_are_those_of_the_set_that_ships(labelled):
    found = fit([score for _, score, _ in labelled], [grade for *_, grade in labelled])
    for score in (0.2, 0.35, 0.5, 0.65, 0.8, 0.95):
        assert calibrated(score) == pytest.approx(calibrated(score, found), abs=0.03)
