"""How the assistant does, by days of Cairo: intents, who answered, how fast, and how it was rated."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django.db import connection
from django.utils import timezone

from multitask.common.clock import local_date, moment_of

DAYS = 14


@dataclass(frozen=True, slots=True)
class Day:
    """Answers of one day. `fallbacks`: the help base stood in for the model; times in milliseconds."""

    day: date
    answers: int = 0
    intents: dict[str, int] = field(default_factory=dict)
    by_model: int = 0
    fallbacks: int = 0
    failed: int = 0
    rules_p95: int | None = None
    model_p95: int | None = None
    rated: int = 0
    rating: float | None = None
    tokens: int = 0


_SQL = """
    WITH answers AS (
        SELECT (created_at AT TIME ZONE 'Africa/Cairo')::date AS day, detected_intent, outcome, state,
            response_time_ms, user_rating, coalesce(tokens_in, 0) + coalesce(tokens_out, 0) AS tokens
        FROM chatbot_chatmessage WHERE sender = 'BOT' AND created_at >= %s),
    intents AS (
        SELECT day, jsonb_object_agg(detected_intent, number) AS intents FROM (
            SELECT day, detected_intent, count(*) AS number FROM answers
            WHERE detected_intent IS NOT NULL GROUP BY day, detected_intent) counted GROUP BY day)
    SELECT answers.day, count(*), count(*) FILTER (WHERE outcome = 'model'), count(*) FILTER (WHERE outcome = 'help'),
        count(*) FILTER (WHERE state = 'failed'),
        percentile_disc(0.95) WITHIN GROUP (ORDER BY response_time_ms) FILTER (WHERE outcome = 'rules'),
        percentile_disc(0.95) WITHIN GROUP (ORDER BY response_time_ms) FILTER (WHERE outcome = 'model'),
        count(user_rating), avg(user_rating), sum(tokens), coalesce((
            SELECT intents::text FROM intents WHERE intents.day = answers.day), '{}')
    FROM answers GROUP BY answers.day ORDER BY answers.day DESC
"""


def days_told(*, days: int) -> list[Day]:
    """The last `days` days on which anything was answered, the newest first. One query."""
    since = moment_of(local_date(timezone.now()) - timedelta(days=days - 1), time(0, 0))
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [since])
        return [
            Day(
                day=row[0],
                answers=row[1],
                by_model=row[2],
                fallbacks=row[3],
                failed=row[4],
                rules_p95=row[5],
                model_p95=row[6],
                rated=row[7],
                rating=None if row[8] is None else round(float(row[8]), 2),
                tokens=int(row[9] or 0),
                intents=json.loads(row[10]),
            )
            for row in cursor.fetchall()
        ]
