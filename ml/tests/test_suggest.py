"""What neighbours say of a draft: votes, quartiles that no single price moves, and texts that are the same."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml import suggest
from ml.suggest import Neighbour

PLUMBING, PAINTING, HOME, DESIGN = 1, 2, 10, 20


def _near(cosine: float = 0.7, **more: Any) -> Neighbour:
    values: dict[str, Any] = {
        "cosine": cosine,
        "category": HOME,
        "skills": frozenset({PLUMBING}),
        "price": 500.0,
        "client": 1,
        "comparable": True,
        "same_city": False,
        "days": 0.0,
    }
    return Neighbour(**(values | more))


def _alike(one: tuple[str, str], two: tuple[str, str], cosine: float | None) -> float | None:
    return suggest.alike(suggest.Said(*one), suggest.Said(*two), cosine=cosine)


def _priced(*prices: float, **more: Any) -> list[Neighbour]:
    return [_near(price=price, client=place, **more) for place, price in enumerate(prices)]


# --- Skills ---------------------------------------------------------------------------------------------------------


def test_a_skill_needs_its_share_of_the_votes_and_two_neighbours() -> None:
    neighbours = [_near() for _ in range(8)] + [_near(skills=frozenset({PLUMBING, PAINTING}))]
    assert suggest.skills(neighbours, named=()) == [(PLUMBING, False, pytest.approx(1.0))]
    neighbours.append(_near(0.9, skills=frozenset({PAINTING})))
    near, nearest = suggest.weight(0.7), suggest.weight(0.9)
    found = suggest.skills(neighbours, named=())
    assert [vote.skill for vote in found] == [PLUMBING, PAINTING]
    assert found[1].share == pytest.approx((near + nearest) / (9 * near + nearest))
    few = [_near() for _ in range(9)] + [_near(skills=frozenset({PAINTING})) for _ in range(2)]
    assert [vote.skill for vote in suggest.skills(few, named=())] == [PLUMBING]
    # One neighbour, however near, is not enough.
    assert suggest.skills([_near(0.99)], named=()) == []


def test_what_the_text_names_comes_first_and_needs_no_votes() -> None:
    found = suggest.skills([_near(), _near()], named={PAINTING})
    assert found == [(PAINTING, True, 0.0), (PLUMBING, False, pytest.approx(1.0))]
    many = suggest.skills([], named=set(range(40)))
    assert [vote.skill for vote in many] == list(range(suggest.SKILLS))


def test_the_nearer_a_neighbour_the_more_it_says_and_below_the_floor_nothing() -> None:
    assert suggest.weight(0.9) > 2 * suggest.weight(0.6) > 0
    assert suggest.weight(suggest.NEAR) == suggest.weight(-1.0) == 0
    assert suggest.voters([_near(suggest.NEAR), _near(0.1)]) == []
    assert len(suggest.voters([_near() for _ in range(50)])) == suggest.VOTERS


# --- Category -------------------------------------------------------------------------------------------------------


def test_the_category_is_the_one_that_the_neighbours_have() -> None:
    neighbours = [_near() for _ in range(4)] + [_near(category=DESIGN)]
    assert suggest.category(neighbours, named=()) == (HOME, pytest.approx(0.8))


def test_divided_neighbours_give_no_category_and_named_skills_decide_then() -> None:
    divided = [_near(category=place) for place in range(5)]
    assert suggest.category(divided, named=()) is None
    assert suggest.category(divided, named=[DESIGN, DESIGN, HOME]) == (DESIGN, pytest.approx(2 / 3))
    assert suggest.category(divided, named=[DESIGN, HOME]) is None


def test_few_neighbours_do_not_decide() -> None:
    assert suggest.category([_near(0.9), _near(0.9)], named=()) is None
    assert suggest.category([_near(0.9), _near(0.9)], named=[DESIGN]) == (DESIGN, 1.0)


def test_named_skills_tip_a_close_vote() -> None:
    close = [
        _near(category=HOME),
        _near(category=HOME),
        _near(0.69, category=DESIGN),
        _near(0.69, category=DESIGN),
    ]
    assert suggest.category(close, named=()) == (HOME, pytest.approx(0.513, abs=0.01))
    assert suggest.category(close, named=[DESIGN]) == (DESIGN, pytest.approx(0.658, abs=0.01))


# --- Price ----------------------------------------------------------------------------------------------------------


def test_a_price_needs_five_people() -> None:
    assert suggest.price(_priced(100, 200, 300, 400)) is None
    assert suggest.price(_priced(100, 200, 300, 400, 500)) == (200, 300, 400, 5)
    # Five listings of one person are one price.
    assert suggest.price([_near(price=price, client=1) for price in (1.0, 2.0, 3.0, 4.0, 5.0)]) is None


def test_only_what_is_comparable_and_near_enough_is_counted() -> None:
    five = _priced(100, 200, 300, 400, 500)
    assert suggest.price([*five[:4], _near(price=500, client=9, comparable=False)]) is None
    assert suggest.price([*five[:4], _near(suggest.COMPARABLE - 0.01, price=500, client=9)]) is None


@pytest.mark.parametrize("cosine", [0.59, 0.75, 1.0])
@pytest.mark.parametrize("outlier", [10.0, 10_000_000.0])
@pytest.mark.parametrize("people", [4, 5, 7, 12, 40])
def test_one_outlier_is_never_in_the_range(cosine: float, outlier: float, people: int) -> None:
    ordinary = _priced(*(1_000.0 + 10 * place for place in range(people)), cosine=0.58, days=900.0)
    found = suggest.price([*ordinary, _near(cosine, price=outlier, client=-1, same_city=True)])
    assert found is not None
    assert 1_000 <= found.low <= found.median <= found.high < 1_000 + 10 * people


def test_the_same_city_and_fresh_prices_count_more() -> None:
    plain = _priced(100, 200, 300, 400, 500, 600, 700)
    base = suggest.price(plain)
    there = [_near(price=one.price, client=one.client, same_city=one.price >= 500) for one in plain]
    old = [_near(price=one.price, client=one.client, days=2_000.0 * (one.price >= 500)) for one in plain]
    there_range, old_range = suggest.price(there), suggest.price(old)
    assert base is not None
    assert there_range is not None
    assert old_range is not None
    assert old_range.median < base.median < there_range.median


@given(
    st.lists(
        st.tuples(st.floats(10, 1e7), st.floats(0.01, 10)),
        min_size=suggest.LEAST_PRICES,
        max_size=60,
    )
)
def test_no_price_weighs_a_quarter(rows: list[tuple[float, float]]) -> None:
    levelled = suggest._levelled([weight for _, weight in rows])
    assert max(levelled) <= suggest.MOST_OF_WEIGHT * sum(levelled) * (1 + 1e-6)
    assert all(new <= old for new, (_, old) in zip(levelled, rows, strict=True))


def test_a_quantile_is_a_value_and_equal_weights_give_the_usual_one() -> None:
    dice = random.Random(4)
    for size in (1, 2, 5, 16, 99):
        values = [dice.uniform(10, 1e6) for _ in range(size)]
        for share in (0.25, 0.5, 0.75):
            usual = sorted(values)[max(0, math.ceil(share * size) - 1)]
            assert suggest.weighted_quantile(values, [2.0] * size, share) == usual
    assert suggest.weighted_quantile([1.0, 2.0, 3.0], [1.0, 0.0, 9.0], 0.5) == 3.0
    with pytest.raises(ValueError, match="weight"):
        suggest.weighted_quantile([1.0], [0.0], 0.5)


# --- The same thing twice -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Logo for a café", "logo FOR a cafe!"),
        ("تصميم شعار لمطعم", "تصمــيم شِعار لِمَطعم"),
        ("إنشاء متجر بالقاهرة ٢٠٢٦", "انشاء متجر بالقاهره 2026"),
    ],
)
def test_spelling_and_signs_make_no_other_text(one: str, two: str) -> None:
    assert suggest.folded(one) == suggest.folded(two) != ""
    assert _alike((one, "x"), (two, "x"), None) == 1.0


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("A site like www.first.com", "A site like www.second.com"),
        ("A C developer", "A C# developer"),
        ("20 shirts", "30 shirts"),
    ],
)
def test_another_address_language_or_number_is_another_text(one: str, two: str) -> None:
    assert suggest.folded(one) != suggest.folded(two)


def test_the_same_title_or_much_in_common_is_alike_and_a_shared_word_is_not() -> None:
    body = "Walls and ceilings, white, next week."
    mine = ("Paint two rooms in Maadi", body)
    near = ("Paint three rooms in Maadi", body)
    assert _alike(mine, (mine[0], "Something else altogether."), 0.1) == pytest.approx(0.55)
    assert _alike(mine, near, 0.9) == pytest.approx((3 / 5 + 0.9) / 2)
    assert _alike(mine, near, None) is not None
    assert _alike(mine, (near[0], "Quite another thing."), 0.4) is None
    assert _alike(mine, (near[0], "Quite another thing."), None) is None
    assert _alike(mine, ("Two kittens in Maadi", body), 0.99) is None
    assert _alike(("🎉", ""), ("🎉🎉", ""), None) is None


def test_what_says_nothing_is_not_looked_for() -> None:
    for text in ("", " ", "🎉🎉", "a", "x", "و", "the of and", "\u202e\u200f", "??"):
        assert not suggest.says_something(text), text
    for text in ("C++", "logo", "لوجو", "3ayez logo", "سباك"):
        assert suggest.says_something(text), text


@pytest.mark.parametrize("word", ["a", "a.", "1a", "://"])
def test_a_word_without_end_is_read_in_time(word: str) -> None:
    begun = time.perf_counter()
    suggest.folded(word * 50_000)
    suggest.Said(word * 50_000, word * 50_000).stems  # noqa: B018
    assert time.perf_counter() - begun < 3.0
