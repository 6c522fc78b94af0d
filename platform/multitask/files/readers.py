"""Who else may read a private file: apps above say so when the process starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from multitask.files.models import StoredFile

# (who asks, the file) to whether it was given to them.
Reader = Callable[[Any, StoredFile], bool]
_readers: list[Reader] = []


def let(reader: Reader) -> None:
    """From now on, let those read a file to whom `reader` says it was given."""
    if reader not in _readers:
        _readers.append(reader)


def was_given(actor: Any, stored: StoredFile) -> bool:
    """Whether any app lets `actor` read the file."""
    return any(reader(actor, stored) for reader in _readers)
