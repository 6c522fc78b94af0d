"""Files that no row names any more: told through the outbox, deleted after the transaction, swept for at night."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone

from multitask.outbox.emit import Event, emit_many

DEFAULT = "default"
KEEP_HOURS = 48
SWEEP_DAYS = 30


def files_orphan(names: Iterable[str], *, storage: str = DEFAULT) -> None:
    """Say, in the caller's transaction, that no row names these files any more. Empty names are left out."""
    emit_many(
        [
            Event("file.orphaned", f"file:{name}"[:120], {"name": name, "storage": storage})
            for name in names
            if name
        ]
    )


def file_delete_orphan(*, name: str, storage: str = DEFAULT) -> bool:
    """Delete the file unless a row names it. Twice is once. Returns whether it was deleted."""
    store = storages[storage]
    if not name or name in _named(store, [name]):
        return False
    store.delete(name)
    return True


def orphans_sweep(*, days: int = SWEEP_DAYS) -> int:
    """Delete what lies in the folders of the last `days` days, is older than two, and is named by no row: what a
    transaction left behind that was rolled back after its file was written. Returns how many files.
    """
    gone = 0
    now = timezone.now()
    for alias in (DEFAULT, "private"):
        store = storages[alias]
        for room in sorted({str(field.upload_to).strip("/") for field in _file_fields(store)}):
            for back in range(days):
                folder = f"{room}/{now - timedelta(days=back):%Y/%m/%d}"
                gone += _sweep_folder(store, folder, older_than=now - timedelta(hours=KEEP_HOURS))
    return gone


def _sweep_folder(store: Storage, folder: str, *, older_than: Any) -> int:
    try:
        _, files = store.listdir(folder)
    except FileNotFoundError:
        return 0
    names = [f"{folder}/{name}" for name in files]
    unnamed = sorted(set(names) - _named(store, names))
    old = [name for name in unnamed if store.get_modified_time(name) < older_than]
    for name in old:
        store.delete(name)
    return len(old)


def _file_fields(store: Storage) -> list[models.FileField]:
    """Every column of the product that names a file in `store`."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField) and field.storage == store
    ]


def _named(store: Storage, names: list[str]) -> set[str]:
    """Those of `names` that a row names."""
    found: set[str] = set()
    for field in _file_fields(store):
        rows = field.model._default_manager.filter(**{f"{field.attname}__in": names})
        found.update(rows.values_list(field.attname, flat=True))
    return found
