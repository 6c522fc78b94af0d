"""Open tasks like another one: by their vectors, by the skills they need, by category where there is nothing else."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from ml.ranking import COSINE_FLOOR
from multitask.common.errors import NotFound
from multitask.recommendations.selectors.indexes import active_index
from multitask.recommendations.selectors.vectors import WIDEST, near_sql, search_width, uses_ann
from multitask.tasks.models import Task

LIMIT = 24
# Of those that share a skill or the category, the newest this many are weighed.
POOL = 200

TABLE = "recommendations_taskvector"

# The words weigh most; shared skills and the category order what has no vector (yet, or in its language).
_SQL = """
    WITH needed AS (SELECT skill_id FROM tasks_task_required_skills WHERE task_id = %(task)s),
    candidates AS (
        SELECT near.id AS task_id FROM ({near}) near
        UNION
        (SELECT other.task_id FROM tasks_task_required_skills other
         WHERE other.skill_id IN (SELECT skill_id FROM needed)
         GROUP BY other.task_id ORDER BY other.task_id DESC LIMIT {pool})
        UNION
        (SELECT id FROM tasks_task WHERE category_id = %(category)s AND status = 'OPEN'
         ORDER BY created_at DESC, id DESC LIMIT {pool})
    )
    SELECT task.id
    FROM candidates
    JOIN tasks_task task ON task.id = candidates.task_id
    LEFT JOIN {table} tv ON tv.task_id = task.id AND tv.index_id = %(index)s
    WHERE task.id <> %(task)s AND task.status = 'OPEN' AND task.listing_type = %(listing)s
      AND (task.deadline IS NULL OR task.deadline > now())
    ORDER BY
        0.6 * GREATEST(
            CASE WHEN tv.readable THEN 1 - (tv.vector <=> %(vector)s::vector) END,
            -(tv.lexical <#> %(lexical)s::sparsevec), 0)
        + 0.3 * (SELECT count(*) FROM tasks_task_required_skills own
                 WHERE own.task_id = task.id AND own.skill_id IN (SELECT skill_id FROM needed))
              / GREATEST(1, (SELECT count(*) FROM needed))::float
        + 0.1 * (task.category_id = %(category)s)::int DESC,
        task.id DESC
    LIMIT {limit}
"""


def similar_tasks(*, task_id: int) -> list[int]:
    """Ids of up to `LIMIT` open listings of the same kind, the most alike first. Four queries. Raises NotFound."""
    found = Task.objects.filter(pk=task_id).values_list("category_id", "listing_type").first()
    if found is None:
        raise NotFound
    index = active_index()
    params: dict[str, Any] = {
        "task": task_id,
        "category": found[0],
        "listing": found[1],
        "index": None if index is None else index.pk,
        "vector": None,
        "lexical": None,
        "distance": 1.0 - COSINE_FLOOR,
    }
    near, ann = "SELECT NULL::bigint AS id WHERE false", False
    if index is not None:
        vector, params["lexical"] = _own(task_id, index.pk)
        if vector is not None:
            params["vector"] = vector
            ann = uses_ann(TABLE, index)
            near = near_sql(TABLE, key="task_id", limit=WIDEST if ann else None, ann=ann)
    # Only table names and numbers of ours are put in; every value is a parameter.
    sql = _SQL.format(table=TABLE, near=near, pool=POOL, limit=LIMIT)
    with transaction.atomic(), connection.cursor() as cursor:
        if ann:
            search_width(cursor)
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _own(task_id: int, index_id: int) -> tuple[str | None, str | None]:
    """The task's vector, where its words were readable, and its TF-IDF row, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT CASE WHEN readable THEN vector::text END, lexical::text FROM recommendations_taskvector
               WHERE task_id = %s AND index_id = %s""",
            [task_id, index_id],
        )
        row = cursor.fetchone()
    return row or (None, None)
