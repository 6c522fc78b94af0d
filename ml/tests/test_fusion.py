"""Rules of the score that both halves of search make together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.fusion import FUSION, Blend, Fusion, fuse, is_found
from ml.search import SCRIPTS

SHARE = st.floats(0, 1)


def _fuse(**more):
    values = {
        "query": "latin",
        "document": "latin",
        "lexical": 0.5,
        "cosine": 0.5,
        "days": 1.0,
        "is_open": True,
        "rating": 4.0,
    }
    return fuse(**(values | more))


def test_every_blend_is_a_share_between_rising_ends():
    for query in SCRIPTS:
        for document in SCRIPTS:
            blend = FUSION.blend(query, document)
            assert 0 <= blend.dense <= 1
            assert blend.low < blend.high
            assert FUSION.floor(query) <= blend.floor


@given(SHARE, SHARE, st.floats(-1, 1), st.floats(-1, 1))
def test_more_of_either_half_never_scores_less(one, two, first, second):
    assert _fuse(lexical=max(one, two)) >= _fuse(lexical=min(one, two))
    assert _fuse(cosine=max(first, second)) >= _fuse(cosine=min(first, second))


@given(SHARE, st.one_of(st.none(), st.floats(-1, 1)), st.floats(0, 5000), st.booleans(), st.floats(0, 5))
def test_bonuses_decide_only_between_what_is_nearly_as_relevant(lexical, cosine, days, is_open, rating):
    most = FUSION.fresh + FUSION.open + FUSION.near + FUSION.rating
    assert most <= 0.1
    assert (
        0
        <= _fuse(lexical=lexical, cosine=cosine, days=days, is_open=is_open, rating=rating)
        <= 1 + most + 1e-9
    )


def test_the_newer_the_open_and_the_better_rated_come_first_among_equals():
    assert _fuse(days=1) > _fuse(days=40)
    assert _fuse(is_open=True) > _fuse(is_open=False)
    assert _fuse(rating=5) > _fuse(rating=0)
    assert _fuse(is_near=True) > _fuse(is_near=False)


def test_without_a_vector_the_words_alone_score():
    bare = Fusion(fresh=0, open=0, rating=0)
    assert _fuse(lexical=0.4, cosine=None, fusion=bare) == pytest.approx(0.4)


def test_scripts_have_blends_of_their_own():
    only = Fusion(
        blends={("latin", "arabic"): Blend(dense=1.0, low=0.0, high=1.0, floor=0.3)},
        other=Blend(dense=0.0, low=0.0, high=1.0, floor=0.9),
        fresh=0,
        open=0,
        rating=0,
    )
    assert _fuse(document="arabic", lexical=0.1, cosine=0.8, fusion=only) == pytest.approx(0.8)
    assert _fuse(document="latin", lexical=0.1, cosine=0.8, fusion=only) == pytest.approx(0.1)
    assert is_found(query="latin", document="arabic", gathered=False, cosine=0.35, fusion=only)
    assert not is_found(query="latin", document="latin", gathered=False, cosine=0.35, fusion=only)
    assert is_found(query="latin", document="latin", gathered=True, cosine=None, fusion=only)


def test_much_of_a_query_of_rare_words_outweighs_the_vectors():
    both = {"query": "arabic", "document": "arabic"}
    words, meaning = both | {"lexical": 0.5, "cosine": 0.2}, both | {"lexical": 0.0, "cosine": 0.7}
    assert _fuse(**words, rarity=1.0) < _fuse(**meaning, rarity=1.0)
    assert _fuse(**words, rarity=6.0) > _fuse(**meaning, rarity=6.0)
