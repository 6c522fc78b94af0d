"""Who may suit a task: candidates with their two raw similarities. The other direction is in `tables`.

Both directions ask the same question of the same pair, so that a list filled task by task and one computed from
nothing agree: a shared skill, or a cosine or TF-IDF cosine above the ranking's floors. Up to `MATCH_EXACT_ROWS`
profiles an exact scan answers it; above, the HNSW index answers the cosine half with at most `WIDEST` rows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction

from ml.ranking import COSINE_FLOOR, TFIDF_FLOOR, Signals
from multitask.accounts.models import MAY_APPLY
from multitask.recommendations.models import VectorIndex
from multitask.recommendations.selectors.vectors import WIDEST, near_sql, search_width, uses_ann

PROFILES = "recommendations_profilevector"


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
    ann = among is None and row[0] is not None and uses_ann(PROFILES, index)
    if among is None:
        # An exact scan finds everybody.
        near = near_sql(PROFILES, key="id", limit=WIDEST if ann else None, ann=ann)
        candidates = f"""
            SELECT near.id FROM ({near}) near
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
    return _run(sql, params, ann=ann)
