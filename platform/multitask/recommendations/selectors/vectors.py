"""The stored vectors nearest to a given one, by a scan or by the HNSW index, and the limits of such a statement."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg2 import errors

from multitask.recommendations.models import VectorIndex

INDEXED_DIMENSIONS = 384
# As many rows as the HNSW index gives without going on.
WIDEST = 1_000
COUNT_SECONDS = 60.0
_counted: dict[str, tuple[float, int]] = {}


class TookTooLong(Exception):
    """The statement was ended at its limit."""


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


def near_sql(table: str, *, key: str, limit: int | None, ann: bool, more: str = "", within: str = "") -> str:
    """SQL for (`id`, `distance`, `more`) of a generation's rows at most `%(distance)s` from the text `%(vector)s`.

    `id` is the column `key`, `distance` 1 - cosine, `%(index)s` the generation. The nearest `limit` rows, which the
    index needs and a scan may go without (None). `more`: further columns; `within`: a condition that begins with AND;
    both call the row `v`. A vector of nothing has no distance, and is not found.
    """
    columns = f"v.{key} AS id{', ' + more if more else ''}"
    if ann:
        return f"""
            SELECT * FROM (
                SELECT {columns}, v.vector::vector(384) <=> %(vector)s::vector(384) AS distance FROM {table} v
                WHERE v.index_id = %(index)s AND v.readable AND vector_dims(v.vector) = 384 {within}
                ORDER BY v.vector::vector(384) <=> %(vector)s::vector(384) LIMIT {limit}
            ) found WHERE found.distance <= %(distance)s
        """
    first = "" if limit is None else f"ORDER BY v.vector <=> %(vector)s::vector, v.{key} DESC LIMIT {limit}"
    return f"""
        SELECT {columns}, v.vector <=> %(vector)s::vector AS distance FROM {table} v
        WHERE v.index_id = %(index)s AND v.readable AND %(vector)s::vector IS NOT NULL
          AND v.vector <=> %(vector)s::vector <= %(distance)s {within}
        {first}
    """


def search_width(cursor: Any, *, rows: int = WIDEST, scanned: int | None = None) -> None:
    """Let the HNSW index give `rows` rows, until the end of the transaction.

    The first use of a type loads the extension, which makes its settings known. Iterative scans (pgvector 0.8) go on
    until enough rows pass the filter, or `scanned` were read; without them two generations would share one LIMIT.
    """
    wanted = {"hnsw.ef_search": str(rows), "hnsw.iterative_scan": "relaxed_order"}
    if scanned is not None:
        wanted["hnsw.max_scan_tuples"] = str(scanned)
    cursor.execute("SELECT '[1]'::vector")
    cursor.execute(
        """
        SELECT set_config(wanted.name, wanted.value, true)
        FROM unnest(%s::text[], %s::text[]) AS wanted (name, value) JOIN pg_settings USING (name)
        """,
        [list(wanted), list(wanted.values())],
    )


@contextmanager
def cursor_limited(milliseconds: int) -> Iterator[Any]:
    """A cursor in a transaction whose statements are ended after so long. Raises TookTooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling a plan takes longer than running it.
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true), set_config('jit', 'off', true)",
                [str(milliseconds)],
            )
            yield cursor
    except OperationalError as error:
        if isinstance(error.__cause__, errors.QueryCanceled):
            raise TookTooLong(str(error).strip()) from error
        raise
