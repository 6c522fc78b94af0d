"""Choose by which ways one is told of what, and when not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.common.errors import Invalid, NotFound
from multitask.notifications.defaults import ALIASES, CRITICAL
from multitask.notifications.models import Channel, DigestRhythm, NotificationPreference
from multitask.notifications.services.digests import digest_plan
from multitask.notifications.unsubscribe import DIGEST, Unsubscription, unsubscription_of

TIMES = ("quiet_from", "quiet_to")
DIGESTS = ("digest", "digest_hour", "digest_weekday")
PLAIN = frozenset({*TIMES, *DIGESTS})


@dataclass(frozen=True, slots=True)
class Stopped:
    """What an address in a mail stopped, or would stop: whose mails of which kind."""

    unsubscription: Unsubscription
    user: User


@transaction.atomic
def preferences_set(*, actor: User, changes: Mapping[str, Any]) -> NotificationPreference:
    """Change what is named in `changes` and leave the rest.

    `matrix` is {type: {channel: bool}}; the names of ALIASES are switches over parts of it, and the matrix wins where
    both speak; quiet_from and quiet_to are times of Cairo, both or neither (the same twice: never quiet); digest,
    digest_hour (0-23) and digest_weekday (0 is Monday) say when a digest comes. Raises Invalid notification_locked for
    a critical type, quiet_both for half of the quiet hours.
    """
    row = _locked(actor.pk)
    overrides = {kind: dict(channels) for kind, channels in row.overrides.items()}
    for name in sorted(set(changes) & set(ALIASES)):
        channel, kinds = ALIASES[name]
        for kind in kinds:
            overrides.setdefault(kind, {})[channel] = bool(changes[name])
    for kind, channels in changes.get("matrix", {}).items():
        for channel, is_on in channels.items():
            if kind not in CRITICAL:
                overrides.setdefault(kind, {})[channel] = bool(is_on)
            elif not is_on:
                raise Invalid("notification_locked", field="matrix")
    row.overrides = overrides
    for name in PLAIN & set(changes):
        setattr(row, name, changes[name])
    if (row.quiet_from is None) != (row.quiet_to is None):
        raise Invalid("quiet_both", field="quiet_to" if row.quiet_to is None else "quiet_from")
    if set(DIGESTS) & set(changes):
        digest_plan(row, now=timezone.now())
    row.save()
    return row


def unsubscription_find(*, token: str) -> Stopped:
    """What the token of a mail's address would stop. Raises NotFound where it is none of ours, or its user is gone."""
    found = unsubscription_of(token)
    user = User.objects.filter(pk=found.user_id, is_active=True).first() if found is not None else None
    if found is None or user is None:
        raise NotFound
    return Stopped(found, user)


@transaction.atomic
def mails_stop(*, token: str) -> Stopped:
    """Stop mails of the token's kind; twice is once. It takes no login: the address was sent to the user alone.

    Raises as `unsubscription_find`.
    """
    stopped = unsubscription_find(token=token)
    row = _locked(stopped.user.pk)
    scope = stopped.unsubscription.scope
    if scope == DIGEST:
        row.digest = DigestRhythm.OFF
        digest_plan(row, now=timezone.now())
    else:
        row.overrides = row.overrides | {scope: {**row.overrides.get(scope, {}), Channel.EMAIL.value: False}}
    row.save()
    return stopped


def _locked(user_id: int) -> NotificationPreference:
    # The user's row: of two changes at once neither forgets the other's.
    NotificationPreference.objects.bulk_create(
        [NotificationPreference(user_id=user_id)], ignore_conflicts=True
    )
    return NotificationPreference.objects.select_for_update().get(user_id=user_id)
