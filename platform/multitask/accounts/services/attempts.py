"""Count attempts exactly, however many arrive at once: one statement in PostgreSQL takes a place or finds none."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from multitask.accounts.models import AttemptLog


@dataclass(frozen=True, slots=True)
class Place:
    """A place taken among the attempts under a key."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Full:
    """There is none; the oldest leaves in `wait` seconds."""

    wait: int


def hashed(kind: str, name: str) -> str:
    """The key of `name` among attempts of this kind. Spellings that the database takes for one are one."""
    folded = name.strip().upper().casefold()
    return hmac.new(settings.SECRET_KEY.encode(), f"{kind}:{folded}".encode(), hashlib.sha256).hexdigest()


def attempt_take(*, key: str, limit: int, seconds: int) -> Place | Full:
    """Take a place: at most `limit` in any `seconds`. A refused attempt takes none, so it prolongs nothing.

    Every clock here is the database's. The place stays until it is given back or has aged out.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_attemptlog AS log (key, times, updated_at)
            VALUES (%(key)s, ARRAY[clock_timestamp()], clock_timestamp())
            ON CONFLICT (key) DO UPDATE SET updated_at = clock_timestamp(), times = ARRAY(
                SELECT t FROM unnest(log.times) t WHERE t > clock_timestamp() - %(seconds)s * interval '1 second'
            ) || clock_timestamp()
            WHERE (SELECT count(*) FROM unnest(log.times) t
                   WHERE t > clock_timestamp() - %(seconds)s * interval '1 second') < %(limit)s
            RETURNING times[cardinality(times)]
            """,
            {"key": key, "limit": limit, "seconds": seconds},
        )
        row = cursor.fetchone()
        if row is not None:
            return Place(key, row[0])
        cursor.execute(
            """
            SELECT ceil(extract(epoch FROM min(t) + %s * interval '1 second' - clock_timestamp()))
            FROM accounts_attemptlog, unnest(times) t
            WHERE key = %s AND t > clock_timestamp() - %s * interval '1 second'
            """,
            [seconds, key, seconds],
        )
        left = cursor.fetchone()[0]
    return Full(max(1, int(left or 1)))


def attempt_give_back(place: Place) -> None:
    """It did not count after all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_attemptlog SET times = array_remove(times, %s) WHERE key = %s",
            [place.at, place.key],
        )


def attempts_forget(keys: Iterable[str]) -> None:
    """Forget every attempt under these keys."""
    AttemptLog.objects.filter(key__in=list(keys)).delete()


def attempts_prune(*, seconds: int = 24 * 60 * 60) -> int:
    """Delete what has long aged out."""
    gone, _ = AttemptLog.objects.filter(updated_at__lt=timezone.now() - timedelta(seconds=seconds)).delete()
    return gone
