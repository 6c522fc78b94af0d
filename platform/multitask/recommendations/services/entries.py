"""Write rows of lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ml.ranking import Match


@dataclass(frozen=True, slots=True)
class Entry:
    """A task in the list of a head; `version` is the content version of the vectors it was scored by."""

    head: int
    task_id: int
    match: Match
    version: int


def stored_terms(match: Match) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Parts and reasons as they are stored."""
    reasons = [{"code": reason.code, "params": dict(reason.params)} for reason in match.reasons]
    return {name: round(value, 6) for name, value in match.parts.items()}, reasons


def entries_write(entries: Sequence[Entry], *, statistics: int) -> None:
    """Put entries into their lists, in place of what was there. The caller holds the heads."""
    if not entries:
        return
    values = []
    for one in entries:
        parts, reasons = stored_terms(one.match)
        values.append(
            {
                "head": one.head,
                "task": one.task_id,
                "score": one.match.score,
                "percentage": one.match.percentage,
                "parts": parts,
                "reasons": reasons,
                "algorithm": one.match.algorithm,
                "version": one.version,
            }
        )
    with connection.cursor() as cursor:
        # One parameter: hundreds of rows of them would take longer to put in than the rows to write.
        cursor.execute(
            """
            INSERT INTO recommendations_recommendationentry
                (recommendation_list_id, task_id, score, match_percentage, parts, reasons, algorithm,
                 content_version, statistics, computed_at)
            SELECT made.head, made.task, made.score, made.percentage, made.parts, made.reasons, made.algorithm,
                made.version, %s, now()
            FROM jsonb_to_recordset(%s::jsonb) AS made(
                head bigint, task bigint, score float8, percentage smallint, parts jsonb, reasons jsonb,
                algorithm text, version int)
            ON CONFLICT (recommendation_list_id, task_id) DO UPDATE SET
                score = EXCLUDED.score, match_percentage = EXCLUDED.match_percentage, parts = EXCLUDED.parts,
                reasons = EXCLUDED.reasons, algorithm = EXCLUDED.algorithm,
                content_version = EXCLUDED.content_version, statistics = EXCLUDED.statistics, computed_at = now()
            """,
            [statistics, json.dumps(values, default=str)],
        )
