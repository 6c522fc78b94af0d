"""Read one's own preferences, as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from multitask.accounts.models import User
from multitask.notifications.defaults import ALIASES, CRITICAL
from multitask.notifications.models import (
    Channel,
    DigestRhythm,
    NotificationPreference,
    NotificationType,
)
from multitask.notifications.wishes import Wishes, wishes_of


@dataclass(frozen=True, slots=True)
class Preferences:
    """Every choice, defaults included; `aliases` are switches over parts of the matrix: on where all of it is."""

    matrix: dict[str, dict[str, bool]]
    locked: list[str]
    aliases: dict[str, bool]
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest: str = DigestRhythm.OFF
    digest_hour: int = 9
    digest_weekday: int = 6


def preferences_of(user: User) -> Preferences:
    row = NotificationPreference.objects.filter(user=user).first()
    return preferences_from(row or NotificationPreference())


def preferences_from(row: NotificationPreference) -> Preferences:
    wishes = wishes_of(row)
    return Preferences(
        matrix={
            kind: {channel: wishes.wants(kind, channel) for channel in Channel.values}
            for kind in NotificationType.values
        },
        locked=sorted(CRITICAL),
        aliases={name: _is_on(wishes, name) for name in ALIASES},
        quiet_from=row.quiet_from,
        quiet_to=row.quiet_to,
        digest=row.digest,
        digest_hour=row.digest_hour,
        digest_weekday=row.digest_weekday,
    )


def _is_on(wishes: Wishes, alias: str) -> bool:
    channel, kinds = ALIASES[alias]
    return all(wishes.wants(kind, channel) for kind in kinds)
