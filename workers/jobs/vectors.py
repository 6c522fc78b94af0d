"""Make vectors: of tasks and profiles as they change, and of all of them when a new generation is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import close_old_connections

from ml.encoder import Encoder, EncoderError, led
from ml.lexical import LexicalModel
from ml.text import readable
from ml.versions import TEXT_VERSION
from multitask.recommendations.models import VectorIndex
from multitask.recommendations.selectors import features, indexes
from multitask.recommendations.selectors.features import Texts
from multitask.recommendations.selectors.indexes import known_vectors
from multitask.recommendations.selectors.skill_names import vocabulary
from multitask.recommendations.services.indexes import (
    encoder_of,
    index_activate,
    index_continue,
    index_ensure,
    lexical_store,
)
from multitask.recommendations.services.vectors import Made, profile_vectors_store, task_vectors_store
from multitask.settings.logs import get_logger
from workers import models
from workers.app import app
from workers.base import Run, job

log = get_logger(__name__)

BUILD_CHUNK = 64
LATIN, ARABIC = frozenset({"latin"}), frozenset({"arabic"})


def ensure_index() -> VectorIndex:
    """The serving index; at the very first use the vocabulary is fitted on the names of skills and categories."""
    found = indexes.active_index()
    encoder = models.configured_encoder()
    if found is not None and encoder_of(found) == encoder and found.text_version == TEXT_VERSION:
        return found
    if found is not None:
        return index_ensure(encoder=encoder, lexical=found.lexical)
    texts = indexes.seed_texts()
    fitted = LexicalModel.fit(texts)
    lexical = lexical_store(identifier=fitted.id, data=fitted.to_bytes(), documents=len(texts))
    return index_ensure(encoder=encoder, lexical=lexical)


def warm() -> str:
    """Load what the first job would wait for. Returns what is wrong with the encoder, "" where it is well."""
    try:
        models.encoder_for(ensure_index())
    except EncoderError as error:
        return str(error)
    return ""


def make(index: VectorIndex, texts: Sequence[Texts]) -> list[Made]:
    """Both vectors of each text. Where the encoder fails, words alone, with the reason beside them.

    What the same encoder has read before is not read again: a changed budget, or a new vocabulary, encodes nothing.
    """
    lexical = models.lexical_for(index)
    rows = lexical.transform([one.for_lexical for one in texts])
    vectors = known_vectors(index, {one.content_hash for one in texts})
    new = [one for one in texts if one.content_hash not in vectors]
    error = ""
    try:
        encoded: Sequence[Any] = _encoded(models.encoder_for(index), new) if new else []
        vectors |= {one.content_hash: vector.tolist() for one, vector in zip(new, encoded, strict=True)}
    except EncoderError as failure:
        error = str(failure)
        log.warning("encoder_failed", error=error, texts=len(new))
    return [
        Made(
            id=one.id,
            version=one.version,
            vector=vectors.get(one.content_hash),
            readable=one.readable and one.content_hash in vectors,
            lexical=row,
            lexical_dimensions=lexical.dimensions,
            content_hash=one.content_hash,
            mentioned=one.mentioned,
            error="" if one.content_hash in vectors else error,
        )
        for one, row in zip(texts, rows, strict=True)
    ]


def _encoded(encoder: Encoder, texts: Sequence[Texts]) -> list[Any]:
    """One vector a text: the whole of it, mixed with its lead."""
    leads = [one.lead for one in texts if one.lead]
    vectors = encoder.encode([*(one.for_encoder for one in texts), *leads])
    return list(led(vectors[: len(texts)], [bool(one.lead) for one in texts], vectors[len(texts) :]))


def _task_texts(index: VectorIndex, ids: Sequence[int]) -> list[Texts]:
    known = vocabulary()
    return features.task_texts(
        ids, names=known.skills, mentions=known.mentions, reads_arabic=models.reads_arabic(index)
    )


def _profile_texts(index: VectorIndex, ids: Sequence[int]) -> list[Texts]:
    return features.profile_texts(ids, names=vocabulary().skills, reads_arabic=models.reads_arabic(index))


def _embed(
    run: Run,
    ids: Sequence[int],
    texts_of: Callable[[VectorIndex, Sequence[int]], list[Texts]],
    store: Callable[..., None],
) -> None:
    """Make the vectors outside any transaction, keep them and be done inside one."""
    serving = ensure_index()
    made = [(serving, make(serving, texts_of(serving, ids)))]
    building = indexes.building_index()
    if building is not None:
        made.append((building, make(building, texts_of(building, ids))))
    with run.finish():
        for index, vectors in made:
            store(index=index, made=vectors, announce=index.pk == serving.pk)


@job("vectors.embed_tasks", queue="embed", batch=16)
def embed_tasks(run: Run) -> None:
    _embed(run, run.payloads("task"), _task_texts, task_vectors_store)


@job("vectors.embed_profiles", queue="embed", batch=16)
def embed_profiles(run: Run) -> None:
    _embed(run, run.payloads("user"), _profile_texts, profile_vectors_store)


@job("vectors.build_index", queue="embed")
def build_index(run: Run) -> None:
    """One chunk of a new generation; the next one is asked for in the same transaction, the switch is the last."""
    index = indexes.building_index()
    if index is None or index.pk != run.one.payload["index"]:
        return
    tasks = indexes.tasks_missing(index, limit=BUILD_CHUNK)
    users = (
        indexes.profiles_missing(index, limit=BUILD_CHUNK - len(tasks)) if len(tasks) < BUILD_CHUNK else []
    )
    made_tasks = make(index, _task_texts(index, tasks)) if tasks else []
    made_users = make(index, _profile_texts(index, users)) if users else []
    failed = next((one.error for one in (*made_tasks, *made_users) if one.error), "")
    if failed and index.dimensions:  # a generation without an encoder is whole with words alone
        raise EncoderError(failed)
    with run.finish():
        task_vectors_store(index=index, made=made_tasks, announce=False)
        profile_vectors_store(index=index, made=made_users, announce=False)
        if tasks or users:
            index_continue(index_id=index.pk)
        else:
            index_activate(index_id=index.pk)


@app.task(name="vectors.encode_query", soft_time_limit=3, time_limit=5, ignore_result=False)
def encode_query(text: str) -> dict[str, Any]:
    """The vector of a query in the serving index: {"index": id, "vector": [float] or None, "error": str}."""
    close_old_connections()
    index = ensure_index()
    asked = readable(text, LATIN | ARABIC if models.reads_arabic(index) else LATIN)
    if not asked:
        return {"index": index.pk, "vector": None, "error": "The encoder does not read this script."}
    try:
        vector = models.encoder_for(index).encode([asked])[0]
    except EncoderError as error:
        return {"index": index.pk, "vector": None, "error": str(error)}
    return {"index": index.pk, "vector": [float(value) for value in vector], "error": ""}
