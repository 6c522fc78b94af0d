"""Keep every freelancer's list: put a task into the lists it belongs in, take it out, compute one list from nothing.

Order of locks: the task's vector row, then heads of lists by user id. A head is locked before the facts it depends
on are read, so that of two jobs that concern one list the later one sees what the earlier one wrote.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from ml import ranking
from ml.versions import RANKING_VERSION
from multitask.accounts.models import MAY_APPLY, User
from multitask.outbox.emit import Event, emit, emit_many
from multitask.recommendations.models import (
    Algorithm,
    IndexState,
    RecommendationEntry,
    RecommendationList,
    TaskVector,
    VectorIndex,
)
from multitask.recommendations.selectors import candidates, features
from multitask.tasks.models import ListingType, Task, TaskStatus

# Heads locked by one transaction: few enough that a list waits for milliseconds, many enough that a task that suits
# thousands is placed in a few round trips.
USERS_AT_ONCE = 250
LISTS_A_CHUNK = 50


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a task went: how many lists hold it, and whom its match is good enough to tell."""

    lists: int
    told: int


def _chunks(values: Iterable[int], size: int) -> Iterator[list[int]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _active_index() -> VectorIndex | None:
    return VectorIndex.objects.filter(state=IndexState.ACTIVE).first()


def profile_changed(*, user: User) -> None:
    """Say that what matching reads of a freelancer has changed. Inside the caller's transaction."""
    if not user.may_apply:
        return
    RecommendationList.objects.filter(user=user).update(inputs_changed_at=Now())
    emit("profile.changed", key=f"user:{user.pk}", user=user.pk)


def task_place(*, task_id: int) -> Placed:
    """Put a task into exactly the lists it belongs in, and out of those it no longer does.

    Candidates come from the profiles' side (reverse matching): skills, and the vectors' neighbourhood. Everyone a
    match of at least MATCH_NOTIFY_PERCENTAGE was found for is told, once, by the `task.matched` event.
    """
    index = _active_index()
    if index is None:
        return Placed(0, 0)
    holders = RecommendationEntry.objects.filter(task=task_id).values_list(
        "recommendation_list__user_id", flat=True
    )
    wanted = set(holders) | set(candidates.profiles_for_task(task_id, index=index))
    placed = told = 0
    for users in _chunks(sorted(wanted), USERS_AT_ONCE):
        with transaction.atomic():
            at, number = _place_chunk(task_id=task_id, users=users, index=index)
        placed += at
        told += number
    return Placed(placed, told)


def _place_chunk(*, task_id: int, users: Sequence[int], index: VectorIndex) -> tuple[int, int]:
    # The vector's row first: of two runs for one task the later reads what the earlier left.
    vector = TaskVector.objects.select_for_update().filter(task=task_id, index=index).first()
    heads = dict(
        RecommendationList.objects.select_for_update()
        .filter(user__in=users)
        .order_by("user_id")
        .values_list("user_id", "id")
    )
    matches: dict[int, ranking.Match] = {}
    listed = Task.objects.filter(
        pk=task_id, status=TaskStatus.OPEN, listing_type=ListingType.TASK_REQUEST
    ).exists()
    if listed and vector is not None:
        task = features.task_facts([task_id], index_id=index.pk)[task_id]
        signals = candidates.profiles_for_task(task_id, index=index, among=list(heads))
        profiles = features.profile_facts(list(signals))
        for user_id, signal in signals.items():
            match = ranking.score_pair(profiles[user_id], task, signal)
            if match.is_member:
                matches[user_id] = match
    out = [head for user_id, head in heads.items() if user_id not in matches]
    removed = RecommendationEntry.objects.filter(task=task_id, recommendation_list__in=out)
    _refill(
        removed.filter(recommendation_list__is_full=True).values_list(
            "recommendation_list__user_id", flat=True
        )
    )
    removed.delete()
    _refill(_worse_in_full_lists(task_id, matches))
    if vector is not None:
        _upsert(
            [(heads[user_id], task_id, match, vector.content_version) for user_id, match in matches.items()]
        )
        _trim([heads[user_id] for user_id in matches])
        RecommendationList.objects.filter(
            pk__in=[heads[user_id] for user_id in matches], algorithm=Algorithm.COLD_START
        ).update(algorithm=Algorithm.HYBRID)
    tell = sorted(u for u, match in matches.items() if match.percentage >= settings.MATCH_NOTIFY_PERCENTAGE)
    if tell:
        percentages = {str(user_id): matches[user_id].percentage for user_id in tell}
        emit("task.matched", key=f"task:{task_id}", task=task_id, users=percentages)
    return len(matches), len(tell)


def _worse_in_full_lists(task_id: int, matches: Mapping[int, ranking.Match]) -> list[int]:
    """Users whose list had left tasks out for want of room and holds this one with a better score than it has now."""
    held = RecommendationEntry.objects.filter(
        task=task_id, recommendation_list__user__in=matches, recommendation_list__is_full=True
    ).values_list("recommendation_list__user_id", "score")
    return [user_id for user_id, score in held if matches[user_id].score < score]


def _refill(users: Iterable[int]) -> None:
    """Lists that had left tasks out for want of room are computed again when one goes, or gets worse."""
    emit_many([Event("list.stale", f"user:{user}", {"user": user}) for user in sorted(set(users))])


def _upsert(rows: Sequence[tuple[int, int, ranking.Match, int]]) -> None:
    if not rows:
        return
    values: list[Any] = []
    for head, task_id, match, version in rows:
        reasons = [{"code": reason.code, "params": dict(reason.params)} for reason in match.reasons]
        parts = {name: round(value, 6) for name, value in match.parts.items()}
        values += [
            head,
            task_id,
            match.score,
            match.percentage,
            json.dumps(parts),
            json.dumps(reasons, default=str),
            match.algorithm,
            version,
        ]
    place = "(%s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s, now())"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO recommendations_recommendationentry
                (recommendation_list_id, task_id, score, match_percentage, parts, reasons, algorithm,
                 content_version, computed_at)
            VALUES {", ".join([place] * len(rows))}
            ON CONFLICT (recommendation_list_id, task_id) DO UPDATE SET
                score = EXCLUDED.score, match_percentage = EXCLUDED.match_percentage, parts = EXCLUDED.parts,
                reasons = EXCLUDED.reasons, algorithm = EXCLUDED.algorithm,
                content_version = EXCLUDED.content_version, computed_at = now()
            """,
            values,
        )


def _trim(heads: Sequence[int]) -> None:
    """Keep the best MATCH_LIST_SIZE of each list, and remember that there were more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM recommendations_recommendationentry WHERE id IN (
                    SELECT id FROM (
                        SELECT id, row_number() OVER (
                            PARTITION BY recommendation_list_id ORDER BY score DESC, task_id DESC) AS place
                        FROM recommendations_recommendationentry WHERE recommendation_list_id = ANY(%s)
                    ) ranked WHERE place > %s)
                RETURNING recommendation_list_id)
            UPDATE recommendations_recommendationlist SET is_full = true
            WHERE id IN (SELECT recommendation_list_id FROM gone)
            """,
            [list(heads), settings.MATCH_LIST_SIZE],
        )


def task_withdraw(*, task_id: int) -> int:
    """Take a task that is no longer open out of every list. Returns how many held it. Inside a transaction.

    Readers leave it out from the moment its status changes; this cleans up behind them.
    """
    if Task.objects.filter(
        pk=task_id, status=TaskStatus.OPEN, listing_type=ListingType.TASK_REQUEST
    ).exists():
        return 0
    entries = RecommendationEntry.objects.filter(task=task_id)
    _refill(
        entries.filter(recommendation_list__is_full=True).values_list(
            "recommendation_list__user_id", flat=True
        )
    )
    return entries.delete()[0]


def list_recompute(*, user_id: int) -> int:
    """Compute one freelancer's list from nothing. Returns its length; 0 too for a user who takes no work."""
    index = _active_index()
    with transaction.atomic():
        # The head, before anything it depends on is read: a task placed meanwhile waits, and then adds itself.
        head = RecommendationList.objects.select_for_update().filter(user=user_id).first()
        if head is None or index is None:
            return 0
        begun = _database_now()
        wanted = User.objects.filter(pk=user_id, user_type__in=MAY_APPLY, is_active=True).exists()
        matches = _matches_of(user_id, index) if wanted else []
        kept = matches[: settings.MATCH_LIST_SIZE]
        RecommendationEntry.objects.filter(recommendation_list=head).exclude(
            task__in=[task_id for task_id, _ in kept]
        ).delete()
        versions = dict(
            TaskVector.objects.filter(index=index, task__in=[task_id for task_id, _ in kept]).values_list(
                "task_id", "content_version"
            )
        )
        _upsert([(head.pk, task_id, match, versions[task_id]) for task_id, match in kept])
        head.computed_at = begun
        head.index = index
        head.ranking_version = RANKING_VERSION
        head.algorithm = _algorithm([match for _, match in kept])
        head.is_full = len(matches) > len(kept)
        head.save(update_fields=["computed_at", "index", "ranking_version", "algorithm", "is_full"])
    return len(kept)


