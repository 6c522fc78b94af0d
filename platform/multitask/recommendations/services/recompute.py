"""Compute lists from nothing: several at once, which look at the tasks together."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from numpy.typing import NDArray

from ml import batch, ranking
from ml.batch import TaskTable
from ml.ranking import ProfileFacts
from ml.statistics import Statistics
from ml.versions import RANKING_VERSION
from multitask.accounts.models import MAY_APPLY, User
from multitask.recommendations.models import Algorithm, RecommendationEntry, RecommendationList, VectorIndex
from multitask.recommendations.selectors import features, tables
from multitask.recommendations.selectors.indexes import active_index
from multitask.recommendations.selectors.statistics import statistics_now
from multitask.recommendations.services.entries import Entry, entries_write, stored_terms


@transaction.atomic
def lists_recompute(*, user_ids: Collection[int]) -> int:
    """Compute the lists of these freelancers. Returns their entries; those who take no work get empty lists.

    All are locked until the last is written, so a caller with many takes few at a time.
    """
    index = active_index()
    # The heads, before anything they depend on is read: a task placed meanwhile waits, and then adds itself.
    heads = list(RecommendationList.objects.select_for_update().filter(user__in=user_ids).order_by("user_id"))
    if not heads or index is None:
        return 0
    begun = _begin()
    statistics = statistics_now()
    found = _matches(heads, index=index, statistics=statistics)
    kept = {pk: entries[: settings.MATCH_LIST_SIZE] for pk, entries in found.items()}
    _replace(kept, statistics=statistics.version)
    for head in heads:
        head.computed_at = begun
        head.index = index
        head.ranking_version = RANKING_VERSION
        head.statistics = statistics.version
        head.algorithm = _algorithm(kept[head.pk])
        head.is_full = len(found[head.pk]) > len(kept[head.pk])
        head.save(
            update_fields=["computed_at", "index", "ranking_version", "statistics", "algorithm", "is_full"]
        )
    return sum(map(len, kept.values()))


def _begin() -> Any:
    """The database's clock: the start of the transaction would be too early, the lock may have been waited for.

    Being done comes after this transaction and is committed in full, which takes its log along: it need not wait itself.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), set_config('synchronous_commit', 'off', true)")
        return cursor.fetchone()[0]


def _matches(
    heads: Collection[RecommendationList], *, index: VectorIndex, statistics: Statistics
) -> dict[int, list[Entry]]:
    """{head: its best entries, one more than a list keeps where there are more, the best first}."""
    owners = {head.user_id: head.pk for head in heads}
    wanted = User.objects.filter(pk__in=owners, user_type__in=MAY_APPLY, is_active=True)
    profiles = features.profile_facts(list(wanted.values_list("pk", flat=True)))
    found = tables.tasks_for_profiles(profiles, index=index)
    places = {user: _best(profiles[user], table, statistics) for user, table in found.items()}
    ids = {int(task) for user, best in places.items() for task in found[user].ids[best]}
    more = tables.written(list(ids), index=index)
    entries: dict[int, list[Entry]] = {head.pk: [] for head in heads}
    for user, best in places.items():
        scored = []
        for task, signals in tables.facts_at(found[user], best, more):
            match = ranking.score_pair(profiles[user], task, signals, statistics=statistics)
            if match.is_member:
                scored.append(Entry(owners[user], task.task_id, match, more[task.task_id].version))
        entries[owners[user]] = sorted(scored, key=_best_first)[: settings.MATCH_LIST_SIZE + 1]
    return entries


def _best_first(one: Entry) -> tuple[float, int]:
    return -one.match.score, -one.task_id


def _best(profile: ProfileFacts, table: TaskTable, statistics: Statistics) -> NDArray[np.int64]:
    """Where in the table the best are, one more than a list keeps and what is as good as the last of them.

    Within the arrays' tolerance: which of those it is, the scorer itself says.
    """
    scores, members = batch.score_table(profile, table, statistics=statistics)
    places = members.nonzero()[0]
    best = heapq.nlargest(settings.MATCH_LIST_SIZE + 1, scores[places].tolist())
    return places[scores[places] >= best[-1] - 2 * batch.TOLERANCE] if best else places


def _replace(kept: dict[int, list[Entry]], *, statistics: int) -> None:
    """Make these the whole of each list. What is as it was is not written again: most of a list, most nights."""
    rows = RecommendationEntry.objects.filter(recommendation_list__in=kept).order_by()
    had = {
        (head, task_id): (pk, *more)
        for pk, head, task_id, *more in rows.values_list(
            "id",
            "recommendation_list_id",
            "task_id",
            "score",
            "match_percentage",
            "parts",
            "reasons",
            "algorithm",
            "content_version",
            "statistics",
        )
    }
    changed = []
    for entries in kept.values():
        for one in entries:
            match = one.match
            new = (
                match.score,
                match.percentage,
                *stored_terms(match),
                match.algorithm,
                one.version,
                statistics,
            )
            if had.pop((one.head, one.task_id), (0,))[1:] != new:
                changed.append(one)
    if had:
        RecommendationEntry.objects.filter(pk__in=[row[0] for row in had.values()]).delete()
    entries_write(changed, statistics=statistics)


def _algorithm(entries: Iterable[Entry]) -> str:
    """What made the list: hybrid where any of it is, cold start where it is empty."""
    used = {one.match.algorithm for one in entries}
    for name in (Algorithm.HYBRID, Algorithm.SEMANTIC, Algorithm.TFIDF, Algorithm.SKILLS):
        if name in used:
            return name
    return Algorithm.COLD_START
