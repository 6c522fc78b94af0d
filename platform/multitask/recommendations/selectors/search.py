"""Both halves of search inside PostgreSQL: candidates by words and by vectors, within a filter, scored as `ml.fusion`.

One statement gathers the rows that have one of the plan's words and the rows whose vector is near, scores each by both,
and gives the best. A filter stands inside the statement, so that it costs no rows: up to `exact_rows` rows of a filter
are compared one by one; above, the HNSW index is read on until enough rows pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from pgvector import SparseVector, Vector

from ml import search
from ml.fusion import FUSION, Blend, Fusion
from multitask.recommendations.models import VectorIndex
from multitask.recommendations.selectors.vectors import (
    cursor_limited,
    near_sql,
    rows_estimated,
    search_width,
    uses_ann,
)

# The best this many are found; a count says no more.
SEARCH_LIMIT = 1_000
# Of the vectors' side: so many of the nearest.
DENSE_LIMIT = 200
# A filter that leaves at most this many rows, or this share of them, is compared row by row.
EXACT_ROWS = 4_000
EXACT_SHARE = 0.01
SCANNED_TUPLES = 40_000
# Lexemes are gathered as long as they are in this many documents together.
GATHER_BUDGET = 8_000
STATEMENT_MS = 800
_PLACE = re.compile("%[%s]")


@dataclass(frozen=True, slots=True)
class Source:
    """Where one kind of thing is kept: its words, its vectors, and what the bonuses read."""

    words: str
    vectors: str
    key: str
    base: str
    created: str
    is_open: str
    rating: str


TASKS = Source(
    words="recommendations_searchdocument",
    vectors="recommendations_taskvector",
    key="task_id",
    base="JOIN tasks_task base ON base.id = member.id JOIN accounts_user owner ON owner.id = base.client_id",
    created="base.created_at",
    is_open="base.status = 'OPEN' AND (base.deadline IS NULL OR base.deadline > %(now)s)",
    rating="owner.average_rating",
)
PEOPLE = Source(
    words="recommendations_persondocument",
    vectors="recommendations_profilevector",
    key="user_id",
    base="JOIN accounts_user base ON base.id = member.id",
    created="base.date_joined",
    is_open="base.is_active",
    rating="base.average_rating",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query made ready. `vector` is of `index`; both None where the words must do. `near`: the asker's city, or ""."""

    script: str
    plan: search.Plan
    index: VectorIndex | None
    vector: Sequence[float] | None
    now: datetime
    near: str = ""


class Scored(NamedTuple):
    """One row found, with both halves as they were weighed."""

    id: int
    score: float
    lexical: float
    cosine: float | None
    script: str


# Rows are gathered by any of the plan's words, and by the vector; both kinds are then scored alike.
_SQL = """
    WITH {filtered}
    gathered AS MATERIALIZED (
        SELECT d.{key} AS id, -(d.terms <#> %(terms)s::sparsevec) AS lexical, d.script FROM {words} d
        WHERE d.words @@ %(gather)s::tsquery {within_words}
        ORDER BY 2 DESC, 1 DESC LIMIT {limit}
    ),
    near AS MATERIALIZED ({near}),
    member AS (
        SELECT id, true AS by_word, lexical, script FROM gathered
        UNION ALL
        SELECT near.id, false, -(d.terms <#> %(terms)s::sparsevec), d.script
        FROM near LEFT JOIN {words} d ON d.{key} = near.id WHERE near.id NOT IN (SELECT id FROM gathered)
    ),
    measured AS MATERIALIZED (
        SELECT member.id, member.by_word, COALESCE(member.script, 'mixed') AS script,
            COALESCE(member.lexical, 0) AS lexical,
            {cosine} AS cosine,
            %(fresh)s::float8 * 0.5::float8
                ^ (GREATEST(0, EXTRACT(epoch FROM %(now)s - {created})::float8 / 86400) / %(half_life)s::float8)
                + CASE WHEN {is_open} THEN %(open)s::float8 ELSE 0 END
                + CASE WHEN %(near)s <> '' AND base.city_key = %(near)s THEN %(near_by)s::float8 ELSE 0 END + %(rating)s::float8 * {rating}::float8 / 5 AS bonus
        FROM member {base} {vectors_joined}
    )
    SELECT id, bonus + CASE WHEN cosine IS NULL THEN lexical
            ELSE blend.dense * LEAST(1, GREATEST(0, (cosine - blend.low) / (blend.high - blend.low)))
                + (1 - blend.dense) * lexical
                + blend.evidence * GREATEST(0, lexical * %(rarity)s::float8 - blend.evidence_from)
            END AS score,
        lexical, cosine, measured.script
    FROM measured JOIN (VALUES {blends}) AS blend (script, dense, low, high, least, evidence, evidence_from)
        USING (script)
    WHERE by_word OR cosine >= blend.least
    ORDER BY score DESC, id DESC LIMIT {limit}
"""