def _database_now() -> Any:
    # Start of the transaction would be too early: the lock may have been waited for.
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def _matches_of(user_id: int, index: VectorIndex) -> list[tuple[int, ranking.Match]]:
    signals = candidates.tasks_for_profile(user_id, index=index)
    profile = features.profile_facts([user_id])[user_id]
    tasks = features.task_facts(list(signals), index_id=index.pk)
    scored = [
        (task_id, ranking.score_pair(profile, tasks[task_id], signal))
        for task_id, signal in signals.items()
        if task_id in tasks
    ]
    members = [(task_id, match) for task_id, match in scored if match.is_member]
    return sorted(members, key=lambda pair: (-pair[1].score, -pair[0]))


def _algorithm(matches: Collection[ranking.Match]) -> str:
    """What made the list: hybrid where any of it is, cold start where it is empty."""
    used = {match.algorithm for match in matches}
    for name in (Algorithm.HYBRID, Algorithm.SEMANTIC, Algorithm.TFIDF, Algorithm.SKILLS):
        if name in used:
            return name
    return Algorithm.COLD_START


def lists_recompute_all(*, reason: str) -> int:
    """Ask for every list, in chunks that several workers share. Returns how many chunks. Inside a transaction."""
    users = RecommendationList.objects.order_by("user_id").values_list("user_id", flat=True)
    events = []
    for number, chunk in enumerate(_chunks(users.iterator(), LISTS_A_CHUNK)):
        span = {"first": chunk[0], "last": chunk[-1], "reason": reason}
        events.append(Event("lists.chunk", f"lists:{number}", span))
    emit_many(events)
    return len(events)


def lists_behind(*, limit: int, seconds: int) -> list[int]:
    """Users whose list has been older than its inputs for `seconds`, or has never been computed."""
    behind = RecommendationList.objects.filter(
        inputs_changed_at__lt=Now() - timedelta(seconds=seconds)
    ).exclude(computed_at__gte=F("inputs_changed_at"))
    return list(behind.order_by("inputs_changed_at").values_list("user_id", flat=True)[:limit])
