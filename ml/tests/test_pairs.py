"""Guards of the ranking's quality, on the labelled set that ships."""

import json

import pytest

from ml.evaluation import pairs as evaluate
from ml.ranking import NOTIFY_PERCENTAGE, Signals, score_pair


@pytest.fixture(scope="module")
def pairs():
    return evaluate.load_pairs()


def test_the_shipped_set_is_bilingual_and_whole(pairs):
    data = json.loads(evaluate.PAIRS.read_text(encoding="utf-8"))
    for key in ("profiles", "tasks"):
        languages = [row["language"] for row in data[key]]
        assert min(languages.count("ar"), languages.count("en")) >= 10
    suited = {task for _, task in pairs.grades}
    assert suited == set(range(len(pairs.tasks)))
    assert {person for person, _ in pairs.grades} == set(range(len(pairs.profiles)))


def test_skills_and_words_alone_rank_well_in_both_languages(pairs):
    result = evaluate.compare(pairs, vectors=None, scripts=frozenset({"latin"}))
    assert result["score_pair"]["ndcg@10"] >= 0.95
    assert result["score_pair"]["mrr"] >= 0.97
    assert result["score_pair"]["ndcg@10"] > result["tfidf"]["ndcg@10"]
    assert result["score_pair"]["precision"] >= 0.85
    assert result["score_pair"]["recall"] >= 0.90


def test_who_suits_well_is_told(pairs):
    told = [
        score_pair(pairs.profiles[person], pairs.tasks[task], Signals(None, None)).percentage
        >= NOTIFY_PERCENTAGE
        for (person, task), grade in pairs.grades.items()
        if grade == 2
    ]
    assert sum(told) / len(told) >= 0.85


def test_who_does_not_suit_is_not_told(pairs):
    wrong = [
        score_pair(profile, task, Signals(None, None)).percentage >= NOTIFY_PERCENTAGE
        for i, profile in enumerate(pairs.profiles)
        for j, task in enumerate(pairs.tasks)
        if (i, j) not in pairs.grades
    ]
    assert sum(wrong) / len(wrong) <= 0.01


@pytest.mark.model
def test_with_the_encoder_the_ranking_beats_the_plain_hybrid(pairs):
    pytest.importorskip("torch")
    from ml.encoder import Encoder

    encoder = Encoder()
    result = evaluate.compare(pairs, vectors=encoder.encode, scripts=encoder.info.scripts)
    assert result["score_pair"]["ndcg@10"] >= max(
        0.95, result["hybrid"]["ndcg@10"], result["cosine"]["ndcg@10"]
    )
    assert result["score_pair"]["precision"] >= 0.85


def test_measures_are_one_for_a_perfect_order_and_fall_with_a_worse_one():
    grades = {(0, 1): 2, (0, 2): 1}
    best = evaluate.measures([[0.1, 0.9, 0.5]], grades)
    worse = evaluate.measures([[0.9, 0.1, 0.5]], grades)
    assert best == {"ndcg@10": 1.0, "mrr": 1.0}
    assert worse["ndcg@10"] < 1.0
    assert worse["mrr"] == 0.5


def test_a_folder_of_jobs_is_measured_too(tmp_path):
    skills = ["Python, Django, React", "Logo, Brand, Print", "Python, Django, Flask", "Logo, Brand, Icons"]
    rows = "\n".join(f'Job {number},"{names}"' for number, names in enumerate(skills * 4))
    (tmp_path / "upwork_jobs_en.csv").write_text(f"title,skills\n{rows}\n", encoding="utf-8")
    result = evaluate.measure(tmp_path, vectors=None, scripts=frozenset({"latin"}))
    assert result["upwork jobs"]["score_pair"]["mrr"] == 1.0
    assert set(evaluate.measure(None, vectors=None, scripts=frozenset({"latin"}))) == {"pairs"}


def test_jobs_that_cannot_be_read_say_what_is_wanted(tmp_path):
    (tmp_path / "upwork_jobs_en.csv").write_text("name\nx\n", encoding="utf-8")
    with pytest.raises(ValueError, match="columns title and skills"):
        evaluate.measure(tmp_path, vectors=None, scripts=frozenset({"latin"}))
