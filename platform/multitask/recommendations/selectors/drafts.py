"""What helps to write a listing: the listings near a draft, and the writer's own ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from pgvector import Vector

from ml.suggest import NEAR, Neighbour
from multitask.recommendations.models import VectorIndex
from multitask.recommendations.selectors.vectors import (
    TookTooLong,
    cursor_limited,
    near_sql,
    search_width,
    uses_ann,
)

NEIGHBOURS = 60
# Of the index's nearest, so many are read before closed accounts and the draft itself are left out.
READ = 200
OWN = 100
OWN_CHARACTERS = 1_000
STATEMENT_MS = 800
TABLE = "recommendations_taskvector"


class OwnListing(NamedTuple):
    """One of the writer's listings, and its cosine with the draft: None where either has no vector."""

    id: int
    title: str
    description: str
    status: str
    cosine: float | None


_NEAR = """
    SELECT task.id, 1 - near.distance, task.category_id, near.mentioned_skills, task.budget::float8,
        task.client_id, task.listing_type = %(listing)s, %(city)s <> '' AND task.city_key = %(city)s,
        EXTRACT(epoch FROM now() - task.created_at)::float8 / 86400
    FROM ({near}) near
    JOIN tasks_task task ON task.id = near.id
    JOIN accounts_user client ON client.id = task.client_id
    WHERE client.is_active AND task.id IS DISTINCT FROM %(task)s AND near.distance < %(distance)s
    ORDER BY near.distance, task.id DESC LIMIT {limit}
"""


def listings_near(
    vector: Sequence[float], *, index: VectorIndex, listing_type: str, city: str, but: int | None
) -> list[Neighbour] | None:
    """The `NEIGHBOURS` listings nearest to a draft, of any kind and status, without the one with the id `but`.

    `listing_type` and `city` (a key of `ml.places`, "" for none) are the draft's. Listings of accounts that were
    deactivated, as those of spammers are, say nothing. None where the database took longer than `STATEMENT_MS`.
    """
    ann = uses_ann(TABLE, index)
    near = near_sql(TABLE, key="task_id", limit=READ, ann=ann, more="v.mentioned_skills")
    params: dict[str, Any] = {
        "vector": Vector(list(vector)).to_text(),
        "index": index.pk,
        "listing": listing_type,
        "city": city,
        "task": but,
        "distance": 1.0 - NEAR,
    }
    try:
        with cursor_limited(STATEMENT_MS) as cursor:
            if ann:
                search_width(cursor)
            cursor.execute(_NEAR.format(near=near, limit=NEIGHBOURS), params)
            rows = cursor.fetchall()
            required = _required(cursor, [row[0] for row in rows])
    except TookTooLong:
        return None
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
