from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import connection

from multitask.common.operations import EnsureVectorExtension


def _database_with(row: tuple[str] | None) -> Any:
    """A schema editor whose server offers pgvector in the version of `row`, or not at all."""
    seen: list[str] = []

    @contextmanager
    def cursor() -> Any:
        yield SimpleNamespace(execute=seen.append, fetchone=lambda: row)

    return SimpleNamespace(
        connection=SimpleNamespace(cursor=cursor, alias="default", vendor="postgresql"), seen=seen
    )


def test_a_postgresql_without_pgvector_is_refused_with_what_to_do() -> None:
    editor = _database_with(None)
    with pytest.raises(CommandError, match=r"no pgvector\. Install it"):
        EnsureVectorExtension().database_forwards("recommendations", editor, None, None)
    assert len(editor.seen) == 1  # it asked, and did nothing


@pytest.mark.parametrize("version", ["0.6.2", "0.5", "0.6"])
def test_a_pgvector_that_is_too_old_is_refused_with_its_version(version: str) -> None:
    with pytest.raises(CommandError, match=rf"pgvector {version} is too old"):
        EnsureVectorExtension().database_forwards("recommendations", _database_with((version,)), None, None)


@pytest.mark.django_db
def test_the_database_of_the_tests_has_a_pgvector_that_serves() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        version = cursor.fetchone()[0]
    assert tuple(int(part) for part in version.split(".")[:2]) >= (0, 7)
