"""Generations of vectors, encoders that fail, and what the reconciler finds."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now

from ml.encoder import EncoderError
from multitask.outbox.emit import emit
from multitask.outbox.models import OutboxDelivery, OutboxEvent
from multitask.recommendations.models import (
    LexicalModelVersion,
    ProfileVector,
    RecommendationEntry,
    RecommendationList,
    TaskVector,
    VectorIndex,
)
from multitask.recommendations.selectors import indexes
from multitask.recommendations.services.indexes import (
    EncoderIdentity,
    index_activate,
    index_ensure,
    indexes_purge,
)
from multitask.recommendations.services.reconcile import reconcile_missing
from multitask.recommendations.services.vectors import (
    DimensionMismatch,
    Made,
    profile_vectors_store,
    task_vectors_store,
)
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Task
from multitask.tasks.services.tasks import task_update
from multitask.testing.encoder import HashedEncoder
from multitask.testing.market import join, lists, post, skill_ids
from multitask.testing.pipeline import Pipeline

pytestmark = pytest.mark.django_db


def _happens(topic: str, **payload: Any) -> None:
    with transaction.atomic():
        emit(topic, key=topic, **payload)


@pytest.fixture
def market(pipeline: Pipeline) -> Pipeline:
    """Two freelancers and five tasks, all in place."""
    wanted = skill_ids("python")
    for _ in range(2):
        join("freelancer", skills=wanted)
    client = join("client")
    for _ in range(5):
        post(client, skills=wanted)
    pipeline.drain()
    return pipeline


def _other_encoder(monkeypatch: pytest.MonkeyPatch, *, dimensions: int = 16) -> HashedEncoder:
    """From now on the settings name another model."""
    from workers import models

    old, new = HashedEncoder(), HashedEncoder(dimensions)
    monkeypatch.setattr(models, "encoder_for", lambda index: new if index.encoder_model == "other" else old)
    monkeypatch.setattr(models, "configured_encoder", lambda: EncoderIdentity("other", "other-1", dimensions))
    return new


# --- A new generation -----------------------------------------------------------------------------------------------


def test_another_encoder_is_built_beside_the_serving_one_which_serves_until_it_is_whole(
    market: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _other_encoder(monkeypatch)
    monkeypatch.setattr("workers.jobs.vectors.BUILD_CHUNK", 3)
    before = lists()
    active = indexes.active_index()
    assert active is not None
    task = post(join("client"), skills=skill_ids("python"))  # the first thing that meets the new setting
    shown: list[int] = []
    for _ in range(200):
        claimed = market.claim()
        if not claimed:
            break
        for one in claimed:
            market.run([one])
            serving, building = indexes.active_index(), indexes.building_index()
            if building is not None:
                assert serving == active
                assert building.encoder_model == "other"
                shown.append(indexes.progress(building).done)
                assert len(lists()) == len(before)
    assert shown == sorted(shown)
    now = indexes.active_index()
    assert now is not None
    assert (now.encoder_model, now.dimensions, indexes.building_index()) == ("other", 16, None)
    assert VectorIndex.objects.get(pk=active.pk).state == "retired"
    assert TaskVector.objects.filter(index=now).count() == 6
    assert ProfileVector.objects.filter(index=now).count() == 2
    assert {len(rows) for rows in lists().values()} == {6}
    assert set(RecommendationList.objects.values_list("index_id", flat=True)) == {now.pk}
    assert task.pk in {row[0] for rows in lists().values() for row in rows}


def test_what_changes_while_a_generation_is_built_is_in_both(
    market: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _other_encoder(monkeypatch)
    market.shuffle = None
    index_ensure(encoder=EncoderIdentity("other", "other-1", 16), lexical=LexicalModelVersion.objects.get())
    task = Task.objects.order_by("pk")[0]
    task_update(actor=task.client, task_id=task.pk, title="A newer title for the shop")
    embed = [one for one in market.claim() if one.handler == "vectors.embed_tasks"]
    market.run(embed)
    found = dict(TaskVector.objects.filter(task=task).values_list("index__encoder_model", "content_version"))
    assert found == {"hashed-words": 2, "other": 2}


def test_the_same_encoder_begins_nothing(market: Pipeline) -> None:
    active = indexes.active_index()
    assert active is not None
    same = EncoderIdentity(active.encoder_model, active.encoder_revision, active.dimensions)
    assert index_ensure(encoder=same, lexical=active.lexical) == active
    missing = EncoderIdentity("gone", "missing", 0)
    assert index_ensure(encoder=missing, lexical=active.lexical) == active
    assert VectorIndex.objects.count() == 1


def test_the_same_new_generation_is_begun_once_and_another_wish_replaces_it(market: Pipeline) -> None:
    lexical = LexicalModelVersion.objects.get()
    for _ in range(3):
        index_ensure(encoder=EncoderIdentity("second", "second-1", 8), lexical=lexical)
    assert VectorIndex.objects.filter(encoder_model="second").count() == 1
    index_ensure(encoder=EncoderIdentity("third", "third-1", 8), lexical=lexical)
    building = indexes.building_index()
    assert building is not None
    assert building.encoder_model == "third"
    assert not index_activate(index_id=VectorIndex.objects.get(encoder_model="second").pk)
    assert VectorIndex.objects.get(state="active").encoder_model == "hashed-words"


def test_retired_vectors_are_purged_and_the_serving_ones_stay(
    market: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    _other_encoder(monkeypatch)
    post(join("client"))
    market.drain()
    before = lists()
    assert indexes_purge() > 0
    assert VectorIndex.objects.count() == 1
    assert TaskVector.objects.count() == 6
    assert lists() == before


def test_at_night_every_list_is_computed(market: Pipeline) -> None:
    before = lists()
    RecommendationEntry.objects.all().delete()
    LexicalModelVersion.objects.update(documents=10**6)
    _happens("schedule.nightly")
    market.drain()
    assert lists() == before
    assert VectorIndex.objects.count() == 1


def test_a_model_that_only_moved_to_another_place_is_the_same_encoder(market: Pipeline) -> None:
    active = indexes.active_index()
    assert active is not None
    moved = EncoderIdentity("/srv/models/hashed", active.encoder_revision, active.dimensions)
    assert index_ensure(encoder=moved, lexical=active.lexical).encoder_model == "/srv/models/hashed"
    assert VectorIndex.objects.count() == 1


def test_at_night_the_vocabulary_is_refitted_where_the_market_has_outgrown_it(
    market: Pipeline, encoder: HashedEncoder
) -> None:
    word = "zanzibarian"
    client = join("client")
    post(client, title=f"A {word} shop", description=f"Everything {word}")
    market.drain()
    LexicalModelVersion.objects.update(documents=1)
    read = len(encoder.encoded)
    _happens("schedule.nightly")
    market.drain()
    assert market.dead() == []
    assert len(encoder.encoded) == read  # the encoder has read all of it before
    now = indexes.active_index()
    assert now is not None
    assert LexicalModelVersion.objects.count() == 2
    from workers import models

    assert models.lexical_for(now).transform([word])[0]
    assert TaskVector.objects.filter(index=now).count() == 6
    assert {len(rows) for rows in lists().values()} == {5}


# --- An encoder that fails ------------------------------------------------------------------------------------------


@pytest.fixture
def broken(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    from workers import models

    def fail(index: VectorIndex) -> None:
        raise EncoderError("The model 'x' is not on this machine. Set RECOMMENDATION_MODEL.")

    monkeypatch.setattr(models, "encoder_for", fail)
    return pipeline


def test_without_its_encoder_a_task_is_listed_by_skills_and_words_and_says_why(broken: Pipeline) -> None:
    wanted = skill_ids("python")
    user = join("freelancer", skills=wanted)
    broken.drain()
    task = post(join("client"), skills=wanted)
    broken.drain()
    assert broken.dead() == []
    vector = TaskVector.objects.get()
    assert (vector.vector, vector.readable) == (None, False)
    assert "Set RECOMMENDATION_MODEL" in vector.error
    assert [row[0] for row in lists()[user.pk]] == [task.pk]
    assert RecommendationEntry.objects.get().algorithm == "tfidf"


def test_what_the_encoder_failed_at_is_found_and_mended_when_it_is_back(
    broken: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    join("freelancer", skills=skill_ids("python"))
    post(join("client"), skills=skill_ids("python"))
    broken.drain()
    _grow_old()
    assert reconcile_missing(seconds=30) == {"tasks": 1, "profiles": 1, "lists": 0, "builds": 0}
    from workers import models

    monkeypatch.setattr(models, "encoder_for", lambda index: HashedEncoder())
    broken.drain()
    assert not TaskVector.objects.exclude(error="").exists()
    assert TaskVector.objects.get().vector is not None
    assert ProfileVector.objects.get().vector is not None
    assert RecommendationEntry.objects.get().algorithm == "hybrid"


def test_the_words_alone_serve_where_no_encoder_is_to_be_had(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, broken: Pipeline
) -> None:
    from workers import models

    monkeypatch.setattr(models, "configured_encoder", lambda: EncoderIdentity("gone", "missing", 0))
    user = join("freelancer", skills=skill_ids("python"))
    post(join("client"), skills=skill_ids("python"))
    pipeline.drain()
    active = indexes.active_index()
    assert active is not None
    assert (active.encoder_revision, active.dimensions) == ("missing", 0)
    assert len(lists()[user.pk]) == 1
    _other_encoder(monkeypatch)
    post(join("client"), skills=skill_ids("python"))
    pipeline.drain()
    active = indexes.active_index()
    assert active is not None
    assert active.encoder_model == "other"
    assert len(lists()[user.pk]) == 2


def test_a_failing_build_does_not_take_the_serving_generation_away(
    market: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workers import models

    before = lists()

    def choose(index: VectorIndex) -> HashedEncoder:
        if index.encoder_model == "other":
            raise EncoderError("not whole")
        return HashedEncoder()

    monkeypatch.setattr(models, "encoder_for", choose)
    index_ensure(encoder=EncoderIdentity("other", "other-1", 16), lexical=LexicalModelVersion.objects.get())
    for _ in range(5):
        market.drain()
        market.make_due()
    assert market.dead() == ["EncoderError: not whole"]
    active = indexes.active_index()
    assert active is not None
    assert active.encoder_model == "hashed-words"
    assert lists() == before


def test_a_build_that_was_given_up_is_taken_up_again_when_the_encoder_is_back(
    market: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workers import models

    broken = [True]

    def choose(index: VectorIndex) -> HashedEncoder:
        if index.encoder_model == "other" and broken[0]:
            raise EncoderError("not whole")
        return HashedEncoder(index.dimensions)

    monkeypatch.setattr(models, "encoder_for", choose)
    index_ensure(encoder=EncoderIdentity("other", "other-1", 16), lexical=LexicalModelVersion.objects.get())
    for _ in range(5):
        market.drain()
        market.make_due()
    assert market.dead() == ["EncoderError: not whole"]
    broken[0] = False
    assert reconcile_missing()["builds"] == 1
    market.drain()
    active = indexes.active_index()
    assert active is not None
    assert active.encoder_model == "other"
    assert reconcile_missing()["builds"] == 0


# --- Storing --------------------------------------------------------------------------------------------------------


def _made(task: Task, **changes: Any) -> Made:
    values: dict[str, Any] = {
        "id": task.pk,
        "version": 1,
        "vector": [1.0, 0.0, 0.0],
        "readable": True,
        "lexical": {3: 1.0},
        "lexical_dimensions": 10,
        "content_hash": "x",
    }
    return Made(**(values | changes))


@pytest.fixture
def index() -> VectorIndex:
    lexical = LexicalModelVersion.objects.create(identifier="x", data=b"", documents=0)
    return VectorIndex.objects.create(
        encoder_model="m",
        encoder_revision="1",
        dimensions=3,
        lexical=lexical,
        text_version="t",
        state="active",
    )


@pytest.mark.parametrize("length", [0, 2, 4, 384])
def test_a_vector_of_another_length_is_refused_and_nothing_is_kept(index: VectorIndex, length: int) -> None:
    good, bad = TaskFactory(), TaskFactory()
    made = [_made(good), _made(bad, vector=[1.0] * length)]

    def store() -> None:
        with transaction.atomic():
            task_vectors_store(index=index, made=made)

    with pytest.raises(DimensionMismatch, match=r"manage\.py reindex"):
        store()
    assert not TaskVector.objects.exists()
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_vector_that_is_not_finite_is_refused(index: VectorIndex, value: float) -> None:
    task = TaskFactory()

    def store(function: Any) -> None:
        with transaction.atomic():
            function(index=index, made=[_made(task, vector=[1.0, value, 0.0])])

    for function in (task_vectors_store, profile_vectors_store):
        with pytest.raises(ValueError, match="not finite"):
            store(function)
    assert not TaskVector.objects.exists()


def test_the_newest_content_wins_whichever_comes_last(index: VectorIndex) -> None:
    task = TaskFactory()
    for version in (1, 3, 2):
        task_vectors_store(index=index, made=[_made(task, version=version, content_hash=str(version))])
    vector = TaskVector.objects.get()
    assert (vector.content_version, vector.content_hash) == (3, "3")


def test_a_task_that_is_gone_leaves_no_vector(index: VectorIndex) -> None:
    task_vectors_store(index=index, made=[_made(Task(pk=10**9))])
    assert not TaskVector.objects.exists()


# --- The reconciler -------------------------------------------------------------------------------------------------


def _grow_old() -> None:
    """Everything was last touched an hour ago."""
    past = Now() - timedelta(hours=1)
    from multitask.accounts.models import User

    Task.objects.update(updated_at=past)
    User.objects.update(updated_at=past)
    for model in (TaskVector, ProfileVector):
        model.objects.update(updated_at=past)
    RecommendationList.objects.update(inputs_changed_at=past)


def test_in_a_market_at_rest_there_is_nothing_to_find(market: Pipeline) -> None:
    _grow_old()
    assert reconcile_missing() == {"tasks": 0, "profiles": 0, "lists": 0, "builds": 0}


def test_what_has_no_event_is_found_and_mended(market: Pipeline) -> None:
    before = lists()
    _grow_old()
    TaskVector.objects.order_by("pk").first().delete()
    Task.objects.filter(pk=Task.objects.order_by("-pk")[0].pk).update(content_version=7)
    ProfileVector.objects.order_by("pk").first().delete()
    stale = RecommendationList.objects.order_by("-pk").first()
    assert stale is not None
    RecommendationList.objects.filter(pk=stale.pk).update(computed_at=Now() - timedelta(hours=2))
    RecommendationEntry.objects.all().delete()
    _happens("schedule.reconcile")
    market.drain()
    assert market.dead() == []
    assert TaskVector.objects.count() == 5
    assert TaskVector.objects.filter(content_version=7).count() == 1
    assert {user: {row[0] for row in rows} for user, rows in lists().items()} == {
        user: {row[0] for row in rows} for user, rows in before.items()
    }
    assert reconcile_missing() == {"tasks": 0, "profiles": 0, "lists": 0, "builds": 0}


def test_what_has_only_just_changed_is_left_to_its_own_event(market: Pipeline) -> None:
    TaskVector.objects.all().delete()
    ProfileVector.objects.all().delete()
    assert reconcile_missing(seconds=30) == {"tasks": 0, "profiles": 0, "lists": 0, "builds": 0}


def test_closed_tasks_and_clients_need_no_vector(market: Pipeline) -> None:
    _grow_old()
    Task.objects.update(status="CANCELLED")
    TaskVector.objects.all().delete()
    assert reconcile_missing()["tasks"] == 0
    assert ProfileVector.objects.count() == 2


def test_a_lost_outbox_is_made_up_for(pipeline: Pipeline) -> None:
    """Whatever happened to the events, what the rows say is what counts."""
    user = join("freelancer", skills=skill_ids("python"))
    task = post(join("client"), skills=skill_ids("python"))
    OutboxDelivery.objects.all().delete()
    OutboxEvent.objects.all().delete()
    _grow_old()
    _happens("schedule.reconcile")
    pipeline.drain()
    assert [row[0] for row in lists()[user.pk]] == [task.pk]
