"""Rules of learning from the log: it finds what people do, holds on to the description, and knows when to keep still."""

import numpy as np
import pytest

from ml.learning import BOUNDS, LEAST_ACTIONS, LEAST_PEOPLE, Row, Showing, learn


def log(weights, *, showings=900, people=90, seed=1, bias=0.7):
    """Showings in which people act by `weights` of the parts and look less at later places."""
    dice = np.random.default_rng(seed)
    found = []
    for number in range(showings):
        rows = [
            {
                "skills": float(dice.random() * 0.5),
                "semantic": float(dice.random() * 0.3),
                "tfidf": float(dice.random() * 0.2),
                "budget": float(0.06 * (dice.random() < 0.5)),
            }
            for _ in range(10)
        ]
        rows.sort(key=lambda parts: -sum(parts.values()))
        shown = []
        for place, parts in enumerate(rows):
            like = 8.0 * sum(weights.get(name, 1.0) * value for name, value in parts.items()) - 4.0
            acts = dice.random() < (1 + place) ** -bias and dice.random() < 1 / (1 + np.exp(-like))
            shown.append(Row(parts, ("applied" if dice.random() < 0.4 else "clicked") if acts else ""))
        found.append(Showing(user=number % people, rows=shown))
    return found


def test_what_people_go_by_counts_more_and_is_measured_on_what_was_held_out():
    learned = learn(log({"semantic": 3.0, "skills": 0.4}))
    assert learned.adopted
    assert learned.gain > 0
    assert learned.ndcg_after > learned.ndcg_before
    assert learned.factors["semantic"] > 1.1
    assert learned.factors["skills"] < 0.95


def test_where_people_go_by_the_score_nothing_is_changed():
    learned = [learn(log({}, seed=seed)) for seed in range(6)]
    assert sum(one.adopted for one in learned) <= 1
    assert all(one.factors == {} for one in learned if not one.adopted)


def test_the_place_is_not_taken_for_liking():
    """People who look at the first places only like what is there no better."""
    learned = learn(log({}, bias=2.0, showings=1_500))
    assert all(
        0.75 <= value <= 1.3 for name, value in learned.fitted.items() if name in {"skills", "semantic"}
    )


def test_little_is_not_learned_from():
    few = log({"semantic": 3.0}, showings=20, people=20)
    assert learn(few).factors == {}
    assert learn(few).actions < LEAST_ACTIONS
    one_person = log({"semantic": 3.0}, people=LEAST_PEOPLE - 1)
    assert not learn(one_person).adopted
    assert learn([]).factors == {}


def test_no_part_leaves_its_bounds_whatever_people_do():
    learned = learn(log({"semantic": 40.0, "skills": -9.0, "budget": -50.0}))
    assert learned.fitted
    for name, value in learned.fitted.items():
        assert BOUNDS[name][0] <= value <= BOUNDS[name][1]


def test_a_score_that_says_nothing_is_left_alone():
    assert learn(log({"skills": -1.0, "semantic": -1.0, "tfidf": -1.0, "budget": -1.0})).factors == {}


def test_dismissals_speak_against():
    liked = log({})
    against = [
        Showing(
            one.user,
            [
                Row(row.parts, row.outcome or ("dismissed" if row.parts["semantic"] > 0.2 else ""))
                for row in one.rows
            ],
        )
        for one in liked
    ]
    assert learn(against).fitted["semantic"] < learn(liked).fitted["semantic"]


@pytest.mark.parametrize("seed", range(2))
def test_the_same_log_gives_the_same_factors(seed):
    assert learn(log({"tfidf": 2.0}, seed=seed)) == learn(log({"tfidf": 2.0}, seed=seed))
