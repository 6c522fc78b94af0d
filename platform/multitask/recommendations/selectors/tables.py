"""The tasks that may suit freelancers, as arrays: what `ml.batch` scores, for several freelancers in one query.

Columns come as PostgreSQL's binary arrays, which numpy reads as they are: rows of Python objects would take longer than
the search and the arithmetic together. What concerns a task alone comes once for all who may suit it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from ml.batch import ELSEWHERE, HERE, REMOTE, UNKNOWN, TaskTable
from ml.places import city_key
from ml.ranking import COSINE_FLOOR, TFIDF_FLOOR, ProfileFacts, Signals, TaskFacts
from multitask.recommendations.models import TaskVector, VectorIndex
from multitask.recommendations.selectors.vectors import rows_estimated
from multitask.tasks.models import TaskType

TABLE = "recommendations_taskvector"
TYPES = list(TaskType.values)
# A statement looks at so many pairs of a freelancer and a task: their lists are locked for about a second.
PAIRS_MOST = 600_000
USERS_MOST = 25

_WHOLE = f"""
    WITH me AS MATERIALIZED (
        SELECT user_id, vector, lexical, readable, ARRAY(
            SELECT skill_id FROM recommendations_userskill own WHERE own.user_id = pv.user_id) AS skills
        FROM recommendations_profilevector pv WHERE user_id = ANY(%(users)s) AND index_id = %(index)s
    ),
    found AS MATERIALIZED (
        SELECT me.user_id, tv.task_id, said.distance, said.tfidf
        FROM {TABLE} tv CROSS JOIN me CROSS JOIN LATERAL (
            SELECT CASE WHEN tv.readable AND me.readable THEN tv.vector <=> me.vector END AS distance,
                -(tv.lexical <#> me.lexical) AS tfidf OFFSET 0
        ) said
        WHERE tv.index_id = %(index)s AND (
            said.distance <= %(distance)s OR said.tfidf >= %(tfidf)s OR tv.mentioned_skills && me.skills
            OR (me.user_id, tv.task_id) IN (
                SELECT own.user_id, required.task_id
                FROM recommendations_userskill own JOIN tasks_task_required_skills required USING (skill_id)
                WHERE own.user_id = ANY(%(users)s)))
    ),
    open AS MATERIALIZED (
        SELECT id, client_id, category_id, task_type, is_remote, budget, city_key FROM tasks_task
        WHERE status = 'OPEN' AND listing_type = 'task_request' AND id IN (SELECT task_id FROM found)
    ),
    pairs AS (
        SELECT array_send(array_agg(ARRAY[user_id, task_id])) AS ids,
            array_send(array_agg(ARRAY[COALESCE(1 - distance, 'NaN'), COALESCE(tfidf, 'NaN')]::float8[])) AS said
        FROM found JOIN open ON open.id = found.task_id WHERE open.client_id <> found.user_id
    ),
    tasks AS (
        SELECT array_send(array_agg(ARRAY[
                id, category_id, array_position(%(types)s::text[], task_type) - 1, is_remote::int]::bigint[])) AS ids,
            array_send(array_agg(ARRAY[budget::float8])) AS budgets, array_agg(city_key) AS cities
        FROM open
    )
    SELECT pairs.ids, pairs.said, tasks.ids, tasks.budgets, tasks.cities,
        (SELECT array_send(array_agg(ARRAY[required.task_id, required.skill_id]))
         FROM tasks_task_required_skills required WHERE required.task_id IN (SELECT id FROM open)),
        (SELECT array_send(array_agg(ARRAY[task_id, skill]))
         FROM {TABLE} tv JOIN open ON open.id = tv.task_id, unnest(mentioned_skills) skill
         WHERE tv.index_id = %(index)s)
    FROM pairs, tasks
"""


def _rows(value: Any, width: int, kind: str) -> NDArray[Any]:
    """A binary two-dimensional array of `width` columns without NULLs, as PostgreSQL's array_send writes it.

    Its head: number of dimensions, flags, type, and a size and a first index for each dimension, 4 bytes each; then
    for each element its length in 4 bytes and its 8 bytes.
    """
    if value is None:
        return np.zeros((0, width), dtype=kind)
    elements = np.frombuffer(value, dtype=np.dtype([("length", ">i4"), ("value", f">{kind}")]), offset=28)
    return elements["value"].astype(kind).reshape(-1, width)


@dataclass(frozen=True, slots=True)
class _Market:
    """Tasks by id, rising, and the pairs (task's position, skill) of both kinds."""

    ids: NDArray[np.int64]
    category: NDArray[np.int64]
    task_type: NDArray[np.int64]
    is_remote: NDArray[np.int64]
    budget: NDArray[np.float64]
    city: NDArray[np.str_]
    required: tuple[NDArray[np.int64], NDArray[np.int64]]
    mentioned: tuple[NDArray[np.int64], NDArray[np.int64]]


def users_at_once() -> int:
    """How many freelancers `tasks_for_profiles` may be asked about together, by the number of tasks."""
    return max(1, min(USERS_MOST, PAIRS_MOST // max(1, rows_estimated(TABLE))))


def tasks_for_profiles(profiles: Mapping[int, ProfileFacts], *, index: VectorIndex) -> dict[int, TaskTable]:
    """{user id: the open requests of others that may suit them, with both similarities}, without those who have none.

    One pass over all vectors: each is looked at once, for everybody and everything. TF-IDF needs the pass in any case,
    beside which an index over the meanings saves nothing.
    """
    params: dict[str, Any] = {
        "users": list(profiles),
        "index": index.pk,
        "types": TYPES,
        "distance": 1.0 - COSINE_FLOOR,
        "tfidf": TFIDF_FLOOR,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling the statement would take longer than running it.
        cursor.execute("SELECT set_config('jit', 'off', true)")
        cursor.execute(_WHOLE, params)
        pairs, said, tasks, budgets, cities, required, mentioned = cursor.fetchone()
    market = _market(
        _rows(tasks, 4, "i8"),
        _rows(budgets, 1, "f8"),
        cities,
        _rows(required, 2, "i8"),
        _rows(mentioned, 2, "i8"),
    )
    ids, near = _rows(pairs, 2, "i8"), _rows(said, 2, "f8")
    order = np.lexsort((ids[:, 1], ids[:, 0]))
    ids, near = ids[order], near[order]
    users, starts = np.unique(ids[:, 0], return_index=True)
    ends = [*starts.tolist(), len(ids)][1:]
    return {
        user: _table(profiles[user], market, ids[begin:end, 1], near[begin:end])
        for user, begin, end in zip(users.tolist(), starts.tolist(), ends, strict=True)
    }


def _market(
    whole: NDArray[Any],
    budgets: NDArray[Any],
    cities: Sequence[str] | None,
    required: NDArray[Any],
    mentioned: NDArray[Any],
) -> _Market:
    order = np.argsort(whole[:, 0])
    whole = whole[order]
    ids = whole[:, 0]

    def pairs(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        places = np.searchsorted(ids, rows[:, 0])
        by_task = np.argsort(places, kind="stable")
        return places[by_task], rows[:, 1][by_task]

    return _Market(
        ids=ids,
        category=whole[:, 1],
        task_type=whole[:, 2],
        is_remote=whole[:, 3],
        budget=budgets[order, 0],
        city=np.array(cities or [], dtype=np.str_)[order],
        required=pairs(required),
        mentioned=pairs(mentioned),
    )


def _table(
    profile: ProfileFacts, market: _Market, ids: NDArray[np.int64], said: NDArray[np.float64]
) -> TaskTable:
    """The rows of `ids` (rising) as this freelancer meets them."""
    places = np.searchsorted(market.ids, ids)
    here, city = city_key(profile.city), market.city[places]
    place = np.where(city == "", UNKNOWN, np.where(city == here, HERE, ELSEWHERE)) if here else UNKNOWN
    own = np.full(len(market.ids), -1)
    own[places] = np.arange(len(places))

    def pairs(whole: tuple[NDArray[Any], NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
        mine = own[whole[0]]
        kept = mine >= 0
        return mine[kept], whole[1][kept]

    return TaskTable(
        ids=ids,
        cosine=said[:, 0],
        tfidf=said[:, 1],
        budget=market.budget[places],
        place=np.where(market.is_remote[places] == 1, REMOTE, place),
        task_type=market.task_type[places],
        category=market.category[places],
        required=pairs(market.required),
        mentioned=pairs(market.mentioned),
        types=TYPES,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """What the arrays do not hold of a task: the version its vectors are of, and what a reason says."""

    version: int
    budget: Any
    city: str


def written(ids: Sequence[int], *, index: VectorIndex) -> dict[int, Written]:
    rows = TaskVector.objects.filter(index=index, task__in=ids).order_by()
    return {
        task_id: Written(version, budget, city)
        for task_id, version, budget, city in rows.values_list(
            "task_id", "content_version", "task__budget", "task__city"
        )
    }


def facts_at(
    table: TaskTable, places: NDArray[Any], more: Mapping[int, Written]
) -> list[tuple[TaskFacts, Signals]]:
    """The rows of `table` at `places` as the scorer takes them, without those that `more` does not know."""
    required, mentioned = _sets(table.required, places), _sets(table.mentioned, places)
    found = []
    for place in places.tolist():
        known = more.get(int(table.ids[place]))
        if known is None:
            continue
        facts = TaskFacts(
            task_id=int(table.ids[place]),
            required=frozenset(required[place]),
            mentioned=frozenset(mentioned[place] - required[place]),
            budget=known.budget,
            city=known.city,
            is_remote=bool(table.place[place] == REMOTE),
            task_type=table.types[table.task_type[place]],
            category_id=int(table.category[place]),
        )
        found.append((facts, Signals(_known(table.cosine[place]), _known(table.tfidf[place]))))
    return found


def _sets(pairs: tuple[NDArray[Any], NDArray[Any]], places: NDArray[Any]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    wanted = np.isin(pairs[0], places)
    for place, skill in zip(pairs[0][wanted].tolist(), pairs[1][wanted].tolist(), strict=True):
        found[place].add(skill)
    return found


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
