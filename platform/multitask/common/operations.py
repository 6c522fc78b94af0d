"""Migration operations of our own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pgvector.django import VectorExtension

MINIMUM = (0, 7)


class EnsureVectorExtension(VectorExtension):
    """Create pgvector's extension, or say plainly why this PostgreSQL cannot serve.

    Raises ImproperlyConfigured where pgvector is not installed or older than 0.7 (`sparsevec` came with it).
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
            row = cursor.fetchone()
        if row is None:
            raise ImproperlyConfigured(
                "This PostgreSQL has no pgvector. Install it (Debian: postgresql-NN-pgvector, or the image "
                "pgvector/pgvector), or unset DATABASE_URL to use the embedded database. Nothing was changed."
            )
        version = tuple(int(part) for part in str(row[0]).split(".")[:2])
        if version < MINIMUM:
            raise ImproperlyConfigured(
                f"pgvector {row[0]} is too old: 0.7 or newer is needed. Nothing was changed."
            )
        super().database_forwards(app_label, schema_editor, from_state, to_state)
