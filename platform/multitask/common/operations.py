"""What a migration needs of the database, asked before the first one runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.db import connections
from pgvector.django import VectorExtension

MINIMUM = (0, 7)


def check_pgvector(cursor: Any) -> None:
    """Raise CommandError where pgvector is not installed, or older than 0.7 (`sparsevec` came with it)."""
    cursor.execute("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
    row = cursor.fetchone()
    if row is None:
        raise CommandError(
            "This PostgreSQL has no pgvector. Install it (Debian: postgresql-NN-pgvector, or the image "
            "pgvector/pgvector), or unset DATABASE_URL to use the embedded database. Nothing was changed."
        )
    version = tuple(int(part) for part in str(row[0]).split(".")[:2])
    if version < MINIMUM:
        raise CommandError(f"pgvector {row[0]} is too old: 0.7 or newer is needed. Nothing was changed.")


def check_before_migrating(*, using: str = "default", **_: Any) -> None:
    """Receiver of `pre_migrate`: found out before the first table is made, not half-way."""
    with connections[using].cursor() as cursor:
        check_pgvector(cursor)


class EnsureVectorExtension(VectorExtension):
    """Create pgvector's extension. Raises CommandError where this PostgreSQL cannot serve."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            check_pgvector(cursor)
        super().database_forwards(app_label, schema_editor, from_state, to_state)
