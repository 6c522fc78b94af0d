"""What bounces, complaints and good sends do to an address.

A soft bounce counts 1, a hard one 2; at 4 nothing but what concerns the account's safety goes there any more; a good
send takes 0.1 away (the rules of Discourse). A month without a bounce forgets them. A complaint stops notifications
and digests at once, until an operator clears it.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from multitask.mail.addresses import address_key, domain_of
from multitask.mail.handing import Fault
from multitask.mail.models import AddressState
from multitask.mail.selectors.addresses import FORGET_DAYS

WEIGHT = {"soft": Decimal(1), "hard": Decimal(2)}
GOOD = Decimal("0.1")


def address_bounced(*, address: str, fault: Fault, detail: str) -> None:
    """Count a bounce; nothing where the address is not to blame (fault "")."""
    if not fault:
        return
    with transaction.atomic():
        state = _locked(address)
        now = timezone.now()
        if state.bounced_at is None or state.bounced_at < now - timedelta(days=FORGET_DAYS):
            state.score, state.hard_bounced_at = Decimal(0), None
        state.score = min(Decimal(99), state.score + WEIGHT[fault])
        state.bounced_at = now
        if fault == "hard":
            state.hard_bounced_at = now
        state.detail = detail[:500]
        state.updated_at = now
        state.save()


def address_complained(*, address: str, detail: str) -> None:
    """The reader has called a mail spam, or left the provider's list."""
    with transaction.atomic():
        state = _locked(address)
        state.complained_at = state.updated_at = timezone.now()
        state.detail = detail[:500]
        state.save()


def address_served(*, address: str) -> None:
    """A mail was taken for it."""
    AddressState.objects.filter(address_key=address_key(address), score__gt=0).update(
        score=Greatest(F("score") - GOOD, Value(Decimal(0))), updated_at=Now()
    )


def address_clear(*, state_id: int) -> None:
    """Forget everything against an address: for an operator who knows that it works again."""
    AddressState.objects.filter(pk=state_id).delete()


def _locked(address: str) -> AddressState:
    # The row of the address: two bounces at once must both count.
    AddressState.objects.bulk_create(
        [AddressState(address_key=address_key(address), domain=domain_of(address))], ignore_conflicts=True
    )
    return AddressState.objects.select_for_update(no_key=True).get(address_key=address_key(address))
