"""Measures against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ml.evaluation import labelled, measures, rankers

SCORES = np.array([[0.9, 0.8, 0.1, 0.0], [0.1, 0.2, 0.3, 0.4]])
GAINS = np.array([[0.0, 2.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])


def test_ndcg_is_the_discounted_gain_over_the_best_there_could_be() -> None:
    first = (2 / np.log2(3) + 1 / np.log2(4)) / (2 + 1 / np.log2(3))
    assert measures.ndcg(SCORES, GAINS) == pytest.approx([first, 1 / np.log2(5)])


def test_a_list_that_ends_early_is_held_against_all_it_could_have_held() -> None:
    there = np.array([1.0, 0.0, 3.0])
    ideal = 3 + 1 / np.log2(3)
    assert measures.ndcg_shown(np.array([1.0]), there) == pytest.approx(1 / ideal)
    assert measures.ndcg_shown(np.array([]), there) == 0.0
    assert measures.ndcg_shown(np.array([1.0, 3.0]), there, depth=1) == pytest.approx(1 / 3)
    assert np.isnan(measures.ndcg_shown(np.array([0.0]), np.array([])))


def test_reciprocal_rank_precision_and_recall() -> None:
    assert measures.reciprocal_rank(SCORES, GAINS) == pytest.approx([1 / 2, 1 / 4])
    assert measures.recall(SCORES, GAINS, depth=2) == pytest.approx([0.5, 0.0])
    assert measures.precision(SCORES, GAINS, depth=2) == pytest.approx([0.5, 0.0])


def test_a_query_with_nothing_to_find_counts_nowhere() -> None:
    nothing = np.zeros((1, 4))
    for measure in (measures.ndcg, measures.reciprocal_rank, measures.recall, measures.precision):
        assert np.isnan(measure(SCORES[:1], nothing)).all()
    mean, low, high = measures.interval(np.array([np.nan, 0.5]))
    assert (mean, low, high) == (0.5, 0.5, 0.5)


def test_all_measures_at_once_are_the_measures_one_by_one() -> None:
    draws = np.random.default_rng(3)
    scores, gains = draws.random((20, 40)), draws.integers(0, 3, (20, 40)).astype(float)
    together = measures.all_measures(scores, gains)
    for name, measure in (
        ("ndcg@10", measures.ndcg),
        ("recall@10", measures.recall),
        ("p@10", measures.precision),
        ("mrr", measures.reciprocal_rank),
    ):
        assert together[name]["mean"] == pytest.approx(np.nanmean(measure(scores, gains)))
        assert together[name]["low"] <= together[name]["mean"] <= together[name]["high"]


def test_the_own_set_is_whole_and_its_halves_share_no_topic() -> None:
    whole = labelled.topics()
    assert len(whole.titles) >= 240
    assert len(whole.queries) >= 480
    assert {query["kind"] for query in whole.queries} == {"en", "ar", "egy", "latin", "en_typo", "ar_typo"}
    halves = {
        split: {q["topic"] for q, s in zip(whole.queries, whole.splits, strict=True) if s == split}
        for split in ("dev", "test")
    }
    assert min(map(len, halves.values())) >= 30
    assert not halves["dev"] & halves["test"]
    assert (whole.gains.max(axis=1) == labelled.SAME).all()


def test_words_find_what_shares_them_and_forgive_a_letter() -> None:
    one = labelled.Retrieval(
        "small",
        "own",
        ("logo desgin", "مواقع"),
        ("Logo design", "برمجة موقع", "Plumber"),
        ("", "", ""),
        np.eye(2, 3),
    )
    table, rarities = rankers.lexical(one)
    assert table[0].argmax() == 0
    assert table[1].argmax() == 1
    assert table.min() >= 0.0
    assert table.max() <= 1.0
    assert (rarities > 0).all()
