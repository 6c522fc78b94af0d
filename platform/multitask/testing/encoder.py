"""A sentence encoder without a model, for tests of everything around it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384


@lru_cache(maxsize=10_000)
def _word(word: str, dimensions: int) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)


class HashedEncoder:
    """Unit vectors that depend on the words alone: texts that share words are near, others nearly orthogonal."""

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self.dimensions = dimensions
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dimensions)."""
        self.encoded += texts
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                rows[row] += _word(word, self.dimensions)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def for_queries(self) -> OneByOne:
        """The same for one text at a time, as a query is encoded."""
        return OneByOne(self)


class OneByOne:
    def __init__(self, encoder: HashedEncoder) -> None:
        self.encoder = encoder

    def encode(self, text: str) -> list[float]:
        found: list[float] = self.encoder.encode([text])[0].tolist()
        return found
