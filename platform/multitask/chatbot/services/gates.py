"""The row that all workers share about a model, under its lock and with the database's clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from multitask.chatbot.gate import ModelGate, database_now


@contextmanager
def gate_locked(name: str) -> Iterator[tuple[ModelGate, datetime]]:
    """The row and the time, in a transaction of its own; what is changed of the row is saved.

    Raises RuntimeError inside another transaction: that one would hold all other workers up for as long as it lasts.
    """
    with transaction.atomic(durable=True):
        row = ModelGate.objects.select_for_update().filter(name=name).first()
        if row is None:
            ModelGate.objects.bulk_create([ModelGate(name=name)], ignore_conflicts=True)
            row = ModelGate.objects.select_for_update().get(name=name)
        # After the lock: who waited for it must not bring a time from before.
        row.updated_at = database_now()
        yield row, row.updated_at
        row.save()
