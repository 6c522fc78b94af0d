"""What the schedules ask for: find what was missed, refit and recompute at night, delete what is finished."""

from __future__ import annotations

from django.conf import settings

from ml.lexical import LexicalModel
from multitask.chatbot.services.limiter import use_prune
from multitask.common.idempotency import idempotency_purge
from multitask.outbox.services import events_purge
from multitask.recommendations.selectors import indexes
from multitask.recommendations.services.indexes import encoder_of, index_rebuild, indexes_purge, lexical_store
from multitask.recommendations.services.lists import lists_recompute_all
from multitask.recommendations.services.reconcile import reconcile_missing
from multitask.settings.logs import get_logger
from workers import models
from workers.base import Run, job

log = get_logger(__name__)

# A vocabulary is refitted when the corpus has grown by a fifth since. That begins a new generation, whose TF-IDF rows
# are made anew and whose encoder's vectors are taken over.
REFIT_GROWTH = 1.2
REFIT_TEXTS = 50_000


@job("maintenance.reconcile", queue="default")
def reconcile(run: Run) -> None:
    """Find what no event will mend: a task without a current vector, a list older than its inputs."""
    with run.finish():
        found = reconcile_missing()
    if any(found.values()):
        log.warning("reconciled", **found)


@job("maintenance.nightly", queue="default")
def nightly(run: Run) -> None:
    """Refit the vocabulary where the corpus has outgrown it, which ends in computing every list; else just that."""
    active = indexes.active_index()
    if active is None:
        return
    number = indexes.corpus_size()
    if number < REFIT_GROWTH * active.lexical.documents or indexes.building_index() is not None:
        with run.finish():
            lists_recompute_all(reason="nightly")
        return
    texts = indexes.corpus_texts(limit=REFIT_TEXTS)
    fitted = LexicalModel.refit(texts, models.lexical_for(active))
    with run.finish():
        lexical = lexical_store(identifier=fitted.id, data=fitted.to_bytes(), documents=number)
        index_rebuild(encoder=encoder_of(active), lexical=lexical)


@job("maintenance.purge", queue="default")
def purge(run: Run) -> None:
    with run.finish():
        gone = events_purge(keep_days=settings.OUTBOX_KEEP_DAYS)
        vectors = indexes_purge()
        keys = idempotency_purge()
        days = use_prune()
    log.info("purged", events=gone, vectors=vectors, keys=keys, assistant_days=days)
