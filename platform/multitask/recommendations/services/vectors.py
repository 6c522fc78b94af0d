"""Store what the encoder and the vocabulary gave, and say that it is there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from pgvector import SparseVector, Vector

from multitask.outbox.emit import Event, emit_many
from multitask.recommendations.models import VectorIndex


class DimensionMismatch(ValueError):
    """A vector's length is not its generation's: the model at that name or path was replaced by another."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of one task's or profile's texts: `vector` has the index's dimensions, or is None with `error`."""

    id: int
    version: int
    vector: Sequence[float] | None
    readable: bool
    lexical: Mapping[int, float]
    lexical_dimensions: int
    content_hash: str
    mentioned: tuple[int, ...] = ()
    error: str = ""


def _vector_text(made: Made, index: VectorIndex) -> str | None:
    if made.vector is None:
        return None
    if len(made.vector) != index.dimensions:
        raise DimensionMismatch(
            f"The encoder gave {len(made.vector)} dimensions and the index holds {index.dimensions}: "
            f"the model {index.encoder_model!r} was replaced. Run `manage.py reindex`."
        )
    if not all(math.isfinite(value) for value in made.vector):
        raise ValueError("The encoder gave a vector with values that are not finite.")
    return str(Vector(list(made.vector)).to_text())


def _sparse_text(made: Made) -> str:
    return str(SparseVector(dict(made.lexical), made.lexical_dimensions).to_text())


def task_vectors_store(*, index: VectorIndex, made: Sequence[Made], announce: bool = True) -> None:
    """Keep the vectors of tasks, the newest content winning, and announce the tasks as indexed.

    Raises DimensionMismatch, or ValueError for a value that is not finite; nothing is kept then.
    """
    for one in made:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO recommendations_taskvector AS old
                    (task_id, index_id, vector, readable, lexical, content_hash, content_version, mentioned_skills,
                     error, updated_at)
                SELECT id, %s, %s::vector, %s, %s::sparsevec, %s, %s, %s::bigint[], %s, now()
                FROM tasks_task WHERE id = %s
                ON CONFLICT (task_id, index_id) DO UPDATE SET
                    vector = EXCLUDED.vector, readable = EXCLUDED.readable, lexical = EXCLUDED.lexical,
                    content_hash = EXCLUDED.content_hash, content_version = EXCLUDED.content_version,
                    mentioned_skills = EXCLUDED.mentioned_skills, error = EXCLUDED.error, updated_at = now()
                WHERE old.content_version <= EXCLUDED.content_version
                """,
                [
                    index.pk,
                    _vector_text(one, index),
                    one.readable,
                    _sparse_text(one),
                    one.content_hash,
                    one.version,
                    list(one.mentioned),
                    one.error[:300],
                    one.id,
                ],
            )
    if announce:
        emit_many(
            [
                Event("task.indexed", f"task:{one.id}", {"task": one.id, "version": one.version})
                for one in made
            ]
        )


def profile_vectors_store(*, index: VectorIndex, made: Sequence[Made], announce: bool = True) -> None:
    """Keep the vectors of profiles, begin the lists of those who had none, and announce the profiles as indexed."""
    params: list[Any]
    for one in made:
        params = [
            one.id,
            index.pk,
            _vector_text(one, index),
            one.readable,
            _sparse_text(one),
            one.content_hash,
            one.error[:300],
        ]
        with connection.cursor() as cursor:
            # The head comes with the first vector: placing a task takes a profile without one for not yet computed.
            cursor.execute(
                """
                INSERT INTO recommendations_recommendationlist
                    (user_id, inputs_changed_at, ranking_version, algorithm, is_full)
                VALUES (%s, now(), '', 'cold_start', false) ON CONFLICT (user_id) DO NOTHING
                """,
                [one.id],
            )
            cursor.execute(
                """
                INSERT INTO recommendations_profilevector
                    (user_id, index_id, vector, readable, lexical, content_hash, error, updated_at)
                VALUES (%s, %s, %s::vector, %s, %s::sparsevec, %s, %s, now())
                ON CONFLICT (user_id, index_id) DO UPDATE SET
                    vector = EXCLUDED.vector, readable = EXCLUDED.readable, lexical = EXCLUDED.lexical,
                    content_hash = EXCLUDED.content_hash, error = EXCLUDED.error, updated_at = now()
                """,
                params,
            )
    if announce:
        emit_many([Event("profile.indexed", f"user:{one.id}", {"user": one.id}) for one in made])
