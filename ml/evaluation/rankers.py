"""Rankers to compare: each turns a set of `ml.evaluation.labelled` into a table of scores, queries x documents."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ml import search
from ml.encoder import led
from ml.evaluation.labelled import Retrieval
from ml.fusion import FUSION, Fusion
from ml.text import normalise, tokens

Table = NDArray[np.float64]
Vectors = Callable[[Sequence[str]], NDArray[np.float32]]
Ranker = Callable[[Retrieval], Table]

GRAMS = (3, 4)


def document_vectors(texts: Sequence[str], titles: Sequence[str], vectors: Vectors) -> NDArray[np.float32]:
    """Unit rows as the product stores them: a document's whole text mixed with its title."""
    titled = [bool(title.strip()) for title in titles]
    leads = [title for title in titles if title.strip()]
    whole = vectors(texts)
    return led(whole, titled, vectors(leads) if leads else whole[:0])


def _texts(labelled: Retrieval) -> list[str]:
    return [
        f"{title}. {body}" if title and body else title or body
        for title, body in zip(labelled.titles, labelled.bodies, strict=True)
    ]


def dense(vectors: Vectors) -> Ranker:
    """The cosine of one encoder's vectors."""

    def rank(labelled: Retrieval) -> Table:
        documents = document_vectors(_texts(labelled), labelled.titles, vectors)
        return np.asarray(vectors(labelled.queries) @ documents.T, dtype=np.float64)

    return rank


def _tfidf(analyse: Callable[[str], list[str]]) -> Ranker:
    def rank(labelled: Retrieval) -> Table:
        from sklearn.feature_extraction.text import TfidfVectorizer

        model = TfidfVectorizer(analyzer=analyse, sublinear_tf=True)
        documents = model.fit_transform(_texts(labelled))
        return np.asarray((model.transform(labelled.queries) @ documents.T).toarray())

    return rank


def _grams(text: str) -> list[str]:
    edged = [f"<{word}>" for word in normalise(text).split()]
    return [word[at : at + size] for word in edged for size in GRAMS for at in range(len(word) - size + 1)]


def tfidf_words() -> Ranker:
    """TF-IDF of word stems."""
    return _tfidf(tokens)


def tfidf_grams() -> Ranker:
    """TF-IDF of character n-grams within words."""
    return _tfidf(_grams)


def bm25s() -> Ranker | None:
    """The engine of that name over our own stems, None where it is not installed."""
    if importlib.util.find_spec("bm25s") is None:
        return None

    def rank(labelled: Retrieval) -> Table:
        import bm25s as engine  # type: ignore[import-untyped]

        model = engine.BM25()
        model.index([tokens(text) or [""] for text in _texts(labelled)], show_progress=False)
        rows = [model.get_scores(tokens(query)) if tokens(query) else None for query in labelled.queries]
        return np.array(
            [np.zeros(len(labelled.titles)) if row is None else row for row in rows], dtype=np.float64
        )

    return rank


def description(vectors: Vectors) -> Ranker:
    """The description's formula: 0.4 of TF-IDF and 0.6 of the cosine, of whole texts."""
    words = tfidf_words()

    def rank(labelled: Retrieval) -> Table:
        cosines = vectors(labelled.queries) @ vectors(_texts(labelled)).T
        return 0.4 * words(labelled) + 0.6 * np.asarray(cosines, dtype=np.float64)

    return rank


def words() -> Ranker:
    """The product's lexical half: BM25F with skeletons and corrected spelling (`ml.search`)."""
    return lambda labelled: lexical(labelled)[0]


def lexical(labelled: Retrieval) -> tuple[Table, NDArray[np.float64]]:
    """Scores of the lexical half, 0 to 1, and the rarity of each query."""
    documents = [
        search.document(title=title, names="", body=body)
        for title, body in zip(labelled.titles, labelled.bodies, strict=True)
    ]
    frequencies: Counter[str] = Counter(lexeme for one in documents for lexeme in one.words)
    written: dict[str, str] = {}
    for title, body in zip(labelled.titles, labelled.bodies, strict=True):
        for stem, shown in search.surfaces(f"{title}\n{body}").items():
            written.setdefault(stem, shown)
    columns = sorted({column for one in documents for column in one.terms})
    place = {column: number for number, column in enumerate(columns)}
    rows = csr_matrix(
        (
            [weight for one in documents for weight in one.terms.values()],
            [place[column] for one in documents for column in one.terms],
            np.cumsum([0, *(len(one.terms) for one in documents)]),
        ),
        shape=(len(documents), max(1, len(columns))),
    )
    near = _Near(written, frequencies)
    scores, rarities = np.zeros((len(labelled.queries), len(documents))), np.zeros(len(labelled.queries))
    for number, query in enumerate(labelled.queries):
        asked = search.query_words(query)
        plan = search.plan(asked, frequencies=frequencies, total=len(documents), near=near.of(asked))
        weights = np.zeros(max(1, len(columns)))
        for column, weight in plan.terms.items():
            if column in place:
                weights[place[column]] = weight
        scores[number] = rows @ weights
        rarities[number] = plan.rarity
    return scores, rarities


class _Near:
    """Near words of the vocabulary by deletion keys, as the database finds them."""

    def __init__(self, written: Mapping[str, str], frequencies: Mapping[str, int]) -> None:
        self._written, self._frequencies = written, frequencies
        self._keys: dict[int, list[str]] = {}
        for stem in written:
            for key in search.deletion_keys(stem) | search.deletion_keys(normalise(written[stem])):
                self._keys.setdefault(key, []).append(stem)
        self._known: dict[str, list[search.Near]] = {}

    def of(self, asked: Sequence[search.Word]) -> dict[str, list[search.Near]]:
        found: dict[str, list[search.Near]] = {}
        for word in asked:
            if self._frequencies.get(word.stem):
                continue
            if word.stem not in self._known:
                keys = search.deletion_keys(word.text) | search.deletion_keys(word.stem)
                stems = {stem for key in keys for stem in self._keys.get(key, ())}
                self._known[word.stem] = search.nearest(
                    word, [(stem, [self._written[stem]], self._frequencies[stem]) for stem in sorted(stems)]
                )
            found[word.stem] = self._known[word.stem]
        return found


def hybrid(vectors: Vectors, *, fusion: Fusion = FUSION) -> Ranker:
    """The product's score without its bonuses (`ml.fusion`): both halves, blended by the scripts of both sides."""
    semantic = dense(vectors)

    def rank(labelled: Retrieval) -> Table:
        return blended(labelled, semantic(labelled), *lexical(labelled), fusion=fusion)

    return rank


def blended(
    labelled: Retrieval,
    cosines: Table,
    scores: Table,
    rarities: NDArray[np.float64],
    *,
    fusion: Fusion = FUSION,
) -> Table:
    """`ml.fusion.fuse` over whole tables."""
    queries = [search.script_of(query) for query in labelled.queries]
    documents = [search.script_of(text) for text in _texts(labelled)]
    low, high, share, gain, start = (np.zeros_like(cosines) for _ in range(5))
    for number, query in enumerate(queries):
        for script in set(documents):
            blend = fusion.blend(query, script)
            chosen = [column for column, one in enumerate(documents) if one == script]
            low[number, chosen], high[number, chosen] = blend.low, blend.high
            share[number, chosen] = blend.dense
            gain[number, chosen], start[number, chosen] = blend.evidence, blend.evidence_from
    semantic = np.clip((cosines - low) / (high - low), 0.0, 1.0)
    beyond = np.maximum(0.0, scores * rarities[:, None] - start)
    return np.asarray(share * semantic + (1.0 - share) * scores + gain * beyond)
