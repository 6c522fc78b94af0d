"""What became of mails and of notifications in the last hour."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from multitask.mail.models import MailClass, MailState
from multitask.notifications.models import END_STATES, OPEN_STATES, Channel

RECENT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Mails:
    """Mails of the last hour by (class, state), failures of the mail server in a row, and for how many seconds more it
    is left alone.
    """

    recent: dict[tuple[str, str], int]
    server_failures: int
    paused_seconds: float


def mails() -> Mails:
    """One query, whose first row is the mail server's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT '', '', coalesce(max(failures), 0),
                coalesce(greatest(extract(epoch FROM max(closed_until) - now()), 0), 0)::float
            FROM mail_mailgate
            UNION ALL
            SELECT mail_class, state, count(*), 0 FROM mail_sentmail
            WHERE created_at > now() - %s * interval '1 second' GROUP BY 1, 2
            """,
            [RECENT_SECONDS],
        )
        rows = cursor.fetchall()
    recent = {(kind, state): 0 for kind in MailClass.values for state in MailState.values}
    recent |= {(kind, state): number for kind, state, number, _ in rows if kind}
    failures, paused = next((number, seconds) for kind, _, number, seconds in rows if not kind)
    return Mails(recent, failures, paused)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Deliveries of notifications by (channel, state): settled in the last hour, and waiting now.

    `overdue` {channel: for how many seconds its oldest waiting delivery has been due}.
    """

    settled: dict[tuple[str, str], int]
    waiting: dict[tuple[str, str], int]
    overdue: dict[str, float]


def deliveries() -> Deliveries:
    """One query: a range of the index for each channel and end state, and what is open."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT channel, state, (
                SELECT count(*) FROM notifications_notificationdelivery d
                WHERE d.channel = kinds.channel AND d.state = states.state
                  AND d.settled_at > now() - %s * interval '1 second'), 0::float
            FROM unnest(%s::text[]) AS kinds (channel), unnest(%s::text[]) AS states (state)
            UNION ALL
            SELECT channel, state, count(*),
                greatest(extract(epoch FROM now() - min(due_at)), 0)::float
            FROM notifications_notificationdelivery WHERE state IN ('pending', 'deferred') GROUP BY 1, 2
            """,
            [RECENT_SECONDS, Channel.values, [state.value for state in END_STATES]],
        )
        rows = cursor.fetchall()
    settled = {(channel, state): number for channel, state, number, _ in rows if state in END_STATES}
    waiting = {(channel, state.value): 0 for channel in Channel.values for state in OPEN_STATES}
    overdue = dict.fromkeys(Channel.values, 0.0)
    for channel, state, number, seconds in rows:
        if state in OPEN_STATES:
            waiting[channel, state] = number
            overdue[channel] = max(overdue[channel], seconds)
    return Deliveries(settled, waiting, overdue)
