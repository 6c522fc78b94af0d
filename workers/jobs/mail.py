"""What is kept of mails, and for how long."""

from __future__ import annotations

from django.conf import settings

from multitask.mail.services.pruning import mails_prune
from multitask.settings.logs import get_logger
from workers.base import Run, job

log = get_logger(__name__)


@job("mail.purge", queue="default")
def purge(run: Run) -> None:
    mails, reports = mails_prune(keep_days=settings.MAIL_KEEP_DAYS)
    log.info("mails_pruned", mails=mails, reports=reports)
