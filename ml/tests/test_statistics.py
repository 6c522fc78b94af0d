"""Rules of what the market says of its skills."""

import json
from random import Random

from ml.statistics import COMMONEST, NEAR_MOST, RAREST, Statistics, gather

CATEGORIES = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: None}
# Excel (1) is everywhere; AutoCAD (2) and surveying (3) stand together, seldom.
SETS = [[1]] * 150 + [[1, 4]] * 30 + [[2, 3]] * 8 + [[5, 4]] * 10


def test_the_rarer_a_skill_the_more_it_weighs():
    rarity, _ = gather(SETS, CATEGORIES)
    assert rarity[1] < rarity[4] < rarity[2]
    assert all(COMMONEST <= weight <= RAREST for weight in rarity.values())


def test_of_a_young_market_little_is_believed():
    few, _ = gather([*SETS[:1], [2, 3]], CATEGORIES)
    assert all(abs(weight - 1.0) < 0.05 for weight in few.values())
    assert gather([], CATEGORIES)[0] == {}


def test_skills_that_stand_together_are_near_both_ways():
    _, near = gather(SETS, CATEGORIES)
    assert near[2][3] == near[3][2] > near[1][4]
    assert all(near[other][skill] == value for skill, row in near.items() for other, value in row.items())


def test_skills_of_one_category_are_a_little_near_before_anything_is_known():
    _, near = gather([], CATEGORIES)
    assert 0.0 < near[1][2] == near[4][5] < 0.3
    assert 4 not in near[1]
    assert 6 not in near


def test_data_overrules_the_category():
    apart = gather([[1]] * 200 + [[2]] * 200, CATEGORIES)
    assert 2 not in apart[1].get(1, {})


def test_the_order_of_the_sets_does_not_matter_and_a_row_keeps_all():
    shuffled = SETS[:]
    Random(2).shuffle(shuffled)
    assert gather(SETS, CATEGORIES) == gather(shuffled, CATEGORIES)
    rarity, near = gather(SETS, CATEGORIES)
    made = Statistics(version=4, rarity=rarity, related=near, factors={"skills": 1.1}, rating=4.4)
    assert Statistics.from_json(4, json.loads(json.dumps(made.to_json()))) == made


def test_a_crowded_category_keeps_the_nearest():
    crowd = dict.fromkeys(range(1, 40), 1)
    _, near = gather([[1, other] for other in range(2, 40)] * 3, crowd)
    assert len(near[1]) >= NEAR_MOST
    assert all(near[skill] for skill in crowd)
