"""Beat: schedules live in the database, one beat leads, and what is due is written to the outbox.

Beat's own way is to publish to the broker, which loses a run when the broker is down or loses its data. Here a due
entry becomes an event in PostgreSQL instead, once a slot: two beats at once fire it once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg2
from celery.schedules import crontab
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, transaction
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from multitask.outbox import relay
from multitask.outbox.emit import emit
from multitask.outbox.entries import fault_of
from multitask.settings.logs import get_logger
from workers.app import app
from workers.routes import ROUTES

log = get_logger(__name__)

LEADER_LOCK = 7_302_026
STANDBY_SECONDS = 5.0
HEARTBEAT_SECONDS = 15.0

# Written to the database at the first start; an operator may change or disable them in the admin. Nightly hours keep
# away from midnight, where Cairo's clock jumps twice a year.
app.conf.beat_schedule = {
    "Find what has no event (reconcile)": {"task": "schedule.reconcile", "schedule": 60.0},
    "Ask again for mails and pushes that are overdue (sweep_deliveries)": {
        "task": "schedule.sweep_deliveries",
        "schedule": 300.0,
    },
    "Count the words that search knows, and index what it lacks (search_count)": {
        "task": "schedule.search_count",
        "schedule": 60.0,
    },
    "Tell those whose question to the assistant nobody has answered (sweep_chat)": {
        "task": "schedule.sweep_chat",
        "schedule": 60.0,
    },
    "Note how the pipeline stands, for the charts (sample)": {"task": "schedule.sample", "schedule": 60.0},
    "Learn from the log, and measure the market's skills (learn)": {
        "task": "schedule.learn",
        "schedule": crontab(hour=3, minute=10),
    },
    "Refit the vocabulary and recompute every list (nightly)": {
        "task": "schedule.nightly",
        "schedule": crontab(hour=3, minute=30),
    },
    "Delete finished outbox events (purge)": {
        "task": "schedule.purge",
        "schedule": crontab(hour=4, minute=15),
    },
    "Delete expired tokens and old login attempts (prune_tokens)": {
        "task": "schedule.prune_tokens",
        "schedule": crontab(minute=20),
    },
    "Close open tasks past their deadline (close_overdue)": {
        "task": "schedule.close_overdue",
        "schedule": 300.0,
    },
    "Remind people of what waits for them (remind)": {"task": "schedule.remind", "schedule": 300.0},
    "Find whose digest is due (digests)": {"task": "schedule.digests", "schedule": crontab(minute="*/10")},
    "Show reviews that were hidden long enough (publish_reviews)": {
        "task": "schedule.publish_reviews",
        "schedule": 900.0,
    },
    "Delete files that nothing names (sweep_files)": {
        "task": "schedule.sweep_files",
        "schedule": crontab(hour=4, minute=45),
    },
}


def slot(now: datetime) -> str:
    """The minute a run belongs to, in UTC, so that the hour Cairo repeats in autumn is two hours."""
    return f"{now:%Y-%m-%dT%H:%M}"


class OutboxScheduler(DatabaseScheduler):
    """django-celery-beat's scheduler, with a leader and the outbox."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lock_connection: Any = None
        self._last_heartbeat: datetime | None = None
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Write the entries that are not there; those that are belong to the operators, and stay as they left them."""
        known = set(PeriodicTask.objects.values_list("name", flat=True))
        self.update_from_dict(
            {name: entry for name, entry in self.app.conf.beat_schedule.items() if name not in known}
        )

    def all_as_schedule(self) -> Any:
        """The enabled entries; one that can never run is disabled and says so, and beat lives."""
        for row in PeriodicTask.objects.filter(enabled=True).select_related("crontab", "interval"):
            why = self._fault(row)
            if why:
                log.error("schedule_disabled", entry=row.name, error=why)
                note = f"[disabled {timezone.now():%Y-%m-%d %H:%M} UTC: {why}]"
                PeriodicTask.objects.filter(pk=row.pk).update(
                    enabled=False, description=f"{row.description}\n{note}".strip()
                )
        return super().all_as_schedule()

    def _fault(self, row: PeriodicTask) -> str:
        if row.task not in ROUTES:
            return f"nothing answers to {row.task!r}"
        fault = fault_of(row)
        if fault is not None:
            return fault.en
        try:
            self.Entry(row, app=self.app).is_due()
        except Exception as error:  # noqa: BLE001  (whatever an operator's row does, beat lives)
            return f"{type(error).__name__}: {error}"
        return ""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Seconds until the next look. A beat that does not lead only asks again for the lead."""
        try:
            if not self._leads():
                return STANDBY_SECONDS
            now = timezone.now()
            if (
                self._last_heartbeat is None
                or (now - self._last_heartbeat).total_seconds() >= HEARTBEAT_SECONDS
            ):
                relay.beat_heart("beat")
                self._last_heartbeat = now
            return float(super().tick(*args, **kwargs))
        except (DatabaseError, InterfaceError, psycopg2.Error) as error:
            log.warning("beat_database_away", error=str(error).strip())
            self._lock_connection = None
            close_old_connections()
            return STANDBY_SECONDS

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> None:
        """Write the due entry to the outbox in place of publishing it."""
        if advance:
            entry = self.reserve(entry)
        if entry.task not in ROUTES:
            log.error("schedule_unknown", entry=entry.name, task=entry.task)
            return
        with transaction.atomic():
            emit(
                entry.task,
                key=f"schedule:{entry.task}",
                dedupe_key=f"{entry.name}:{slot(timezone.now())}"[:200],
                fired_at=timezone.now().isoformat(),
            )
        self._tasks_since_sync += 1
        if self.should_sync():
            self._do_sync()

    def _leads(self) -> bool:
        """Whether this beat holds the lock; it is held by a session of its own, and ends with it."""
        if self._lock_connection is None:
            connection = psycopg2.connect(str(settings.DIRECT_DATABASE_URL or settings.DATABASE_URL))
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK])
                if cursor.fetchone() != (True,):
                    connection.close()
                    return False
            log.info("beat_leads")
            self._lock_connection = connection
        with self._lock_connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True

    def close(self) -> None:
        super().close()
        if self._lock_connection is not None:
            self._lock_connection.close()
