"""Guards of search quality on the project's own sets, and the command that prints it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ml import evaluate
from ml.evaluation import labelled, measures, rankers

# What the topics kept for reporting must reach, nDCG@10: the figures of docs/evaluation.md less about 0.03.
LEAST = {
    "English": 0.71,
    "Arabic": 0.72,
    "English finds Arabic": 0.72,
    "Arabic finds English": 0.72,
    "Latin-letter Arabic": 0.66,
    "English, mistyped": 0.70,
    "Arabic, mistyped": 0.70,
    "everything, both languages": 0.69,
}


@pytest.fixture(scope="module")
def vectors() -> rankers.Vectors:
    pytest.importorskip("torch")
    from ml.encoder import Encoder

    return Encoder(threads=1).encode


@pytest.mark.model
def test_search_finds_within_and_across_languages_and_forgives_typing(vectors: rankers.Vectors) -> None:
    sets = {one.name: one for one in labelled.own_sets("test")}
    assert sets.keys() == LEAST.keys()
    rank = rankers.hybrid(vectors)
    found = {name: float(np.nanmean(measures.ndcg(rank(one), one.gains))) for name, one in sets.items()}
    assert not {name: value for name, value in found.items() if value < LEAST[name]}, found


@pytest.mark.model
def test_search_beats_words_alone_and_the_description_s_mix(vectors: rankers.Vectors) -> None:
    everything = labelled.own_sets("test")[-1]
    compared = {
        "search": rankers.hybrid(vectors),
        "words": rankers.words(),
        "characters": rankers.tfidf_grams(),
    }
    found = {
        name: float(np.nanmean(measures.ndcg(rank(everything), everything.gains)))
        for name, rank in compared.items()
    }
    assert found["search"] > 2 * max(found["words"], found["characters"])


@pytest.mark.model
def test_one_typing_error_costs_little(vectors: rankers.Vectors) -> None:
    sets = {one.name: one for one in labelled.own_sets(None)}
    rank = rankers.hybrid(vectors)

    def quality(name: str) -> float:
        return float(np.nanmean(measures.ndcg(rank(sets[name]), sets[name].gains)))

    assert quality("English, mistyped") > 0.8 * quality("English")
    assert quality("Arabic, mistyped") > 0.8 * quality("Arabic")


def test_the_command_prints_and_stores_what_it_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "deep" / "figures.json"
    assert evaluate.main(["--no-model", "--only", "search", "--json", "--out", str(out)]) == 0
    stored = json.loads(out.read_text(encoding="utf-8"))
    assert json.loads(capsys.readouterr().out) == stored
    words = stored["search"]["Arabic"]["rankers"]["words (BM25F)"]["ndcg@10"]
    assert 0.3 < words["low"] <= words["mean"] <= words["high"] < 0.7


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate.main(["--data", str(tmp_path / "none")])
    assert "there is no folder" in capsys.readouterr().err


def test_public_sets_are_read_where_they_are_there(tmp_path: Path) -> None:
    assert labelled.public_sets(tmp_path) == []
    lines = [
        "isco\tar\ten\ten_alternatives",
        *(f"1\tاسم {n}\tname {n}\tother {n}; more {n}" for n in range(40)),
    ]
    (tmp_path / "esco_occupations_ar_en.tsv").write_text("\n".join(lines), encoding="utf-8")
    kept, whole = labelled.public_sets(tmp_path)
    assert 0 < len(kept.queries) == len(whole.queries) < 40 == len(whole.titles)
    assert all(labelled.is_kept_aside(title) for title in kept.titles)
