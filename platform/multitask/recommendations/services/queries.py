"""The vector of a query: in this process where that is quick, by a worker within a budget otherwise, kept for a while.

Search never waits for it: past the budget, and whatever fails, there is no vector, and the words answer alone.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from ml import encoder as ml_encoder
from ml.encoder import EncoderError
from ml.search import QUERY_CHARACTERS
from ml.text import normalise, readable
from multitask.common import interactive
from multitask.common.remember import keep, key_of, recall
from multitask.recommendations.models import IndexState, VectorIndex
from multitask.settings.logs import get_logger

log = get_logger(__name__)

JOB = "vectors.encode_query"
KEPT_HERE = 512
KEPT_SECONDS = 24 * 60 * 60
# After a failure no worker is asked for this long.
PAUSE_SECONDS = 5.0

Vector = tuple[float, ...]


class QueryEncoder(Protocol):
    """Encodes queries in the process that is asked, within milliseconds and without torch."""

    def encode(self, text: str) -> Sequence[float] | None: ...


@dataclass(frozen=True, slots=True)
class QueryVector:
    """`vector` is of the serving index `index`, or None: the words must do."""

    index: VectorIndex | None
    vector: Vector | None


class InProcess:
    """The encoder of this process. It is loaded beside the requests, which ask a worker meanwhile."""

    def __init__(self) -> None:
        self._factory: Callable[[VectorIndex], QueryEncoder | None] | None = None
        self._lock = threading.Lock()
        self._loaded: dict[tuple[str, str], QueryEncoder | None] = {}
        self._loading: tuple[str, str] | None = None

    def use(self, factory: Callable[[VectorIndex], QueryEncoder | None]) -> None:
        """Encode with what `factory` gives for an index from now on."""
        self._factory = factory

    def encoder(self, index: VectorIndex) -> QueryEncoder | None:
        """What encodes queries for `index` here; None where a worker must be asked, now or at all."""
        if self._factory is not None:
            return self._factory(index)
        key = (index.encoder_model, index.encoder_revision)
        if key not in self._loaded:
            with self._lock:
                if self._loading != key and key not in self._loaded:
                    self._loading = key
                    threading.Thread(target=self._load, args=(key,), daemon=True).start()
            return None
        return self._loaded[key]

    def _load(self, key: tuple[str, str]) -> None:
        found: QueryEncoder | None = None
        try:
            found = _Readable.load(*key)
        except (EncoderError, ImportError) as error:
            log.info("query_encoder_elsewhere", reason=str(error)[:300])
        finally:
            # Of the generations that came before nothing is kept.
            self._loaded, self._loading = {key: found}, None


class _Readable:
    """`ml.encoder.QueryEncoder`, given only what its model reads."""

    def __init__(self, encoder: ml_encoder.QueryEncoder) -> None:
        self._encoder = encoder

    @classmethod
    def load(cls, model: str, revision: str) -> _Readable:
        """Raises EncoderError where the model is away, needs torch, or is another one by now; ImportError."""
        if not ml_encoder.QueryEncoder.supports(model):
            raise EncoderError(f"The model {model!r} is not to be had in this process.")
        made = ml_encoder.QueryEncoder(model)
        if made.info.revision != revision:
            raise EncoderError(f"The model {model!r} has changed since the index was built.")
        return cls(made)

    def encode(self, text: str) -> Sequence[float] | None:
        asked = readable(text, self._encoder.info.scripts)
        return [float(value) for value in self._encoder.encode(asked)] if asked else None


IN_PROCESS = InProcess()
_kept: OrderedDict[str, Vector] = OrderedDict()
_paused_until = [0.0]


def serving_index() -> VectorIndex | None:
    """The serving generation, without its vocabulary. One query."""
    return VectorIndex.objects.filter(state=IndexState.ACTIVE).first()


def query_vector(text: str) -> QueryVector:
    """The vector of what was asked, in the serving index. Never raises, and takes about the budget at most.

    One query of the database, and one of the cache where this process has not seen the text.
    """
    index = serving_index()
    plain = normalise(text[:QUERY_CHARACTERS])
    if index is None or not index.dimensions or not plain:
        return QueryVector(index, None)
    key = key_of("query", plain, index.encoder_model, index.encoder_revision)
    vector = _known(key, index)
    if vector is None:
        # In its one spelling: what is found must not depend on how the words were spelt.
        vector = _sound(_encode(plain, index), index)
        if vector is not None:
            _keep_here(key, vector)
            keep(key, list(vector), seconds=KEPT_SECONDS)
    return QueryVector(index, vector)


def _known(key: str, index: VectorIndex) -> Vector | None:
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key]
    vector = _sound(recall(key), index)
    if vector is not None:
        _keep_here(key, vector)
    return vector


def _keep_here(key: str, vector: Vector) -> None:
    _kept[key] = vector
    while len(_kept) > KEPT_HERE:
        _kept.popitem(last=False)


def _encode(text: str, index: VectorIndex) -> Sequence[float] | None:
    try:
        encoder = IN_PROCESS.encoder(index)
        if encoder is not None:
            return encoder.encode(text)
        if time.monotonic() < _paused_until[0]:
            return None
        answer = interactive.ask(JOB, text, budget=settings.SEARCH_VECTOR_MS / 1000)
    except Exception as error:  # noqa: BLE001  (an encoder's errors have no common base; the words answer)
        # A worker that is busy or away is not asked by every request that comes meanwhile.
        _paused_until[0] = time.monotonic() + PAUSE_SECONDS
        log.warning("query_vector_missing", error=str(error)[:300])
        return None
    if answer.get("index") != index.pk:
        return None
    found: Sequence[float] | None = answer.get("vector")
    return found


def _sound(vector: Sequence[float] | None, index: VectorIndex) -> Vector | None:
    """The vector, if it is one of the index's: of its length, of finite numbers, and not nothing."""
    if vector is None or len(vector) != index.dimensions:
        return None
    values = tuple(float(value) for value in vector)
    return values if all(map(math.isfinite, values)) and any(values) else None


def forget() -> None:
    """Forget what this process keeps, and the pause; for tests and after a change of settings."""
    _kept.clear()
    _paused_until[0] = 0.0
