"""Digests: find who is due, prepare 200 at a time on as many workers as there are, mail each by itself."""

from __future__ import annotations

from multitask.mail.services.sending import MailAway
from multitask.messaging.selectors.digests import messages_unread
from multitask.notifications.services.digests import (
    digest_postpone,
    digest_send,
    digests_claim,
    digests_find,
    digests_purge,
    digests_settle,
    digests_sweep,
)
from multitask.recommendations.selectors.digests import matches_new
from multitask.settings.logs import get_logger
from multitask.tasks.selectors.digests import applications_new, deadlines_new
from workers.base import Run, job

log = get_logger(__name__)

# The usual backoff for about an hour; then each half-hour, until half a day has passed.
ATTEMPTS = 20


@job("digests.find", queue="default")
def find(run: Run) -> None:
    swept = digests_sweep()
    with run.finish():
        number = digests_find()
    if number or swept:
        log.info("digests_due", users=number, given_up=swept)


@job("digests.prepare", queue="default")
def prepare(run: Run) -> None:
    """One chunk in one transaction: lock, read each section for all of them with one query, write, move on."""
    payload = run.one.payload
    with run.finish():
        due = digests_claim(first=int(payload["first"]), last=int(payload["last"]))
        spans = [one.span for one in due if one.span is not None]
        made, empty = digests_settle(
            due,
            {
                "matches": matches_new(spans),
                "messages": messages_unread(spans),
                "applications": applications_new(spans),
                "deadlines": deadlines_new(spans),
            },
        )
    log.info("digests_prepared", made=made, empty=empty)


@job("digests.send", queue="mail", attempts=ATTEMPTS)
def send(run: Run) -> None:
    digest_id = int(run.one.payload["digest"])
    try:
        digest_send(digest_id=digest_id)
    except MailAway as away:
        if run.one.attempt < ATTEMPTS:
            # A digest grows old: waiting counts too, and then it is gathered anew.
            away.tried = True
            raise
        with run.finish():
            digest_postpone(digest_id=digest_id)


@job("digests.purge", queue="default")
def purge(run: Run) -> None:
    with run.finish():
        digests_purge()
