"""A clock that a test sets: Python's and the database's together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

import time_machine
from django.db import connection

FUNCTIONS = ("now", "transaction_timestamp", "statement_timestamp", "clock_timestamp")


class Clock:
    """The time it is, in this process and this connection. It stands still until it is moved."""

    def __init__(self, coordinates: time_machine.Traveller, at: datetime) -> None:
        self._coordinates = coordinates
        self.now = at
        self.move_to(at)

    def move_to(self, at: datetime) -> None:
        self.now = at
        self._coordinates.move_to(at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pretend.now', %s, false)", [at.isoformat()])

    def shift(self, by: timedelta) -> None:
        self.move_to(self.now + by)


@contextmanager
def pretend(at: datetime) -> Iterator[Clock]:
    """`at` is the time, until the clock is moved. For tests in one transaction: other connections see none of it.

    The database's functions are hidden by others of the same names, which stand before pg_catalog in the search path
    of this connection; defaults of columns, which were bound when their tables were made, are bound anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        (path,) = cursor.fetchone() or ("",)
        cursor.execute("CREATE SCHEMA pretend")
        for name in FUNCTIONS:
            cursor.execute(
                f"""
                CREATE FUNCTION pretend.{name}() RETURNS timestamptz LANGUAGE sql STABLE
                AS $$ SELECT pg_catalog.current_setting('pretend.now')::pg_catalog.timestamptz $$
                """
            )
    bound = _defaults()
    _bind(dict.fromkeys(bound, "pretend.now()"))
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO pretend, pg_catalog, {path}")
    try:
        with time_machine.travel(at, tick=False) as coordinates:
            yield Clock(coordinates, at)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {path}")
        _bind(bound)
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA pretend CASCADE")


def _defaults() -> dict[tuple[str, str], str]:
    """{(table, column): its default} of the columns that take the time from the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT table_name, column_name, column_default FROM information_schema.columns
            WHERE table_schema = current_schema() AND column_default IN ('now()', 'statement_timestamp()')
            """
        )
        return {(table, column): default for table, column, default in cursor.fetchall()}


def _bind(defaults: Mapping[tuple[str, str], str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks that wait cannot be altered
        for (table, column), default in defaults.items():
            cursor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET DEFAULT {default}')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
