"""One progress bar for every long command: drawn on a terminal, silent where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)


@contextmanager
def progress_bar(*, as_bytes: bool = False, quiet: bool = False) -> Iterator[Progress]:
    """A `rich` progress bar on standard error. Counts, or bytes; hidden without a terminal or when `quiet`."""
    amount: ProgressColumn = DownloadColumn() if as_bytes else MofNCompleteColumn()
    console = Console(file=sys.stderr)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        amount,
        TimeElapsedColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
    ) as progress:
        yield progress
