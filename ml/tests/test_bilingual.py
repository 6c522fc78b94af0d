"""The bilingual encoder: one space for every spelling, script and process."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from ml import adapter, bilingual, light, packed, subword
from ml.encoder import ENGLISH_MODEL, Encoder, EncoderError, QueryEncoder, describe, locate
from ml.training import fit, noise, sources

TEXTS = [
    "fix a leaking kitchen sink",
    "محتاج سباك يصلح تسريب في المطبخ",
    "3ayez sabak ysalla7 el7anafeya",
    "تصميم logo لشركة ناشئة",
    "web developer",
    "!!! 🎉",
    "2024",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=1)


@pytest.fixture(scope="module")
def queries() -> QueryEncoder:
    return QueryEncoder()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("سباك", "sabbak"),
        ("سباك", "sabak"),
        ("نجار", "naggar"),
        ("كهربائي", "kahraba2i"),
        ("مدرسة", "madrasa"),
    ],
)
def test_a_word_has_the_same_consonants_in_both_scripts(one: str, other: str) -> None:
    from ml.text import normalise

    assert subword.consonants(normalise(one)) == subword.consonants(other) != ""


def test_the_default_model_reads_both_scripts_and_is_known_by_its_name() -> None:
    info = describe("")
    assert info.model == bilingual.NAME == describe(bilingual.NAME).model
    assert info.scripts == {"latin", "arabic"}
    assert info.dimensions == describe(ENGLISH_MODEL).dimensions
    assert info.revision != describe(ENGLISH_MODEL).revision


def test_the_web_process_gives_the_worker_s_vectors(encoder: Encoder, queries: QueryEncoder) -> None:
    mine = np.stack([queries.encode(text) for text in TEXTS])
    cosines = (mine * encoder.encode(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.999, dict(zip(TEXTS, cosines, strict=True))


def test_the_light_pass_is_the_packed_one_with_and_without_an_adapter() -> None:
    folder = locate(ENGLISH_MODEL)
    ids = [101, 2342, 1037, 3231, 102]
    for adapted_by in (None, bilingual.FOLDER):
        first = light.LightBert(folder, adapted_by=adapted_by).embed(ids)
        second = packed.PackedBert(folder, adapted_by=adapted_by).embed([ids])[0].numpy()
        cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
        assert cosine > 0.999


def test_the_adapter_changes_what_the_base_says() -> None:
    assert adapter.load(bilingual.FOLDER)
    folder, ids = locate(ENGLISH_MODEL), [101, 19044, 102]
    plain = light.LightBert(folder).embed(ids)
    adapted = light.LightBert(folder, adapted_by=bilingual.FOLDER).embed(ids)
    assert not np.allclose(plain, adapted)


def test_a_vector_does_not_depend_on_what_else_is_in_its_batch(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.9999


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أعمال إنشاءات", "اعمال انشاءات"),
        ("مكتبة", "مكتبه"),
        ("مستشفى", "مستشفي"),
        ("شـــقة", "شقة"),
        ("مُحَاسِب", "محاسب"),
        ("کهربائی", "كهربائي"),
        ("٣ غرف", "3 غرف"),
    ],
)
def test_spelling_does_not_matter(encoder: Encoder, one: str, other: str) -> None:
    assert np.allclose(*encoder.encode([one, other]), atol=1e-6)


@pytest.mark.parametrize(
    ("arabic", "english", "stranger"),
    [
        ("عايز سباك", "plumber", "logo designer"),
        ("مترجم عقود قانونية", "legal translation", "car mechanic"),
        ("3ayez mosawer fara7", "wedding photographer", "database developer"),
        ("تصليح تكييف", "air conditioner repair", "english teacher"),
        ("مصمم شعارات", "logo design", "house cleaning"),
    ],
)
def test_arabic_of_any_kind_lies_by_its_english(
    encoder: Encoder, arabic: str, english: str, stranger: str
) -> None:
    first, second, third = encoder.encode([arabic, english, stranger])
    assert first @ second > 0.5
    assert first @ second > first @ third + 0.25


def test_one_typing_error_moves_a_vector_little(encoder: Encoder) -> None:
    pairs = [("electrician", "electrcian"), ("photographer", "photogrpaher"), ("محاسب قانوني", "محسب قانوني")]
    for right, wrong in pairs:
        first, second = encoder.encode([right, wrong])
        assert first @ second > 0.6, (right, wrong)


def test_latin_letter_arabic_is_told_from_english() -> None:
    static = subword.SubwordEncoder(bilingual.FOLDER)
    franco = ["3ayez 7ad yesalla7 el ghasala", "me7tag mohandes", "mesh la2y sawa2", "ba3mel tasmemat"]
    english = [
        "need someone to repair a washing machine",
        "structural engineer",
        "driver wanted",
        "I make designs",
    ]
    assert min(static.romanised(text) for text in franco) > bilingual.ROMANISED
    assert max(static.romanised(text) for text in english) < bilingual.ROMANISED


def test_texts_without_words_get_a_vector_all_the_same(encoder: Encoder, queries: QueryEncoder) -> None:
    for text in ("", "   ", "!!!", "😀", "\u202e", "你好", "x" * 10_000, "\ud800"):
        for vector in (encoder.encode([text])[0], queries.encode(text)):
            assert vector.shape == (encoder.info.dimensions,)
            assert np.isfinite(vector).all()
            assert abs(float(np.linalg.norm(vector)) - 1.0) < 1e-3


def test_files_that_are_not_whole_are_told(tmp_path: Path) -> None:
    for name in ("config.json", "head.npz"):
        (tmp_path / name).write_bytes((bilingual.FOLDER / name).read_bytes())
    (tmp_path / "rows.npy").write_bytes(b"not an array")
    with pytest.raises(EncoderError, match="cannot be"):
        QueryEncoder(str(tmp_path))
    with pytest.raises(EncoderError, match="cannot be"):
        Encoder(str(tmp_path))


def test_a_model_that_needs_torch_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "xlm-roberta", "hidden_size": 8}))
    assert not QueryEncoder.supports(str(tmp_path))
    assert not QueryEncoder.supports("no-such-model")
    assert QueryEncoder.supports("")
    assert QueryEncoder.supports(ENGLISH_MODEL)


def test_a_saved_table_is_read_back(tmp_path: Path) -> None:
    draws = np.random.default_rng(0)
    rows = draws.normal(size=(subword.BUCKETS, 4)).astype(np.float32)
    head = {
        "gate": np.zeros(subword.BUCKETS, np.float32),
        "romanised": np.zeros(subword.BUCKETS, np.float32),
        "project": draws.normal(size=(4, 6)).astype(np.float32),
    }
    subword.save(tmp_path, rows=rows, head=head, about={})
    vectors = subword.SubwordEncoder(tmp_path).encode(["سباك ماهر", "plumber", ""])
    assert vectors.shape == (3, 6)
    assert np.allclose(np.linalg.norm(vectors[:2], axis=1), 1.0, atol=1e-3)
    assert not vectors[2].any()


# --- Building -------------------------------------------------------------------------------------------------------


def test_every_row_of_the_glossary_is_whole_and_in_its_script() -> None:
    from ml.text import arabic_share

    concepts = sources.glossary()
    assert len(concepts) > 4_000
    for name in ("terms", "requests", "cards"):
        assert sum(one.source == name for one in concepts) > 400, name
    english = [text for one in concepts for text in one.english]
    assert max(arabic_share(text) for text in english) < 0.5


def test_nothing_that_is_measured_is_learned_from() -> None:
    from ml.text import normalise

    seen = sources.measured()
    assert len(seen) > 900
    learned = {normalise(text) for one in sources.glossary() for text in (*one.english, *one.arabic)}
    assert not learned & seen


def test_a_mistyped_word_differs_by_one_error_and_short_words_stay() -> None:
    from ml.search import spelling_distance

    source = random.Random(1)
    for _ in range(200):
        for word in ("electrician", "كهربائي", "logo"):
            assert spelling_distance(word, noise.mistyped(word, source), 3) <= 1
        assert noise.mistyped("abc", source) == "abc"


def test_a_small_build_learns_its_pairs() -> None:
    draws = np.random.default_rng(0)
    words = [
        ("plumber", "سباك"),
        ("lawyer", "محامي"),
        ("teacher", "مدرس"),
        ("driver", "سواق"),
        ("painter", "نقاش"),
        ("tailor", "خياط"),
    ]
    vectors = {en: (v := draws.normal(size=16)) / np.linalg.norm(v) for en, _ in words}
    concepts = [sources.Concept((en,), (ar,), 1.0, "terms") for en, ar in words]
    plan = fit.Plan(width=8, hidden=16, steps=60, batch=16, threads=1)
    rows, head = fit.fit(concepts, lambda text: np.asarray(vectors[text], dtype=np.float32), plan)
    assert rows.shape == (subword.BUCKETS, 8)
    again, _ = fit.fit(concepts, lambda text: np.asarray(vectors[text], dtype=np.float32), plan)
    assert np.array_equal(rows, again)  # the same sources give the same encoder
    assert head["project"].shape == (8, 16)
