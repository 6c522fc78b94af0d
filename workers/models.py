"""What a worker process loads once, after fork: encoders and the vocabulary."""

from __future__ import annotations

import time
from collections import OrderedDict

from django.conf import settings

from ml.encoder import Encoder, EncoderError, describe
from ml.lexical import LexicalModel
from multitask.recommendations.models import LexicalModelVersion, VectorIndex
from multitask.recommendations.services.indexes import EncoderIdentity
from multitask.settings.logs import get_logger

log = get_logger(__name__)

# Two at most: the serving one and the one that is being built.
ENCODERS_KEPT = 2
RETRY_SECONDS = 60.0
_encoders: OrderedDict[tuple[str, str], Encoder] = OrderedDict()
_failed: dict[tuple[str, str], tuple[float, str]] = {}
_configured: dict[str, tuple[float, EncoderIdentity | None]] = {}
_lexical: dict[int, LexicalModel] = {}


def configured_encoder() -> EncoderIdentity:
    """The encoder the settings name; revision "missing" and 0 dimensions where it is not to be had.

    Its files are looked at once a minute.
    """
    model = settings.RECOMMENDATION_MODEL
    since, known = _configured.get(model, (float("-inf"), None))
    if known is not None and time.monotonic() - since < RETRY_SECONDS:
        return known
    try:
        info = describe(model)
        found = EncoderIdentity(model=info.model, revision=info.revision, dimensions=info.dimensions)
    except EncoderError as error:
        log.error("encoder_missing", model=model, error=str(error))
        found = EncoderIdentity(model=model, revision="missing", dimensions=0)
    _configured[model] = (time.monotonic(), found)
    return found


def encoder_for(index: VectorIndex) -> Encoder:
    """The encoder an index was made with, loaded at its first use.

    Raises EncoderError where it is not to be had, or is another one by now; a failure is remembered for a minute.
    """
    key = (index.encoder_model, index.encoder_revision)
    if key in _encoders:
        _encoders.move_to_end(key)
        return _encoders[key]
    since, reason = _failed.get(key, (float("-inf"), ""))
    if time.monotonic() - since < RETRY_SECONDS:
        raise EncoderError(reason)
    try:
        encoder = _load(index)
    except EncoderError as error:
        _failed[key] = (time.monotonic(), str(error))
        raise
    _encoders[key] = encoder
    while len(_encoders) > ENCODERS_KEPT:
        _encoders.popitem(last=False)
    return encoder


def _load(index: VectorIndex) -> Encoder:
    info = describe(index.encoder_model)
    if info.revision != index.encoder_revision:
        raise EncoderError(
            f"The model {index.encoder_model!r} has changed since the index was built: run `manage.py reindex`."
        )
    started = time.monotonic()
    encoder = Encoder(
        index.encoder_model, batch_size=settings.ENCODER_BATCH, threads=settings.ENCODER_THREADS
    )
    log.info(
        "encoder_loaded",
        model=info.model,
        revision=info.revision,
        seconds=round(time.monotonic() - started, 2),
    )
    return encoder


def reads_arabic(index: VectorIndex) -> bool:
    try:
        return "arabic" in describe(index.encoder_model).scripts
    except EncoderError:
        return False


def lexical_for(index: VectorIndex) -> LexicalModel:
    """The vocabulary of an index; the newest two are kept."""
    if index.lexical_id not in _lexical:
        data = LexicalModelVersion.objects.values_list("data", flat=True).get(pk=index.lexical_id)
        while len(_lexical) >= ENCODERS_KEPT:
            _lexical.pop(next(iter(_lexical)))
        _lexical[index.lexical_id] = LexicalModel.from_bytes(bytes(data))
    return _lexical[index.lexical_id]
