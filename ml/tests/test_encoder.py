"""Rules of the sentence vectors: which model, and what its vectors are worth."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ml import encoder
from ml.encoder import (
    DEFAULT_MODEL,
    ENGLISH_MODEL,
    BadVector,
    Encoder,
    EncoderError,
    ModelNotFound,
    describe,
    locate,
)

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "Logo for a coffee roaster",
    "Fix a slow React dashboard. " * 12,
    "محتاج سباك في مدينة نصر",
    "",
    "a",
    "very long " * 900,
    "Ten blog posts about Red Sea diving, 800 words each",
    "\ud800 lone surrogate",
]


def test_light_parts_load_no_heavy_library():
    code = (
        "import sys, ml.text, ml.ranking, ml.explain, ml.coldstart, ml.versions, ml.lexical, ml.places\n"
        "print(sorted({'torch','sklearn','scipy','sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_describing_the_model_loads_no_torch():
    code = (
        "import sys, ml.encoder\n"
        "try: ml.encoder.describe()\n"
        "except ml.encoder.ModelNotFound: pass\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False False"


def _folder(path, *, name="some-model", dimensions=8, card=""):
    folder = path / name
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "hidden_size": dimensions}))
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": dimensions}))
    (folder / "modules.json").write_text(
        json.dumps([{"type": "a.Transformer", "path": ""}, {"type": "a.Pooling", "path": "1_Pooling"}])
    )
    (folder / "model.safetensors").write_bytes(b"weights" * 30_000)
    if card:
        (folder / "README.md").write_text(card)
    return folder


def test_a_path_is_used_as_it_is(tmp_path):
    folder = _folder(tmp_path, dimensions=8)
    info = describe(str(folder))
    assert (info.model, info.dimensions) == (str(folder.resolve()), 8)
    assert len(info.revision) == 12
    assert describe(info.model) == info


def test_another_place_of_the_same_files_is_the_same_revision(tmp_path):
    folder = _folder(tmp_path)
    shutil.copytree(folder, tmp_path / "other" / "some-model")
    assert describe(str(folder)).revision == describe(str(tmp_path / "other" / "some-model")).revision


@pytest.mark.parametrize("changed", ["config.json", "model.safetensors"])
def test_changed_files_are_another_revision(tmp_path, changed):
    folder = _folder(tmp_path)
    before = describe(str(folder)).revision
    with (folder / changed).open("ab") as handle:
        handle.write(b" \n")
    assert describe(str(folder)).revision != before


@pytest.mark.parametrize(
    ("name", "card", "scripts"),
    [
        ("all-mpnet-base-v2", "", {"latin"}),
        ("multi-qa-MiniLM-L6-cos-v1", "", {"latin"}),
        ("paraphrase-multilingual-MiniLM-L12-v2", "---\nlanguage: en\n---\n", {"latin", "arabic"}),
        ("anything", "---\nlanguage:\n- en\n- ar\nlicense: mit\n---\n", {"latin", "arabic"}),
        ("anything", "---\nlanguage: en\n---\n", {"latin"}),
        ("anything", "", {"latin", "arabic"}),
    ],
)
def test_the_scripts_come_from_the_card_or_the_name(tmp_path, name, card, scripts):
    assert describe(str(_folder(tmp_path, name=name, card=card))).scripts == scripts


@pytest.mark.parametrize("model", ["/no/such/folder", "no such model", "no-such-model-here", "../../etc"])
def test_a_model_that_is_not_there_says_what_to_do(model):
    with pytest.raises(ModelNotFound, match="RECOMMENDATION_MODEL"):
        describe(model)


def test_a_folder_without_a_model_says_what_to_do(tmp_path):
    with pytest.raises(ModelNotFound, match=r"config\.json"):
        Encoder(str(tmp_path))


class _Backend:
    """Gives prepared states, to see what `encode` lets through."""

    def __init__(self, width, value=1.0):
        self.width, self.value = width, value

    def tokenise(self, texts):
        return [[0] * max(1, len(text)) for text in texts]

    def embed(self, sequences):
        return np.full((len(sequences), self.width), self.value, dtype=np.float32)


def _prepared(backend):
    pytest.importorskip("torch")
    import torch

    prepared = Encoder.__new__(Encoder)
    prepared.info = encoder.EncoderInfo("m", "r", 4, frozenset({"latin"}))
    prepared._budget, prepared._backend, prepared._torch = 64, backend, torch
    prepared._bilingual = None
    return prepared


@pytest.mark.parametrize("backend", [_Backend(5), _Backend(4, np.nan), _Backend(4, np.inf), _Backend(4, 0.0)])
def test_a_bad_vector_is_never_given_out(backend):
    with pytest.raises(BadVector):
        _prepared(backend).encode(["a", "b"])


def test_batches_hold_every_row_once_within_the_budget():
    lengths = [3, 60, 200, 1, 1, 64, 31, 32]
    batches = list(_prepared(_Backend(4))._batches(lengths))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= 64 for batch in batches)


def test_a_damaged_model_is_an_encoder_error(tmp_path):
    pytest.importorskip("sentence_transformers")
    folder = _folder(tmp_path)
    (folder / "config.json").write_text(
        json.dumps({"model_type": "bert", "hidden_act": "gelu", "hidden_size": 8})
    )
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True})
    )
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        Encoder(str(folder))


@pytest.fixture(scope="module")
def real():
    pytest.importorskip("torch")
    return Encoder()


@pytest.mark.model
def test_vectors_are_unit_rows_in_the_order_of_the_texts(real):
    vectors = real.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.allclose(real.encode(TEXTS[::-1])[::-1], vectors, atol=1e-3)
    assert real.encode([]).shape == (0, 384)
    assert real.info == describe(DEFAULT_MODEL)


@pytest.mark.model
def test_vectors_are_those_of_the_plain_call(real):
    from sentence_transformers import SentenceTransformer

    texts = TEXTS[:-1]
    plain = SentenceTransformer(str(locate(ENGLISH_MODEL)), device="cpu").encode(
        texts, show_progress_bar=False
    )
    assert (plain * Encoder(ENGLISH_MODEL).encode(texts)).sum(axis=1).min() >= 0.999


@pytest.mark.model
def test_a_vector_does_not_depend_on_its_batch(real):
    texts = [("build a web shop with payment " * 30)[: 7 * number + 1] for number in range(60)]
    together = real.encode(texts)
    alone = np.vstack([real.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


@pytest.mark.model
def test_equal_texts_get_equal_vectors(real):
    vectors = real.encode(["logo", "web shop", "logo"])
    assert (vectors[0] == vectors[2]).all()


@pytest.mark.model
def test_any_other_model_takes_the_plain_way_with_the_same_vectors(monkeypatch):
    lean = Encoder(ENGLISH_MODEL).encode(TEXTS[:3])
    monkeypatch.setattr(encoder.packed, "supports", lambda folder: False)
    assert (Encoder(ENGLISH_MODEL).encode(TEXTS[:3]) * lean).sum(axis=1).min() >= 0.999
