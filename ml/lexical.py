"""TF-IDF over both languages with columns that never change meaning: scikit-learn fits, plain dicts transform."""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from ml.text import tokens
from ml.versions import TEXT_VERSION

LEXICAL_DIMENSIONS = 65_536
MAX_TERMS_PER_TEXT = 1_000
_FORMAT = 1
_MAX_BYTES = 256 * 1024 * 1024

SparseRow = dict[int, float]


def _terms(text: str) -> list[str]:
    words = tokens(text)
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


class LexicalModel:
    """A fitted vocabulary of 1- and 2-word terms with their inverse document frequencies.

    Rows are sublinear TF-IDF (1 + ln tf, smooth idf), L2-normalised: the dot product of two rows is their cosine.
    """

    dimensions = LEXICAL_DIMENSIONS

    def __init__(self, columns: Mapping[str, int], idf: Mapping[int, float]) -> None:
        """`columns`: term -> column, `idf`: column -> weight. Raises ValueError if they do not fit together."""
        used = set(columns.values())
        if len(used) != len(columns) or used != set(idf):
            raise ValueError("the vocabulary and its weights do not fit together")
        if any(not 0 <= column < LEXICAL_DIMENSIONS for column in used):
            raise ValueError(f"a column is outside 0..{LEXICAL_DIMENSIONS - 1}")
        if any(not math.isfinite(weight) or weight <= 0.0 for weight in idf.values()):
            raise ValueError("a weight is not a positive number")
        self._columns = dict(columns)
        self._idf = {column: float(weight) for column, weight in idf.items()}
        digest = hashlib.sha256(self._payload()).hexdigest()
        self.id = digest[:16]

    def __len__(self) -> int:
        return len(self._columns)

    @classmethod
    def fit(cls, texts: Iterable[str], *, max_terms: int = 50_000, min_df: int = 1) -> LexicalModel:
        """Fit on `texts`, keeping the `max_terms` most frequent terms found in at least `min_df` texts."""
        return cls._fit(texts, previous=None, max_terms=max_terms, min_df=min_df)

    @classmethod
    def refit(
        cls, texts: Iterable[str], previous: LexicalModel, *, max_terms: int = 50_000, min_df: int = 1
    ) -> LexicalModel:
        """Fit anew; every term of `previous` keeps its column, new ones get columns that were never used.

        Once every column is taken, new terms are left out until a fresh `fit`.
        """
        return cls._fit(texts, previous=previous, max_terms=max_terms, min_df=min_df)

    @classmethod
    def _fit(
        cls, texts: Iterable[str], *, previous: LexicalModel | None, max_terms: int, min_df: int
    ) -> LexicalModel:
        from sklearn.feature_extraction.text import TfidfVectorizer

        if not 1 <= max_terms <= LEXICAL_DIMENSIONS:
            raise ValueError(f"max_terms must be between 1 and {LEXICAL_DIMENSIONS}")
        documents = [_terms(text) for text in texts]
        columns = dict(previous._columns) if previous is not None else {}
        if not any(documents):
            if previous is not None:
                return previous
            return cls({}, {})
        vectorizer = TfidfVectorizer(
            analyzer=list,
            max_features=max_terms,
            min_df=min(min_df, len(documents)),
            sublinear_tf=True,
            norm="l2",
        )
        try:
            vectorizer.fit(documents)
        except ValueError:  # every term is rarer than min_df
            return previous if previous is not None else cls({}, {})
        fitted = {
            str(term): float(vectorizer.idf_[column]) for term, column in vectorizer.vocabulary_.items()
        }
        unseen = math.log(1 + len(documents)) + 1.0  # scikit-learn's smooth idf of a term in no document
        free = iter(range(max(columns.values(), default=-1) + 1, LEXICAL_DIMENSIONS))
        for term in sorted(fitted):
            if term not in columns:
                column = next(free, None)
                if column is None:
                    break
                columns[term] = column
        return cls(columns, {column: fitted.get(term, unseen) for term, column in columns.items()})

    def transform(self, texts: Iterable[str]) -> list[SparseRow]:
        """One row a text: column -> weight, ascending columns, L2 norm 1, at most MAX_TERMS_PER_TEXT terms.

        A text with no known term gives {}.
        """
        return [self._row(text) for text in texts]

    def _row(self, text: str) -> SparseRow:
        counts = Counter(column for term in _terms(text) if (column := self._columns.get(term)) is not None)
        weighted = [(column, (1.0 + math.log(count)) * self._idf[column]) for column, count in counts.items()]
        if len(weighted) > MAX_TERMS_PER_TEXT:
            weighted = sorted(weighted, key=lambda pair: (-pair[1], pair[0]))[:MAX_TERMS_PER_TEXT]
        norm = math.sqrt(math.fsum(weight * weight for _, weight in weighted))
        return {column: weight / norm for column, weight in sorted(weighted)}

    def _payload(self) -> bytes:
        rows = sorted((column, term, self._idf[column]) for term, column in self._columns.items())
        return json.dumps(
            {"format": _FORMAT, "text": TEXT_VERSION, "terms": rows},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode("utf-8", "surrogatepass")

    def to_bytes(self) -> bytes:
        """The model as compressed JSON; equal models give equal bytes."""
        return zlib.compress(self._payload(), 6)

    @classmethod
    def from_bytes(cls, data: bytes) -> LexicalModel:
        """The model `to_bytes` wrote. Raises ValueError for anything else, or for one of another text version."""
        try:
            unpacker = zlib.decompressobj()
            raw = unpacker.decompress(data, _MAX_BYTES)
            if not unpacker.eof:
                raise ValueError("it is cut short or too large")
            content = json.loads(raw.decode("utf-8", "surrogatepass"))
            if content["format"] != _FORMAT:
                raise ValueError(f"unknown format {content['format']!r}")
            if content["text"] != TEXT_VERSION:
                raise ValueError(f"made for {content['text']!r}, this is {TEXT_VERSION!r}: fit it again")
            columns = {str(term): int(column) for column, term, _ in content["terms"]}
            if len(columns) != len(content["terms"]):
                raise ValueError("a term is there twice")
            return cls(columns, {int(column): float(weight) for column, _, weight in content["terms"]})
        except (zlib.error, UnicodeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"not a stored lexical model: {error}") from error


def cosine(first: Mapping[int, float], second: Mapping[int, float]) -> float:
    """Cosine of two rows of one model, 0.0 to 1.0; 0.0 if either is empty."""
    if len(second) < len(first):
        first, second = second, first
    return min(
        1.0, math.fsum(weight * second[column] for column, weight in first.items() if column in second)
    )


def as_matrix(rows: Sequence[SparseRow]) -> object:
    """Rows as a scipy CSR matrix of shape (len(rows), LEXICAL_DIMENSIONS), for many cosines at once."""
    import numpy as np
    from scipy.sparse import csr_matrix

    pointers = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.fromiter((column for row in rows for column in row), dtype=np.int32, count=int(pointers[-1]))
    values = np.fromiter(
        (value for row in rows for value in row.values()), dtype=np.float32, count=int(pointers[-1])
    )
    return csr_matrix((values, columns, pointers), shape=(len(rows), LEXICAL_DIMENSIONS))
