"""What helps to write a listing: the listings near a draft, the writer's own ones, and the skills that a text names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Max
from pgvector import Vector
from psycopg2 import errors

from ml.suggest import NEAR, Neighbour
from ml.text import Mentions
from multitask.recommendations.models import Skill, VectorIndex
from multitask.recommendations.selectors.candidates import search_width, uses_ann

NEIGHBOURS = 60
# Of the index's nearest, so many are read before closed accounts and the draft itself are left out.
READ = 200
OWN = 100
OWN_CHARACTERS = 1_000
STATEMENT_MS = 800
TABLE = "recommendations_taskvector"


@dataclass(frozen=True, slots=True)
class KnownSkill:
    """An active skill; `category` is an id, None for one without."""

    id: int
    slug: str
    en: str
    ar: str
    category: int | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The active skills by id, and the finder of their mentions in a text."""

    skills: dict[int, KnownSkill]
    mentions: Mentions


class OwnListing(NamedTuple):
    """One of the writer's listings, and its cosine with the draft: None where either has no vector."""

    id: int
    title: str
    description: str
    status: str
    cosine: float | None


_kept: list[tuple[tuple[Any, ...], Vocabulary]] = []


def vocabulary() -> Vocabulary:
    """The skills as they are now, kept in this process. One query, two where any has changed."""
    version = tuple(
        Skill.objects.filter(is_active=True).aggregate(Count("pk"), Max("updated_at"), Max("pk")).values()
    )
    if not _kept or _kept[0][0] != version:
        rows = list(
            Skill.objects.filter(is_active=True)
            .order_by("pk")
            .values_list("pk", "slug", "name_en", "name_ar", "category_id", "aliases")
        )
        made = Vocabulary(
            skills={row[0]: KnownSkill(*row[:5]) for row in rows},
            mentions=Mentions({pk: (en, ar, *map(str, more)) for pk, _, en, ar, _, more in rows}),
        )
        _kept[:] = [(version, made)]
    return _kept[0][1]


_EXACT = """
    SELECT v.task_id, 1 - (v.vector <=> %(vector)s::vector) AS cosine, v.mentioned_skills FROM {table} v
    WHERE v.index_id = %(index)s AND v.readable AND v.vector <=> %(vector)s::vector < %(distance)s
    ORDER BY v.vector <=> %(vector)s::vector, v.task_id DESC LIMIT {read}
"""
_INDEXED = """
    SELECT v.task_id, 1 - (v.vector::vector(384) <=> %(vector)s::vector(384)) AS cosine, v.mentioned_skills
    FROM {table} v
    WHERE v.index_id = %(index)s AND v.readable AND vector_dims(v.vector) = 384
    ORDER BY v.vector::vector(384) <=> %(vector)s::vector(384) LIMIT {read}
"""
_NEAR = """
    SELECT task.id, near.cosine, task.category_id, near.mentioned_skills, task.budget::float8,
        task.client_id, task.listing_type = %(listing)s, %(city)s <> '' AND task.city_key = %(city)s,
        EXTRACT(epoch FROM now() - task.created_at)::float8 / 86400
    FROM ({near}) near
    JOIN tasks_task task ON task.id = near.task_id
    JOIN accounts_user client ON client.id = task.client_id
    WHERE client.is_active AND task.id IS DISTINCT FROM %(task)s AND near.cosine > %(least)s
    ORDER BY near.cosine DESC, task.id DESC LIMIT {limit}
"""


def listings_near(
    vector: Sequence[float], *, index: VectorIndex, listing_type: str, city: str, but: int | None
) -> list[Neighbour] | None:
    """The `NEIGHBOURS` listings nearest to a draft, of any kind and status, without the one with the id `but`.

    `listing_type` and `city` (a key of `ml.places`, "" for none) are the draft's. Listings of accounts that were
    deactivated, as those of spammers are, say nothing. None where the database took longer than `STATEMENT_MS`.
    """
    ann = uses_ann(TABLE, index)
    near = (_INDEXED if ann else _EXACT).format(table=TABLE, read=READ)
    params: dict[str, Any] = {
        "vector": Vector(list(vector)).to_text(),
        "index": index.pk,
        "listing": listing_type,
        "city": city,
        "task": but,
        "least": NEAR,
        "distance": 1.0 - NEAR,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling a plan takes longer than running it. The cast loads the extension and its settings.
            cursor.execute(
                "SELECT '[1]'::vector, set_config('statement_timeout', %s, true), set_config('jit', 'off', true)",
                [str(STATEMENT_MS)],
            )
            if ann:
                search_width(cursor)
            cursor.execute(_NEAR.format(near=near, limit=NEIGHBOURS), params)
            rows = cursor.fetchall()
            required = _required(cursor, [row[0] for row in rows])
    except OperationalError as error:
        if isinstance(error.__cause__, errors.QueryCanceled):
            return None
        raise
    return [
        Neighbour(cosine, category, frozenset([*mentioned, *required.get(pk, ())]), *more)
        for pk, cosine, category, mentioned, *more in rows
    ]


def _required(cursor: Any, ids: Sequence[int]) -> dict[int, list[int]]:
    cursor.execute(
        """SELECT task_id, array_agg(skill_id) FROM tasks_task_required_skills
           WHERE task_id = ANY(%s::bigint[]) GROUP BY task_id""",
        [list(ids)],
    )
    return dict(cursor.fetchall())


_OWN = """
    SELECT task.id, task.title, left(task.description, %(characters)s), task.status,
        CASE WHEN v.readable THEN NULLIF(1 - (v.vector <=> %(vector)s::vector), 'NaN') END
    FROM tasks_task task
    LEFT JOIN recommendations_taskvector v ON v.task_id = task.id AND v.index_id = %(index)s
    WHERE task.client_id = %(client)s AND task.status IN ('OPEN', 'IN_PROGRESS')
      AND task.listing_type = %(listing)s AND task.id IS DISTINCT FROM %(task)s
    ORDER BY task.created_at DESC, task.id DESC LIMIT %(limit)s
"""


def listings_own(
    *,
    client_id: int,
    listing_type: str,
    but: int | None,
    index_id: int | None,
    vector: Sequence[float] | None,
) -> list[OwnListing]:
    """The newest `OWN` listings of one person that are open or under way, of a kind, without the id `but`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _OWN,
            {
                "characters": OWN_CHARACTERS,
                "vector": None if vector is None else Vector(list(vector)).to_text(),
                "index": index_id,
                "client": client_id,
                "listing": listing_type,
                "task": but,
                "limit": OWN,
            },
        )
        return [OwnListing._make(row) for row in cursor.fetchall()]
