"""Preparing the digests of everybody at once, against preparing them one by one."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.db import connection, connections, transaction
from rich.progress import Progress

from benchlib import data
from benchlib.numbers import ratio, seconds_summary
from multitask.messaging.selectors.digests import messages_unread
from multitask.notifications.models import Digest, NotificationPreference
from multitask.notifications.services.digests import digests_claim, digests_find, digests_settle
from multitask.outbox.models import OutboxEvent
from multitask.recommendations.selectors.digests import matches_new
from multitask.tasks.selectors.digests import applications_new, deadlines_new

WORKERS = 2
ALONE = 300


def run(progress: Progress, *, users: int) -> dict[str, Any]:
    """Everybody's daily digest is due at the same minute; half of them have something new.

    Finding them, then every chunk by two workers, each chunk one transaction as its job does it; beside it the same
    for a sample of users, one in a transaction.
    """
    _fill(progress, users)
    begin = time.perf_counter()
    found = digests_find()
    finding = time.perf_counter() - begin
    spans = [
        (int(one["first"]), int(one["last"]))
        for one in OutboxEvent.objects.filter(topic="digest.chunk").values_list("payload", flat=True)
    ]
    alone = _alone(progress, spans)
    job = progress.add_task(f"digests: {users:,} users", total=len(spans))
    waiting = list(reversed(spans))
    times: list[float] = []

    def work() -> None:
        try:
            while waiting:
                try:
                    first, last = waiting.pop()
                except IndexError:
                    return
                start = time.perf_counter()
                _prepare(first, last)
                times.append(time.perf_counter() - start)
                progress.advance(job)
        finally:
            connections.close_all()

    before = Digest.objects.count()
    begin = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begin
    made = Digest.objects.count() - before
    late = NotificationPreference.objects.filter(digest_next_at__lte=_now()).count()
    if late or before + made != users:
        raise RuntimeError(f"{late} of {users} users were left out, and {before + made} digests made.")
    rate = made / seconds
    return {
        "users": users,
        "found": found,
        "finding_s": round(finding, 2),
        "workers": WORKERS,
        "seconds": round(seconds, 1),
        "users_per_second": round(rate),
        "with_news": Digest.objects.filter(state="prepared").count(),
        "transaction_ms": seconds_summary(times),
        "alone_per_second": round(alone, 1),
        "times_alone": ratio(rate, alone),
    }


def _prepare(first: int, last: int) -> int:
    with transaction.atomic():
        due = digests_claim(first=first, last=last)
        spans = [one.span for one in due if one.span is not None]
        digests_settle(
            due,
            {
                "matches": matches_new(spans),
                "messages": messages_unread(spans),
                "applications": applications_new(spans),
                "deadlines": deadlines_new(spans),
            },
        )
    return len(due)


def _alone(progress: Progress, spans: list[tuple[int, int]]) -> float:
    """Users a second, by two workers as well, each user a transaction of their own; of the last chunks' users."""
    ids = [user for first, last in spans[-2:] for user in range(first, last + 1)][:ALONE]
    job = progress.add_task("digests, one by one", total=len(ids))
    waiting = list(ids)

    def work() -> None:
        try:
            while waiting:
                try:
                    user = waiting.pop()
                except IndexError:
                    return
                _prepare(user, user)
                progress.advance(job)
        finally:
            connections.close_all()

    begin = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(ids) / (time.perf_counter() - begin)


def _now() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def _fill(progress: Progress, users: int) -> None:
    """`users` people with a digest due; a tenth of them clients with tasks and applications, a quarter with messages."""
    job = progress.add_task(f"rows: {users:,} users", total=6)
    for statement in _ROWS:
        data.execute(statement, {"users": users, "tasks": max(100, users // 10)})
        progress.advance(job)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET statement_timeout")
    progress.advance(job)


_ROWS = (
    "TRUNCATE tasks_task, accounts_user, outbox_outboxevent RESTART IDENTITY CASCADE",
    """
    INSERT INTO accounts_user (id, password, is_superuser, username, first_name, last_name, is_staff, is_active,
        date_joined, email, bio, profile_picture, phone_number, city, country, user_type, language,
        average_rating, total_reviews, is_verified, created_at, updated_at)
    SELECT g, '!', false, 'person' || g, 'Mona', 'Adel', false, true, now(), 'person' || g || '@example.com', '', '', '',
        'Cairo', 'Egypt', 'both', 'ar', 0, 0, true, now(), now()
    FROM generate_series(1, %(users)s) AS g
    """,
    """
    INSERT INTO notifications_notificationpreference (user_id, overrides, digest, digest_hour, digest_weekday,
        digest_next_at, digest_mark, created_at, updated_at)
    SELECT g, '{}', 'daily', 9, 6, now() - interval '1 minute', now() - interval '1 day', now(), now()
    FROM generate_series(1, %(users)s) AS g
    """,
    """
    WITH made AS (
        INSERT INTO tasks_task (client_id, category_id, title, description, task_type, listing_type, budget,
            is_negotiable, location, city, is_remote, estimated_duration, status, image, views_count,
            applications_count, content_version, created_at, updated_at)
        SELECT g %% %(users)s + 1, 1 + g %% 9, 'Task ' || g, 'x', 'DIGITAL', 'task_request', 500, false, '', '', false,
            '', 'OPEN', '', 0, 0, 1, now() - (g %% 10000) * interval '1 minute', now()
        FROM generate_series(1, %(tasks)s) AS g RETURNING id, client_id)
    INSERT INTO tasks_taskapplication (task_id, client_id, freelancer_id, proposal, offered_price, estimated_time,
        cover_letter, status, created_at, updated_at)
    SELECT made.id, made.client_id, (made.client_id + n) %% %(users)s + 1, 'x', 400, 'x', '', 'PENDING',
        now() - (made.id * 7 %% 2000) * interval '1 minute', now()
    FROM made CROSS JOIN generate_series(1, 4) AS n
    """,
    """
    WITH lists AS (
        INSERT INTO recommendations_recommendationlist (user_id, inputs_changed_at, ranking_version, algorithm, is_full)
        SELECT id, now(), '', 'hybrid', false FROM accounts_user WHERE id %% 2 = 0 RETURNING id, user_id)
    INSERT INTO recommendations_recommendationentry (recommendation_list_id, task_id, score, match_percentage, parts,
        reasons, algorithm, content_version)
    SELECT lists.id, (lists.user_id * 31 + n * 977) %% %(tasks)s + 1, 0.5, 50, '{}', '[]', 'hybrid', 1
    FROM lists CROSS JOIN generate_series(1, 10) AS n ON CONFLICT DO NOTHING
    """,
    """
    WITH talks AS (
        INSERT INTO messaging_conversation (low_user_id, high_user_id, last_message_content, is_active, created_at,
            updated_at)
        SELECT g, g + 1, '', true, now(), now() FROM generate_series(1, %(users)s - 1, 4) AS g
        RETURNING id, low_user_id, high_user_id), sides AS (
        INSERT INTO messaging_participant (conversation_id, user_id, unread_count, moved_at)
        SELECT id, low_user_id, 0, now() FROM talks UNION ALL SELECT id, high_user_id, 2, now() FROM talks)
    INSERT INTO messaging_message (conversation_id, sender_id, message_type, content, code, params, client_id,
        search_text, created_at, updated_at)
    SELECT id, low_user_id, 'TEXT', 'Hello', '', '{}', '', '', now() - n * interval '1 hour', now()
    FROM talks CROSS JOIN generate_series(1, 2) AS n
    """,
)
