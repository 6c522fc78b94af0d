"""Leave a push service alone for a while after it has failed several browsers in a row, all workers together.

One browser's address that never answers stops nobody else's: a service counts as away once three subscriptions have
failed there and none has been served since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from multitask.notifications.models import PushHost
from multitask.notifications.push.fan import FAILED_FOR_PAUSE

FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 10 * 60


@dataclass(frozen=True, slots=True)
class Known:
    """`troubled`: hosts that failed lately; `paused`: those of them to be left alone, and until when."""

    troubled: frozenset[str]
    paused: Mapping[str, datetime]


def hosts_known(hosts: Collection[str]) -> Known:
    rows = dict(PushHost.objects.filter(host__in=hosts).values_list("host", "paused_until"))
    now = timezone.now()
    return Known(frozenset(rows), {host: until for host, until in rows.items() if until and until > now})


def host_served(host: str) -> None:
    """It took a push, or said clearly that it does not want one: it is there."""
    PushHost.objects.filter(host=host).delete()


@transaction.atomic
def host_failed(host: str, *, subscription_ids: Collection[int], reason: str, wait: float | None) -> None:
    """It failed these subscriptions and served none. `wait` are the seconds it asked for."""
    PushHost.objects.bulk_create([PushHost(host=host)], ignore_conflicts=True)
    # Its row, so that two workers' failures add up.
    row = PushHost.objects.select_for_update(no_key=True).filter(host=host).first()
    if row is None:
        return  # it has served another meanwhile
    row.failed = sorted({*row.failed, *subscription_ids})[-FAILED_FOR_PAUSE:]
    row.last_error = reason[:40]
    now = timezone.now()
    if len(row.failed) >= FAILED_FOR_PAUSE and (row.paused_until is None or row.paused_until <= now):
        seconds = min(FIRST_PAUSE_SECONDS * 2 ** min(row.pauses, 10), LONGEST_PAUSE_SECONDS)
        row.paused_until = now + timedelta(seconds=max(seconds, min(wait or 0, LONGEST_PAUSE_SECONDS)))
        row.pauses += 1
    row.save()
