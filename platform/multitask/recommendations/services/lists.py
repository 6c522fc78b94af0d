"""Keep every freelancer's list: put a task into the lists it belongs in, take it out, compute one list from nothing.

Order of locks: the task's vector row, then heads of lists by user id. A head is locked before the facts it depends
on are read, so that of two jobs that concern one list the later one sees what the earlier one wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from ml import ranking
from ml.versions import RANKING_VERSION
from multitask.accounts.models import User
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
from multitask.recommendations.selectors.statistics import statistics_now, statistics_version
from multitask.recommendations.services.entries import Entry, entries_write
from multitask.recommendations.services.recompute import lists_recompute
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
    # After the heads: a list that newer statistics have computed meanwhile is then scored by them here too.
    statistics = statistics_now()
    if listed and vector is not None:
        task = features.task_facts([task_id], index_id=index.pk)[task_id]
        signals = candidates.profiles_for_task(task_id, index=index, among=list(heads))
        profiles = features.profile_facts(list(signals))
        for user_id, signal in signals.items():
            match = ranking.score_pair(profiles[user_id], task, signal, statistics=statistics)
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
        entries_write(
            [
                Entry(heads[user_id], task_id, match, vector.content_version)
                for user_id, match in matches.items()
            ],
            statistics=statistics.version,
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
    return lists_recompute(user_ids=[user_id])


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
    """Users whose list has been older than its inputs for `seconds`, or has never been computed.

    So are those that another ranking or other statistics than the serving ones made, once these have had `seconds`.
    """
    before = Now() - timedelta(seconds=seconds)
    behind = RecommendationList.objects.filter(
        Q(inputs_changed_at__lt=before) & ~Q(computed_at__gte=F("inputs_changed_at"))
        | Q(computed_at__lt=before)
        & (~Q(ranking_version=RANKING_VERSION) | ~Q(statistics=statistics_version()))
    )
    return list(behind.order_by("inputs_changed_at").values_list("user_id", flat=True)[:limit])
