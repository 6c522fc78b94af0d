"""Learn from what people do with what they are shown."""

from __future__ import annotations

from multitask.recommendations.services.feedback import applications_credit
from multitask.recommendations.services.learning import statistics_refresh
from multitask.settings.logs import get_logger
from workers.base import Run, job

log = get_logger(__name__)


@job("learning.credit_applications", queue="recommend", batch=32)
def credit_applications(run: Run) -> None:
    with run.finish():
        applications_credit(application_ids=run.payloads("application"))


@job("learning.refresh", queue="default")
def refresh(run: Run) -> None:
    """Measure rarity and nearness of skills and fit the log; every list follows."""
    with run.finish():
        made = statistics_refresh()
    if made is not None:
        log.info("statistics_made", statistics=made.pk, sets=made.sets, **made.learned)