def search_rows(
    source: Source, *, asked: Asked, within: QuerySet[Any] | None, fusion: Fusion = FUSION
) -> list[Scored]:
    """The best `SEARCH_LIMIT` rows for what is asked, best first, equals by the newest id.

    `within`: a filter on the things themselves, or None for all of them. One statement, two where an index of vectors
    serves a filter. Raises TookTooLong.
    """
    params: dict[str, Any] = {}
    parts = {"filtered": "", "within_words": "", "within_vectors": ""}
    if within is not None:
        try:
            statement, values = within.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            return []
        names = {f"filter_{number}": value for number, value in enumerate(values)}
        params |= names
        places = iter(names)
        statement = _PLACE.sub(
            lambda found: f"%({next(places)})s" if found[0] == "%s" else found[0], statement
        )
        parts["filtered"] = f"filtered (id) AS NOT MATERIALIZED ({statement}),"
        parts["within_words"] = f"AND d.{source.key} IN (SELECT id FROM filtered)"
        parts["within_vectors"] = f"AND v.{source.key} IN (SELECT id FROM filtered)"
    with cursor_limited(STATEMENT_MS) as cursor:
        ann = (
            asked.vector is not None
            and asked.index is not None
            and uses_ann(source.vectors, asked.index, above=EXACT_ROWS)
        )
        if ann and within is not None and _is_small(cursor, source, parts["filtered"], params):
            ann = False
            parts["filtered"] = parts["filtered"].replace("AS NOT MATERIALIZED", "AS MATERIALIZED", 1)
        if ann:
            search_width(cursor, rows=DENSE_LIMIT, scanned=SCANNED_TUPLES)
        cursor.execute(
            _statement(source, asked, parts, ann=ann, fusion=fusion),
            params | _values(asked, fusion),
        )
        return [Scored._make(row) for row in cursor.fetchall()]


def _statement(source: Source, asked: Asked, parts: dict[str, str], *, ann: bool, fusion: Fusion) -> str:
    dense = asked.vector is not None
    blends = ", ".join(
        f"('{document}', {_numbers(blend)})"
        for document in search.SCRIPTS
        for blend in [fusion.blend(asked.script, document)]
    )
    return _SQL.format(
        filtered=parts["filtered"],
        within_words=parts["within_words"],
        near=near_sql(
            source.vectors, key=source.key, limit=DENSE_LIMIT, ann=ann, within=parts["within_vectors"]
        )
        if dense
        else "SELECT NULL::bigint AS id WHERE false",
        # A vector of nothing has no direction, and its cosine is no number.
        cosine="CASE WHEN v.readable THEN NULLIF(1 - (v.vector <=> %(vector)s::vector), 'NaN') END"
        if dense
        else "NULL::float8",
        vectors_joined=f"LEFT JOIN {source.vectors} v ON v.{source.key} = member.id AND v.index_id = %(index)s"
        if dense
        else "",
        blends=blends,
        limit=SEARCH_LIMIT,
        words=source.words,
        key=source.key,
        base=source.base,
        created=source.created,
        is_open=source.is_open,
        rating=source.rating,
    )


def _numbers(blend: Blend) -> str:
    parts = (blend.dense, blend.low, blend.high, blend.floor, blend.evidence, blend.evidence_from)
    return ", ".join(f"{part!r}::float8" for part in parts)


def _values(asked: Asked, fusion: Fusion) -> dict[str, Any]:
    return {
        "gather": " | ".join(quoted(lexeme) for lexeme in asked.plan.gather),
        "terms": SparseVector(asked.plan.terms, search.TERM_DIMENSIONS).to_text(),
        "vector": None if asked.vector is None else Vector(list(asked.vector)).to_text(),
        "index": None if asked.index is None else asked.index.pk,
        "distance": 1.0 - fusion.floor(asked.script),
        "now": asked.now,
        "rarity": asked.plan.rarity,
        "fresh": fusion.fresh,
        "half_life": fusion.half_life,
        "open": fusion.open,
        "near": asked.near,
        "near_by": fusion.near,
        "rating": fusion.rating,
    }


def quoted(lexeme: str) -> str:
    """A lexeme as a literal of tsvector and tsquery: nothing in it is an operator."""
    plain = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{plain}'"


def _is_small(cursor: Any, source: Source, filtered: str, params: dict[str, Any]) -> bool:
    """Whether the filter leaves so few rows that comparing each is better than reading the index through."""
    few = max(EXACT_ROWS, int(EXACT_SHARE * rows_estimated(source.vectors)))
    statement = f"WITH {filtered.rstrip().rstrip(',')} SELECT count(*) FROM (SELECT 1 FROM filtered LIMIT {few + 1}) AS few"
    cursor.execute(statement, params)
    return int(cursor.fetchone()[0]) <= few
