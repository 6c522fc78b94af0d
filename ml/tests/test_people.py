"""Rules of the order in which a client sees freelancers."""

import math

from ml.people import PAIR, Record, bayesian_rating, suit
from ml.ranking import Reason

NEW = Record(rating=0.0, reviews=0, running=0, hours=None)
PARTS = {"skills": 0.5, "semantic": 0.1, "budget": 0.06, "place": 0.04, "conflict": -0.2}


def score(record, parts=PARTS):
    return suit(parts, (), record).score


def codes(record, reasons=()):
    return {reason.code for reason in suit(PARTS, reasons, record).reasons}


def test_the_parts_sum_to_the_score():
    for record in (NEW, Record(4.8, 30, 2, 5.0), Record(1.0, 9, 9, 400.0)):
        suited = suit(PARTS, (), record)
        assert math.isclose(math.fsum(suited.parts.values()), suited.score)
        assert 0.0 <= suited.score <= 1.0


def test_the_match_decides_before_the_record():
    best, worst = Record(5.0, 200, 0, 0.0), Record(1.0, 200, 9, 900.0)
    assert score(worst, {"skills": 0.9}) > score(best, {"skills": 0.5})


def test_one_review_says_less_than_thirty():
    assert bayesian_rating(5.0, 1) < bayesian_rating(4.8, 30)
    assert bayesian_rating(0.0, 0, market=4.3) == 4.3
    assert score(Record(5.0, 1, 0, None)) < score(Record(4.8, 30, 0, None))
    assert score(Record(1.0, 30, 0, None)) < score(NEW)


def test_free_and_quick_come_before_busy_and_slow():
    assert score(Record(4.0, 9, 0, 4.0)) > score(Record(4.0, 9, 1, 4.0)) > score(Record(4.0, 9, 1, 200.0))


def test_what_a_freelancer_wishes_for_is_one_term_and_no_reason():
    said = (Reason("skills_match"), Reason("budget_fits"), Reason("preferred_category"), Reason("remote"))
    suited = suit(PARTS, said, NEW)
    assert not {"budget", "place", "conflict"} & set(suited.parts)
    assert math.isclose(suited.parts["preferences"], PAIR * (0.06 + 0.04 - 0.2))
    assert {reason.code for reason in suited.reasons} == {"skills_match", "available"}


def test_what_is_said_of_a_record_is_so():
    assert codes(NEW) == {"available"}
    assert codes(Record(4.6, 12, 1, 30.0)) == {"well_rated"}
    assert codes(Record(3.0, 12, 1, 3.0)) == {"applies_soon"}
