"""Whether the mail server is to be left alone, for every worker at once.

After a failure of the server mails wait: 1 s, then twice as long after each further one, 5 minutes at most. When that
time is over one mail goes first (the probe); the others wait for what becomes of it. So a server that hangs holds one
worker now and then, and not all of them always.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from multitask.mail.models import MailGate

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 300.0
# Longer than a mail may take (EMAIL_SESSION_TIMEOUT and EMAIL_END_TIMEOUT): a probe whose worker died is followed.
PROBE_SECONDS = 40.0


def gate_enter() -> tuple[int, float]:
    """(failures seen, 0) where a mail may go now, else (failures, seconds to wait).

    Where there were failures, the caller is the one probe from then on.
    """
    gate = MailGate.objects.filter(pk=1, failures__gt=0).annotate(now=Now()).first()
    if gate is None:
        return 0, 0.0
    left = (gate.closed_until - gate.now).total_seconds() if gate.closed_until else 0.0
    if left > 0:
        return gate.failures, left
    taken = MailGate.objects.filter(pk=1, failures=gate.failures, closed_until=gate.closed_until).update(
        closed_until=Now() + timedelta(seconds=PROBE_SECONDS), updated_at=Now()
    )
    return gate.failures, 0.0 if taken else FIRST_SECONDS


def gate_fail(*, seen: int, detail: str) -> float:
    """Note a failure of the server by a mail that entered after `seen` failures. Returns seconds until the next try.

    Of several that fail at once the first is counted.
    """
    MailGate.objects.get_or_create(pk=1)
    pause = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(seen, 20))
    MailGate.objects.filter(pk=1, failures=seen).update(
        failures=F("failures") + 1,
        closed_until=Now() + timedelta(seconds=pause),
        detail=detail[:500],
        updated_at=Now(),
    )
    return pause


def gate_well(*, seen: int) -> None:
    """The server has answered: everybody may send again."""
    if seen:
        MailGate.objects.filter(pk=1).update(failures=0, closed_until=None, updated_at=Now())
