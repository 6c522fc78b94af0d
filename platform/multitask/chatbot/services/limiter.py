"""How often the model is asked, by all workers together and for one user a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest

from multitask.chatbot.gate import NAME, DailyUse, ModelGate, database_now
from multitask.chatbot.services.gates import gate_locked
from multitask.common.clock import local_date, moment_of

SECONDS = 60
# Between taking a place and the call's arrival: the service counts where it arrives.
MARGIN_SECONDS = 2
# For so long a place is kept free for one who was told to come; a worker may be late.
KEPT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Taken:
    """A place among the calls of the window."""


@dataclass(frozen=True, slots=True)
class Wait:
    """There is none: come back in `seconds`, `waited=True`. Each is told a time of his own, in the order they ask."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Spent:
    """The user's day is used up: `what` of it. It begins anew in `wait` seconds, at midnight in Cairo."""

    what: str  # "messages" or "tokens"
    wait: int


def call_take(*, limit: int | None = None, name: str = NAME, waited: bool = False) -> Taken | Wait:
    """Take a place right before the call, outside of any transaction. A place that is not used is lost, no more.

    At most `limit` (setting GEMINI_CALLS_PER_MINUTE; 0 is no limit) in any 60 seconds, by the database's clock.
    `waited`: this caller was told to wait before. Who waits comes before who asks for the first time.
    """
    most = settings.GEMINI_CALLS_PER_MINUTE if limit is None else limit
    with gate_locked(name) as (row, now):
        _forget(row, now)
        if waited and row.promised and row.promised[0] <= now + timedelta(seconds=1):
            row.promised.pop(0)
            free = not most or len(row.times) < most
        else:
            free = not most or len(row.times) + len(row.promised) < most
        if free:
            if most:
                row.times.append(now)
            row.calls_total += 1
            return Taken()
        row.waits_total += 1
        at = _next(row, most, now)
        wait = max(1, ceil((at - now).total_seconds()))
        row.promised.append(now + timedelta(seconds=wait))
        return Wait(wait)


def calls_hold(*, seconds: float, limit: int | None = None, name: str = NAME) -> None:
    """The service says that it is asked too often: nobody asks for `seconds`."""
    most = settings.GEMINI_CALLS_PER_MINUTE if limit is None else limit
    with gate_locked(name) as (row, now):
        _forget(row, now)
        # As if the window were full of calls that leave it when the service wants to be asked again.
        leave = now + timedelta(seconds=min(seconds, SECONDS) - SECONDS - MARGIN_SECONDS)
        row.times = sorted([*row.times, *[leave] * max(0, (most or 0) - len(row.times))])


def _forget(row: ModelGate, now: datetime) -> None:
    since = now - timedelta(seconds=SECONDS + MARGIN_SECONDS)
    row.times = [at for at in row.times if at > since]
    row.promised = sorted(at for at in row.promised if at > now - timedelta(seconds=KEPT_SECONDS))


def _next(row: ModelGate, limit: int, now: datetime) -> datetime:
    """The first moment at which there is a place for one more, after all who have one or were promised one."""
    taken = sorted([*row.times, *row.promised])
    at = taken[-limit] + timedelta(seconds=SECONDS + MARGIN_SECONDS) if len(taken) >= limit else now
    return max([at, now, *row.promised[-1:]])


# --- One user, one day ----------------------------------------------------------------------------------------------


def budget_take(*, user_id: int) -> Spent | None:
    """Count a message of the user's day in Cairo; Spent, and nothing counted, where there is none left.

    Settings CHAT_DAILY_MESSAGES and CHAT_DAILY_TOKENS; 0 is no limit.
    """
    messages = settings.CHAT_DAILY_MESSAGES
    tokens = settings.CHAT_DAILY_TOKENS
    now = database_now()
    day = local_date(now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO chatbot_dailyuse AS used (user_id, day, messages, tokens)
            VALUES (%(user)s, %(day)s, 1, 0)
            ON CONFLICT (user_id, day) DO UPDATE SET messages = used.messages + 1
            WHERE (%(messages)s = 0 OR used.messages < %(messages)s)
              AND (%(tokens)s = 0 OR used.tokens < %(tokens)s)
            RETURNING messages
            """,
            {"user": user_id, "day": day, "messages": messages, "tokens": tokens},
        )
        if cursor.fetchone() is not None:
            return None
    used = DailyUse.objects.get(user_id=user_id, day=day)
    midnight = moment_of(day + timedelta(days=1), time(0))
    what = "messages" if messages and used.messages >= messages else "tokens"
    return Spent(what, max(1, ceil((midnight - now).total_seconds())))


def budget_give_back(*, user_id: int, day: date | None = None) -> None:
    """A message that was counted on `day` (today) was not answered by the model after all."""
    DailyUse.objects.filter(user_id=user_id, day=day or local_date(database_now()), messages__gt=0).update(
        messages=F("messages") - 1
    )


def budget_add_tokens(*, user_id: int, tokens: int) -> None:
    """What an answer has cost, in and out together."""
    day = local_date(database_now())
    DailyUse.objects.bulk_create([DailyUse(user_id=user_id, day=day)], ignore_conflicts=True)
    DailyUse.objects.filter(user_id=user_id, day=day).update(tokens=Greatest(F("tokens") + tokens, 0))


def use_prune(*, days: int = 90) -> int:
    """Delete the days that are long over."""
    before = local_date(database_now()) - timedelta(days=days)
    gone, _ = DailyUse.objects.filter(day__lt=before).delete()
    return gone
