"""What one user wants: which types by which ways, and when not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from multitask.common.clock import local_date, moment_of
from multitask.notifications.defaults import CRITICAL, KINDS
from multitask.notifications.models import NotificationPreference


@dataclass(frozen=True, slots=True)
class Wishes:
    """A user's own choice for a type goes before the type's default; critical types know no choice."""

    overrides: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    quiet_from: time | None = None
    quiet_to: time | None = None

    def wants(self, notification_type: str, channel: str) -> bool:
        if notification_type in CRITICAL:
            return True
        chosen = self.overrides.get(notification_type, {}).get(channel)
        return KINDS[notification_type].wants(channel) if chosen is None else bool(chosen)

    def quiet_until(self, moment: datetime) -> datetime | None:
        """The end of the quiet hours that `moment` is within, or None. They may go on over midnight.

        On the days the clock is changed, a bound that the clock leaves out is the moment it goes on from, and of one
        that it shows twice the first counts: so every evening's quiet hours are one stretch.
        """
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return None
        today = local_date(moment)
        over_midnight = timedelta(days=1 if self.quiet_to < self.quiet_from else 0)
        for day in (today - timedelta(days=1), today):
            end = moment_of(day + over_midnight, self.quiet_to)
            if moment_of(day, self.quiet_from) <= moment < end:
                return end
        return None


def wishes_of(preference: NotificationPreference | None) -> Wishes:
    if preference is None:
        return Wishes()
    return Wishes(preference.overrides, preference.quiet_from, preference.quiet_to)


def wishes_by_user(user_ids: Collection[int]) -> dict[int, Wishes]:
    """Of each user; the defaults where there is no row. One query."""
    rows = NotificationPreference.objects.filter(user_id__in=user_ids)
    found = {row.user_id: wishes_of(row) for row in rows}
    return {user_id: found.get(user_id, Wishes()) for user_id in user_ids}
