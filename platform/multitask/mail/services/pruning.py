"""Forget mails of long ago."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from multitask.mail.models import AddressState, MailReport, SentMail
from multitask.mail.selectors.addresses import FORGET_DAYS

CHUNK = 5_000
CHUNKS = 40


def mails_prune(*, keep_days: int) -> tuple[int, int]:
    """Delete mails and reports older than that, in transactions of 5,000 rows; (mails, reports).

    At most 200,000 of each a run. What is known of an address goes when it says nothing any more.
    """
    since = Now() - timedelta(days=keep_days)
    reports = mails = 0
    for _ in range(CHUNKS):
        ids = list(MailReport.objects.filter(created_at__lt=since).values_list("pk", flat=True)[:CHUNK])
        reports += MailReport.objects.filter(pk__in=ids).delete()[0]
        if len(ids) < CHUNK:
            break
    for _ in range(CHUNKS):
        ids = list(SentMail.objects.filter(created_at__lt=since).values_list("pk", flat=True)[:CHUNK])
        mails += SentMail.objects.filter(pk__in=ids).delete()[1].get("mail.SentMail", 0)
        if len(ids) < CHUNK:
            break
    quiet = Now() - timedelta(days=2 * FORGET_DAYS)
    AddressState.objects.filter(complained_at__isnull=True, updated_at__lt=quiet).delete()
    return mails, reports
