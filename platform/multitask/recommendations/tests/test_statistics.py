"""Statistics that scores are computed with: every list turns to the new ones, and learning needs enough to go by."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from ml import learning
from multitask.accounts.factories import FreelancerFactory
from multitask.recommendations.learned import MatchStatistics
from multitask.recommendations.models import (
    RecommendationEntry,
    RecommendationFeedback,
    RecommendationList,
    RecommendationLog,
)
from multitask.recommendations.selectors.journal import showings
from multitask.recommendations.selectors.statistics import statistics_now
from multitask.recommendations.services.learning import statistics_refresh
from multitask.recommendations.services.lists import list_recompute, lists_behind, task_place
from multitask.tasks.factories import ApplicationFactory, TaskFactory
from multitask.testing.market import join, lists, post, skill_ids
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db

COMMON, RARE = "python", "figma"


def _market(pipeline: Pipeline) -> None:
    """Many who know Python, few who know Figma."""
    for number in range(8):
        join("freelancer", skills=skill_ids(COMMON, *(["django"] if number < 4 else [])))
    join("freelancer", skills=skill_ids(RARE))
    for _ in range(6):
        post(join("client"), skills=skill_ids(COMMON, "django"))
    pipeline.drain()


def test_a_new_measure_of_the_market_is_in_every_list_and_entry(pipeline: Pipeline) -> None:
    _market(pipeline)
    assert set(RecommendationEntry.objects.values_list("statistics", flat=True)) == {0}
    made = statistics_refresh()
    assert made is not None
    pipeline.drain()
    assert set(RecommendationEntry.objects.values_list("statistics", flat=True)) == {made.pk}
    assert set(RecommendationList.objects.values_list("statistics", flat=True)) == {made.pk}
    python, figma, django = skill_ids(COMMON, RARE, "django")
    now = statistics_now()
    assert now.version == made.pk
    assert now.rarity[figma] > now.rarity[python]
    assert now.related[python][django] > now.related[python].get(figma, 0.0)


def test_a_market_that_has_not_changed_makes_no_new_statistics(pipeline: Pipeline) -> None:
    _market(pipeline)
    assert statistics_refresh() is not None
    assert statistics_refresh() is None
    assert MatchStatistics.objects.count() == 1


@pytest.mark.parametrize("seed", range(3))
def test_filled_task_by_task_while_statistics_change_it_is_the_list_from_nothing(
    pipeline: Pipeline, seed: int
) -> None:
    random = Random(seed)
    ids = skill_ids(COMMON, "django", RARE, "react", "redis")
    for _ in range(4):
        join("freelancer", skills=random.sample(ids, 2), bio="shop python server")
    client = join("client")
    pipeline.drain()
    pipeline.shuffle = Random(seed)
    for number in range(24):
        post(client, skills=random.sample(ids, 2), title="A shop for the web")
        if number % 6 == 5:
            statistics_refresh()
        for _ in range(random.randint(0, 5)):
            pipeline.step()
    pipeline.drain()
    assert pipeline.dead() == []
    found = lists()
    versions = set(RecommendationEntry.objects.values_list("statistics", flat=True))
    assert versions == {statistics_now().version} != {0}
    RecommendationEntry.objects.all().delete()
    for user_id in RecommendationList.objects.values_list("user_id", flat=True):
        list_recompute(user_id=user_id)
    assert found == lists()


def test_a_list_of_other_statistics_or_another_ranking_is_found_and_computed(pipeline: Pipeline) -> None:
    _market(pipeline)
    RecommendationList.objects.update(computed_at=timezone.now() - timedelta(minutes=5))
    RecommendationList.objects.update(inputs_changed_at=timezone.now() - timedelta(minutes=9))
    assert lists_behind(limit=99, seconds=30) == []
    one, other = RecommendationList.objects.order_by("user_id").values_list("user_id", flat=True)[:2]
    RecommendationList.objects.filter(user=one).update(ranking_version="ranking-0")
    RecommendationList.objects.filter(user=other).update(statistics=77)
    assert set(lists_behind(limit=99, seconds=30)) == {one, other}


def test_a_list_that_is_as_it_was_is_not_written_again(pipeline: Pipeline) -> None:
    _market(pipeline)
    RecommendationEntry.objects.update(computed_at=timezone.now() - timedelta(days=1))
    before = set(RecommendationEntry.objects.values_list("pk", "computed_at"))
    for user_id in RecommendationList.objects.values_list("user_id", flat=True):
        list_recompute(user_id=user_id)
    assert set(RecommendationEntry.objects.values_list("pk", "computed_at")) == before
    entry = RecommendationEntry.objects.first()
    assert entry is not None
    RecommendationEntry.objects.filter(pk=entry.pk).update(score=0.99)
    list_recompute(user_id=entry.recommendation_list.user_id)
    assert RecommendationEntry.objects.get(pk=entry.pk).score == entry.score


def test_placing_and_computing_use_the_same_statistics(pipeline: Pipeline) -> None:
    _market(pipeline)
    statistics_refresh()
    pipeline.drain()
    entry = RecommendationEntry.objects.order_by("pk").first()
    assert entry is not None
    score = entry.score
    RecommendationEntry.objects.filter(pk=entry.pk).delete()
    task_place(task_id=entry.task_id)
    again = RecommendationEntry.objects.get(task=entry.task_id, recommendation_list=entry.recommendation_list)
    assert (again.score, again.statistics) == (score, entry.statistics)


# --- The log, as it is learned from -----------------------------------------------------------------------------------


def _shown(user: Any, tasks: list[Any], *, days: float = 2, **more: Any) -> RecommendationLog:
    log = RecommendationLog.objects.create(
        user=user,
        recommendation_type="TASK",
        recommended_items=[task.pk for task in tasks],
        score_parts={str(task.pk): {"skills": 0.5} for task in tasks},
        algorithm_used="hybrid",
        **more,
    )
    RecommendationLog.objects.filter(pk=log.pk).update(created_at=timezone.now() - timedelta(days=days))
    return log


def test_what_came_of_each_row_is_read_from_log_applications_and_dismissals() -> None:
    user = FreelancerFactory()
    tasks = TaskFactory.create_batch(5)
    _shown(
        user,
        tasks,
        clicked_items=[tasks[0].pk, tasks[1].pk],
        applied_items=[tasks[1].pk, tasks[2].pk],
    )
    ApplicationFactory(task=tasks[2], freelancer=user, status="ACCEPTED")
    RecommendationFeedback.objects.create(user=user, task=tasks[3], action="dismissed")
    (found,) = showings(now=timezone.now())
    assert [row.outcome for row in found.rows] == ["clicked", "applied", "accepted", "dismissed", ""]
    assert found.user == user.pk


def test_parts_are_read_as_they_were_before_what_was_learned() -> None:
    learned = MatchStatistics.objects.create(data={"factors": {"skills": 1.25}})
    _shown(FreelancerFactory(), TaskFactory.create_batch(1), statistics=learned.pk)
    (found,) = showings(now=timezone.now())
    assert found.rows[0].parts == {"skills": 0.4}


def test_what_is_too_fresh_or_too_old_is_not_learned_from() -> None:
    user, tasks = FreelancerFactory(), TaskFactory.create_batch(1)
    _shown(user, tasks, days=0.5)
    _shown(user, tasks, days=200)
    assert showings(now=timezone.now()) == []


def test_what_the_log_teaches_reaches_the_scores_only_where_it_is_better(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = skill_ids(COMMON, "django")
    user = join("freelancer", skills=wanted[:1])
    post(join("client"), skills=wanted)
    pipeline.drain()

    def told(**more: Any) -> float:
        monkeypatch.setattr(
            "multitask.recommendations.services.learning.learn",
            lambda showings: learning.Learned(actions=900, people=90, **more),
        )
        statistics_refresh()
        pipeline.drain()
        entry = RecommendationEntry.objects.get(recommendation_list__user=user)
        assert sum(entry.parts.values()) == pytest.approx(entry.score, abs=1e-5)
        return float(entry.parts["skills"])

    plain = told(fitted={"skills": 0.8})
    assert told(adopted=True, factors={"skills": 0.8}) == pytest.approx(0.8 * plain, abs=1e-5)
