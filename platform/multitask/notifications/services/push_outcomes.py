"""What an attempt to push says about the browsers and services it went to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from multitask.notifications.models import PushSubscription
from multitask.notifications.push.fan import SKIPPED, host_of
from multitask.notifications.push.sending import Answer, Outcome
from multitask.notifications.services.push_hosts import Known, host_failed, host_served

# Seconds before a further attempt, by how many there were. A service may ask for more.
BACKOFF_SECONDS = (30, 120, 600, 1_800, 3_600)
MAX_ATTEMPTS = len(BACKOFF_SECONDS) + 1
# A subscription that has failed this often in a row is dropped once that has gone on for this long. Longer where the
# service could not be reached: that may be our own doing.
DROP_FAILURES = 5
DROP_AFTER = {Outcome.REFUSED: timedelta(days=3), Outcome.LATER: timedelta(days=14)}


def retry_time(answers: Iterable[Answer], *, attempts: int, now: datetime) -> datetime:
    """When to try again what was put off, after `attempts` attempts."""
    asked = max((answer.wait or 0 for answer in answers if answer.outcome is Outcome.LATER), default=0)
    usual = BACKOFF_SECONDS[min(max(attempts, 1), len(BACKOFF_SECONDS)) - 1]
    return now + timedelta(seconds=max(asked, usual))


def hosts_note(rows: Sequence[PushSubscription], answers: Mapping[int, Answer], known: Known) -> None:
    """Tell the breakers, at once: what was learnt holds although the job may have to be done again."""
    by_host: dict[str, dict[int, Answer]] = defaultdict(dict)
    for row in rows:
        if row.pk in answers:
            by_host[host_of(row.endpoint)][row.pk] = answers[row.pk]
    for host in sorted(by_host):
        found = by_host[host]
        if any(answer.outcome is not Outcome.LATER for answer in found.values()):
            if host in known.troubled:
                host_served(host)
            continue
        failed = [(pk, answer) for pk, answer in found.items() if answer != SKIPPED]
        if failed:
            host_failed(
                host,
                subscription_ids=[pk for pk, _ in failed],
                reason=failed[-1][1].reason,
                wait=max((answer.wait or 0 for _, answer in failed), default=0),
            )


def subscriptions_note(rows: Sequence[PushSubscription], answers: Mapping[int, Answer]) -> None:
    """Write down what each browser's service said; those that are no more go. In the transaction of the caller."""
    now = timezone.now()
    for row in rows:
        answer = answers.get(row.pk)
        if answer is None or answer == SKIPPED or answer.outcome is Outcome.TOO_LARGE:
            continue
        if answer.outcome is Outcome.ACCEPTED:
            _of(row).update(last_sent_at=now, failures=0, failing_since=None, last_error="", retry_at=None)
        elif answer.outcome is Outcome.GONE or _hopeless(row, answer, now):
            _of(row).delete()
        else:
            failures = min(row.failures + 1, 30_000)
            later = answer.outcome is Outcome.LATER
            _of(row).update(
                failures=failures,
                failing_since=row.failing_since or now,
                last_error=answer.reason[:40],
                retry_at=retry_time([answer], attempts=failures, now=now) if later else None,
            )


def _of(row: PushSubscription) -> QuerySet[PushSubscription]:
    # Registered anew meanwhile, it is another one: what was learnt of the old keys does not hold.
    return PushSubscription.objects.filter(pk=row.pk, renewed_at=row.renewed_at)


def _hopeless(row: PushSubscription, answer: Answer, now: datetime) -> bool:
    return (
        row.failures + 1 >= DROP_FAILURES
        and row.failing_since is not None
        and row.failing_since <= now - DROP_AFTER[answer.outcome]
    )
