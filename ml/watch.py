"""One progress bar for every long command: drawn on the error stream where it is a terminal, silent elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

T = TypeVar("T")


@contextmanager
def progress_bar(
    *, as_bytes: bool = False, quiet: bool = False, transient: bool = False
) -> Iterator[Progress]:
    """A bar of `rich` to add tasks to: counts, or bytes; hidden when `quiet`, gone at the end when `transient`."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    amount: ProgressColumn = DownloadColumn() if as_bytes else MofNCompleteColumn()
    console = Console(file=sys.stderr)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        amount,
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=transient,
    ) as progress:
        yield progress


def watched(items: Iterable[T], name: str) -> Iterator[T]:
    """The items, with a bar named `name` that goes when they do."""
    with progress_bar(transient=True) as progress:
        yield from progress.track(items, description=name)
