"""Rules of the lexical vectors."""

import math
import zlib

import pytest

from ml.lexical import LEXICAL_DIMENSIONS, MAX_TERMS_PER_TEXT, LexicalModel, as_matrix, cosine

TEXTS = [
    "تصميم شعارات لمطعم",
    "logo design for a restaurant",
    "Django web application",
    "web design",
    "ترجمة عقد",
]


@pytest.fixture(scope="module")
def model():
    return LexicalModel.fit(TEXTS)


def test_rows_have_length_one_and_stay_inside_the_dimensions(model):
    for row in model.transform(TEXTS):
        assert math.isclose(math.fsum(value * value for value in row.values()), 1.0)
        assert all(0 <= column < LEXICAL_DIMENSIONS == model.dimensions for column in row)
        assert list(row) == sorted(row)


def test_a_text_without_a_known_term_has_an_empty_row(model):
    assert model.transform(["zzz", "", "!!!"]) == [{}, {}, {}]


def test_rows_are_those_of_scikit_learn():
    from sklearn.feature_extraction.text import TfidfVectorizer

    from ml.text import tokens

    reference = TfidfVectorizer(
        tokenizer=tokens, lowercase=False, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True
    )
    expected = reference.fit_transform(TEXTS)
    similarity = (expected @ expected.T).toarray()
    rows = LexicalModel.fit(TEXTS).transform(TEXTS)
    for i, first in enumerate(rows):
        for j, second in enumerate(rows):
            assert math.isclose(cosine(first, second), similarity[i, j], abs_tol=1e-9)


def test_equal_texts_give_an_equal_model_in_any_order(model):
    assert LexicalModel.fit(reversed(TEXTS)).id == model.id
    assert LexicalModel.fit(TEXTS[:-1]).id != model.id


def test_a_refit_never_moves_a_column(model):
    later = LexicalModel.refit([*TEXTS[2:], "plumber for a leak", "سباك"], model)
    assert later.id != model.id
    assert later._columns.items() >= model._columns.items()
    assert len(set(later._columns.values())) == len(later._columns)
    assert later.transform(["plumber"]) != [{}]
    assert later.transform(["شعارات"])[0].keys() == model.transform(["شعارات"])[0].keys()


def test_a_refit_with_every_column_taken_leaves_new_terms_out():
    full = LexicalModel(
        {f"t{column}": column for column in range(LEXICAL_DIMENSIONS)},
        dict.fromkeys(range(LEXICAL_DIMENSIONS), 1.0),
    )
    later = LexicalModel.refit(["quite new words"], full)
    assert len(later) == LEXICAL_DIMENSIONS
    assert later.transform(["quite new words"]) == [{}]


def test_a_stored_model_comes_back_the_same(model):
    again = LexicalModel.from_bytes(model.to_bytes())
    assert again.id == model.id
    assert again.transform(TEXTS) == model.transform(TEXTS)
    assert again.to_bytes() == model.to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        zlib.compress(b"{}"),
        zlib.compress(b"[1]"),
        zlib.compress(b'{"format":1,"text":"text-0","terms":[]}'),
        zlib.compress(b'{"format":1,"text":"text-1","terms":[[70000,"a",1.0]]}'),
        zlib.compress(b'{"format":1,"text":"text-1","terms":[[1,"a",NaN]]}'),
        zlib.compress(b'{"format":1,"text":"text-1","terms":[[1,"a",1.0],[1,"b",1.0]]}'),
    ],
)
def test_garbage_is_refused(data):
    with pytest.raises(ValueError, match="not a stored lexical model"):
        LexicalModel.from_bytes(data)


def test_a_cut_model_is_refused(model):
    with pytest.raises(ValueError, match="not a stored lexical model"):
        LexicalModel.from_bytes(model.to_bytes()[:-9])


def test_a_very_long_text_keeps_its_weightiest_terms():
    text = " ".join(f"word{number}" for number in range(3000))
    row = LexicalModel.fit([text]).transform([text])[0]
    assert len(row) == MAX_TERMS_PER_TEXT


@pytest.mark.parametrize("texts", [[], ["", "!!"], ["the and of"]])
def test_texts_without_words_give_an_empty_model(texts):
    model = LexicalModel.fit(texts)
    assert len(model) == 0
    assert model.transform(["logo"]) == [{}]
    assert LexicalModel.from_bytes(model.to_bytes()).id == model.id


def test_rare_terms_are_left_out_when_asked():
    model = LexicalModel.fit(["logo design", "logo print"], min_df=2)
    assert model.transform(["design"]) == [{}]
    assert model.transform(["logo"]) != [{}]


def test_cosines_of_a_matrix_are_those_of_the_rows(model):
    rows = model.transform([*TEXTS, "nothing known zzz"])
    table = (as_matrix(rows) @ as_matrix(rows).T).toarray()
    assert math.isclose(table[1, 3], cosine(rows[1], rows[3]), abs_tol=1e-6)
    assert table[5].sum() == 0.0
