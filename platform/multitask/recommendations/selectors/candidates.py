"""Who may suit a task: candidates with their two raw similarities. The other direction is in `tables`.

Both directions ask the same question of the same pair, so that a list filled task by task and one computed from
nothing agree: a shared skill, or a cosine or TF-IDF cosine above the ranking's floors. Up to `MATCH_EXACT_ROWS`
profiles an exact scan answers it; above, the HNSW index answers the cosine half with at most `NEIGHBOURS` rows.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from ml.ranking import COSINE_FLOOR, TFIDF_FLOOR, Signals
from multitask.accounts.models import MAY_APPLY
from multitask.recommendations.models import VectorIndex

NEIGHBOURS = 1_000
COUNT_SECONDS = 60.0
INDEXED_DIMENSIONS = 384
_counted: dict[str, tuple[float, int]] = {}


def uses_ann(table: str, index: VectorIndex, *, above: int | None = None) -> bool:
    """Whether the table is past an exact scan's size (`above` rows, MATCH_EXACT_ROWS by default).

    Counted once a minute by the planner's own estimate.
    """
    if index.dimensions != INDEXED_DIMENSIONS:
        return False
    return rows_estimated(table) > (settings.MATCH_EXACT_ROWS if above is None else above)


def rows_estimated(table: str) -> int:
    """How many rows the planner believes the table has; asked once a minute."""
    seen = _counted.get(table)
    if seen is None or time.monotonic() - seen[0] > COUNT_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
            seen = (time.monotonic(), int(cursor.fetchone()[0]))
        _counted[table] = seen
    return seen[1]


def near_sql(table: str, index: VectorIndex) -> str:
    """SQL for ids of rows whose cosine with the text `%(vector)s` is at least the floor."""
    if not uses_ann(table, index):
        return f"""
            SELECT near.id FROM {table} near
            WHERE near.index_id = %(index)s AND near.readable AND %(vector)s::vector IS NOT NULL
              AND near.vector <=> %(vector)s::vector <= %(distance)s
        """
    return f"""
        SELECT found.id FROM (
            SELECT near.id, near.vector::vector(384) <=> %(vector)s::vector(384) AS distance FROM {table} near
            WHERE near.index_id = %(index)s AND near.readable AND vector_dims(near.vector) = 384
            ORDER BY near.vector::vector(384) <=> %(vector)s::vector(384) LIMIT {NEIGHBOURS}
        ) found WHERE found.distance <= %(distance)s
    """


def search_width(cursor: Any) -> None:
    """Let the HNSW index give `NEIGHBOURS` rows, until the end of the transaction.

    The first use of a type loads the extension, which makes its settings known. Iterative scans (pgvector 0.8) go on
    until enough rows pass the filter; without them two generations would share one LIMIT.
    """
    cursor.execute("SELECT '[1]'::vector")
    cursor.execute(
        """
        SELECT set_config(name, CASE name WHEN 'hnsw.ef_search' THEN %s ELSE 'relaxed_order' END, true)
        FROM pg_settings WHERE name IN ('hnsw.ef_search', 'hnsw.iterative_scan')
        """,
        [str(NEIGHBOURS)],
    )


def _signals(rows: list[tuple[Any, ...]]) -> dict[int, Signals]:
    return {
        pk: Signals(
            cosine=None if cosine is None else float(cosine), tfidf=None if tfidf is None else float(tfidf)
        )
        for pk, cosine, tfidf in rows
    }


def _run(sql: str, params: dict[str, Any], *, ann: bool) -> dict[int, Signals]:
    # In a transaction, or the settings below end with the statement that made them.
    with transaction.atomic(), connection.cursor() as cursor:
        if ann:
            search_width(cursor)
        cursor.execute(sql, params)
        return _signals(cursor.fetchall())


def profiles_for_task(
    task_id: int, *, index: VectorIndex, among: Collection[int] | None = None
) -> dict[int, Signals]:
    """{user id: raw similarities} of the freelancers with a list whom the task may suit; `among` narrows to some."""
    params: dict[str, Any] = {
        "task": task_id,
        "index": index.pk,
        "distance": 1.0 - COSINE_FLOOR,
        "tfidf": TFIDF_FLOOR,
        "types": sorted(MAY_APPLY),
        "among": None if among is None else list(among),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT CASE WHEN tv.readable THEN tv.vector::text END, tv.lexical::text, task.client_id,
                tv.mentioned_skills || ARRAY(
                    SELECT skill_id FROM tasks_task_required_skills WHERE task_id = tv.task_id)
            FROM recommendations_taskvector tv JOIN tasks_task task ON task.id = tv.task_id
            WHERE tv.task_id = %(task)s AND tv.index_id = %(index)s
            """,
            params,
        )
        row = cursor.fetchone()
    if row is None:
        return {}
    params |= {"vector": row[0], "lexical": row[1], "client": row[2], "skills": list(row[3])}
    if among is None:
        near = near_sql("recommendations_profilevector", index)
        if row[0] is None:
            near = "SELECT NULL::bigint AS id WHERE false"
        candidates = f"""
            {near}
            UNION
            SELECT pv.id FROM recommendations_profilevector pv
            WHERE pv.index_id = %(index)s AND -(pv.lexical <#> %(lexical)s::sparsevec) >= %(tfidf)s
            UNION
            SELECT pv.id FROM recommendations_profilevector pv
            WHERE pv.index_id = %(index)s AND pv.user_id IN (
                SELECT user_id FROM recommendations_userskill WHERE skill_id = ANY(%(skills)s::bigint[]))
        """
    else:
        candidates = """
            SELECT pv.id FROM recommendations_profilevector pv
            WHERE pv.index_id = %(index)s AND pv.user_id = ANY(%(among)s::bigint[])
        """
    sql = f"""
        WITH candidates AS ({candidates})
        SELECT pv.user_id,
            CASE WHEN pv.readable THEN 1 - (pv.vector <=> %(vector)s::vector) END,
            -(pv.lexical <#> %(lexical)s::sparsevec)
        FROM candidates
        JOIN recommendations_profilevector pv ON pv.id = candidates.id
        JOIN recommendations_recommendationlist head ON head.user_id = pv.user_id
        JOIN accounts_user person ON person.id = pv.user_id
        WHERE person.is_active AND person.user_type = ANY(%(types)s) AND pv.user_id <> %(client)s
    """
    ann = among is None and uses_ann("recommendations_profilevector", index)
    return _run(sql, params, ann=ann)
