"""Rules of the order in which a list is read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.diversity import ENOUGH, EVERY, PLACE, WORTH, Alike, Item, arrange, lottery

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def ids(items, **options):
    return [place.task_id for place in arrange(items, now=NOW, **options)]


items = st.lists(
    st.builds(
        Item,
        task_id=st.integers(1, 60),
        score=st.floats(0, 1),
        category_id=st.integers(1, 4),
        created_at=st.integers(0, 60).map(lambda days: NOW - timedelta(days=days)),
        client_id=st.integers(0, 3),
        signs=st.sampled_from([b"", b"\x0f\xaa", b"\xf0\xab", b"\x0f\xab"]),
        shown=st.integers(0, 40),
    ),
    unique_by=lambda item: item.task_id,
    max_size=25,
)


@given(items, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_a_list_does_not_depend_on_the_order_it_came_in(rows, shuffler):
    shuffled = list(rows)
    shuffler.shuffle(shuffled)
    ordered = ids(rows, seed="7:monday")
    assert ordered == ids(shuffled, seed="7:monday")
    assert sorted(ordered) == sorted(item.task_id for item in rows)
    assert ids(rows, seed="7:monday", limit=3) == ordered[:3]


def test_of_two_equals_the_newer_task_comes_first():
    old, new = Item(1, 0.6, 1, NOW - timedelta(days=30)), Item(2, 0.6, 2, NOW)
    assert ids([old, new]) == [2, 1]


def test_newness_lifts_by_fifteen_percent_at_most():
    old, new = Item(1, 0.70, 1, NOW - timedelta(days=365)), Item(2, 0.60, 2, NOW)
    assert ids([old, new]) == [1, 2]


def test_a_task_dated_in_the_future_gains_no_more_than_a_new_one():
    assert ids([Item(1, 0.6, 1, NOW + timedelta(days=9)), Item(2, 0.61, 2, NOW)]) == [2, 1]


def test_a_list_is_not_all_of_one_category():
    same = [Item(number, 0.8, 1, NOW) for number in range(1, 9)]
    assert ids([*same, Item(20, 0.7, 2, NOW)]).index(20) < 4


def test_a_list_is_not_all_of_one_client():
    same = [Item(number, 0.8, number, NOW, client_id=5) for number in range(1, 9)]
    assert ids([*same, Item(20, 0.77, 20, NOW, client_id=6)]).index(20) < 4


def test_what_says_the_same_again_comes_later():
    signs, other = bytes(range(48)), bytes(255 - number for number in range(0, 96, 2))
    same = [Item(number, 0.8, 1, NOW, signs=signs) for number in range(1, 6)]
    assert ids([*same, Item(20, 0.6, 1, NOW, signs=other)])[1] == 20
    assert ids([*same, Item(20, 0.6, 1, NOW, signs=signs)])[-1] == 20


def test_without_variety_the_order_is_the_values():
    rows = [Item(number, number / 10, 1, NOW, signs=b"\x01\x02") for number in range(1, 9)]
    assert ids(rows, diversity=0.0) == list(range(8, 0, -1))


def test_signs_tell_the_cosine():
    dice = np.random.default_rng(3)
    one = dice.standard_normal(384)
    rows, cosines = [], []
    for number, share in enumerate((1.0, 0.8, 0.5, 0.0)):
        other = share * one / np.linalg.norm(one)
        noise = dice.standard_normal(384)
        other = other + np.sqrt(1 - share**2) * noise / np.linalg.norm(noise)
        cosines.append(float(other @ one / np.linalg.norm(one) / np.linalg.norm(other)))
        rows.append(Item(number, 0.5, number, NOW, signs=np.packbits(other > 0).tobytes()))
    alike = Alike(rows).to(0)
    assert list(alike) == sorted(alike, reverse=True)
    assert alike[0] > alike[1] > alike[2] > alike[3] == 0.0


# --- A place for what few have seen -----------------------------------------------------------------------------------

WELL_SEEN = [Item(number, 0.8 - number / 1_000, number, NOW, shown=ENOUGH) for number in range(1, 31)]
NEWCOMERS = [Item(number, 0.5, number, NOW, shown=0) for number in range(101, 106)]


def test_one_place_in_ten_is_for_what_few_have_seen():
    places = arrange([*WELL_SEEN, *NEWCOMERS], now=NOW, seed="a", limit=30)
    explored = [number for number, place in enumerate(places) if place.explored]
    assert explored == [PLACE - 1, EVERY + PLACE - 1, 2 * EVERY + PLACE - 1]
    assert all(places[number].task_id > 100 for number in explored)
    assert len({place.task_id for place in places}) == 30


def test_the_rest_stays_in_its_order():
    places = arrange([*WELL_SEEN, *NEWCOMERS], now=NOW, seed="a", limit=30)
    kept = [place.task_id for place in places if not place.explored]
    assert kept == ids(WELL_SEEN)[: len(kept)]


def test_every_newcomer_is_drawn_alike():
    drawn = [arrange([*WELL_SEEN, *NEWCOMERS], now=NOW, seed=str(n), limit=10)[6].task_id for n in range(500)]
    counts = [drawn.count(item.task_id) for item in NEWCOMERS]
    assert sum(counts) == 500
    assert min(counts) > 60


@pytest.mark.parametrize(
    "change",
    [{"shown": ENOUGH}, {"created_at": NOW - timedelta(days=60)}, {"score": 0.9 * WORTH * 0.77}],
    ids=["seen enough", "old", "hardly suits"],
)
def test_who_is_no_newcomer_or_hardly_suits_gets_no_place(change):
    places = arrange([*WELL_SEEN, *(replace(item, **change) for item in NEWCOMERS)], now=NOW, limit=30)
    assert not any(place.explored for place in places)


def test_a_lottery_is_fair_and_repeatable():
    draws = [lottery("a", number) for number in range(2_000)]
    assert draws == [lottery("a", number) for number in range(2_000)]
    assert draws != [lottery("b", number) for number in range(2_000)]
    assert all(0.0 <= draw < 1.0 for draw in draws)
    assert abs(sum(draws) / 2_000 - 0.5) < 0.03
