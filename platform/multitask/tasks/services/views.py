"""Count who looks at a task: once a viewer and day, never its owner."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from contextlib import nullcontext
from datetime import date, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.settings.logs import get_logger
from multitask.tasks.models import TaskView

log = get_logger(__name__)

IPV6_HOME = 64


def viewer_key(*, user_id: int | None, address: str, day: date) -> str:
    """32 hex digits for an account, or for an address where nobody is logged in; they change every day.

    Of an IPv6 address only the first 64 bits count: the rest is the visitor's to choose. The browser's name does
    not count, being the visitor's to choose as well.
    """
    if user_id is not None:
        whom = f"user:{user_id}"
    else:
        try:
            parsed = ipaddress.ip_address(address)
            home = f"{parsed}/{IPV6_HOME}" if parsed.version == 6 else str(parsed)
            whom = f"address:{ipaddress.ip_network(home, strict=False)}"
        except ValueError:
            whom = f"address:{address}"
    message = f"task-view:{day.isoformat()}:{whom}".encode("utf-8", "replace")
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()[:32]


def task_view_count(*, task_id: int, viewer: User | None, address: str) -> None:
    """Count a look at a task that is there and not the viewer's own. One query; never an error.

    The unique row decides who is counted, and the counter moves in the same statement: none is lost or doubled
    however many look at once.
    """
    day = _today()
    user_id = None if viewer is None else viewer.pk
    try:
        # A savepoint only where the caller is in a transaction, which a failure here must not spoil.
        guard = transaction.atomic() if connection.in_atomic_block else nullcontext()
        with guard, connection.cursor() as cursor:
            cursor.execute(
                """
                WITH seen AS (
                    INSERT INTO tasks_taskview (task_id, day, viewer)
                    SELECT id, %(day)s, %(viewer)s FROM tasks_task
                    WHERE id = %(task)s AND client_id IS DISTINCT FROM %(user)s
                    ON CONFLICT DO NOTHING RETURNING task_id)
                UPDATE tasks_task SET views_count = views_count + 1 FROM seen WHERE tasks_task.id = seen.task_id
                """,
                {
                    "day": day,
                    "viewer": viewer_key(user_id=user_id, address=address, day=day),
                    "task": task_id,
                    "user": user_id,
                },
            )
    except DatabaseError as error:
        log.warning("view_not_counted", task=task_id, error=str(error).strip())


def task_views_purge(*, keep_days: int = 2) -> int:
    """Forget who looked before; the counts stay. Returns how many rows are gone."""
    return TaskView.objects.filter(day__lt=_today() - timedelta(days=keep_days)).delete()[0]


def _today() -> date:
    return timezone.now().astimezone(timezone.get_default_timezone()).date()
