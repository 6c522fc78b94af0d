"""What operators are shown: the samples of the charts."""

from __future__ import annotations

from multitask.operations.services.samples import sample_take
from workers.base import Run, job


@job("operations.sample", queue="default")
def sample(run: Run) -> None:
    """Keep this minute's figures."""
    with run.finish():
        sample_take()
