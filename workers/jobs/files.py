"""Delete files that no row names any more."""

from __future__ import annotations

from multitask.files.services.files import files_purge_unattached
from multitask.files.services.orphans import file_delete_orphan, orphans_sweep
from multitask.settings.logs import get_logger
from workers.base import Run, job

log = get_logger(__name__)


@job("files.delete", queue="default")
def delete(run: Run) -> None:
    """One file, unless a row names it after all."""
    file_delete_orphan(
        name=str(run.one.payload["name"]), storage=str(run.one.payload.get("storage", "default"))
    )


@job("files.sweep", queue="default")
def sweep(run: Run) -> None:
    """What nothing holds on to for two days, and what a transaction that was rolled back left behind."""
    gone = orphans_sweep()
    with run.finish():
        unattached = files_purge_unattached()
    log.info("files_swept", orphans=gone, unattached=unattached)
