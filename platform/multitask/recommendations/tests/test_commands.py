from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from multitask.accounts.models import User
from multitask.outbox.models import Heartbeat, OutboxEvent
from multitask.recommendations.models import IndexState, LexicalModelVersion, VectorIndex

pytestmark = pytest.mark.django_db

DIMENSIONS = 8


@pytest.fixture
def model(tmp_path: Path, settings: object) -> Path:
    """A folder that says of itself what `describe` reads: no weights are needed for that."""
    folder = tmp_path / "tiny-model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"hidden_size": DIMENSIONS}), encoding="utf-8")
    settings.RECOMMENDATION_MODEL = str(folder)  # type: ignore[attr-defined]
    return folder


def _run(command: str, *options: str) -> str:
    output = io.StringIO()
    call_command(command, *options, stdout=output)
    return output.getvalue()


def _index(state: str) -> VectorIndex:
    lexical, _ = LexicalModelVersion.objects.get_or_create(
        identifier="v1", defaults={"data": b"", "documents": 1}
    )
    return VectorIndex.objects.create(
        encoder_model="older",
        encoder_revision="1",
        dimensions=4,
        lexical=lexical,
        text_version="t",
        state=state,
        activated_at=timezone.now(),
    )


def test_a_new_generation_begins_beside_the_serving_one(model: Path) -> None:
    active = _index(IndexState.ACTIVE)
    _run("reindex")
    building = VectorIndex.objects.get(state=IndexState.BUILDING)
    assert building.dimensions == DIMENSIONS
    active.refresh_from_db()
    assert active.state == IndexState.ACTIVE
    assert OutboxEvent.objects.filter(topic="index.building", key=f"index:{building.pk}").exists()


def test_beginning_twice_is_one_generation(model: Path) -> None:
    _index(IndexState.ACTIVE)
    _run("reindex")
    _run("reindex")
    assert VectorIndex.objects.filter(state=IndexState.BUILDING).count() == 1


def test_a_model_that_is_not_there_says_what_to_do_and_changes_nothing(settings: object) -> None:
    _index(IndexState.ACTIVE)
    settings.RECOMMENDATION_MODEL = "/nowhere/at/all"  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="RECOMMENDATION_MODEL"):
        _run("reindex")
    assert VectorIndex.objects.count() == 1


def test_a_model_the_workers_do_not_use_is_refused(model: Path, tmp_path: Path) -> None:
    _index(IndexState.ACTIVE)
    other = tmp_path / "other-model"
    other.mkdir()
    (other / "config.json").write_text(json.dumps({"hidden_size": 16}), encoding="utf-8")
    with pytest.raises(CommandError, match="would switch back"):
        _run("reindex", "--model", str(other))
    assert VectorIndex.objects.count() == 1
    _run("reindex", "--model", str(model))
    assert VectorIndex.objects.count() == 2


def test_without_vectors_there_is_nothing_to_make_anew(model: Path) -> None:
    with pytest.raises(CommandError, match="first worker"):
        _run("reindex")
    assert "no vectors yet" in _run("reindex", "--status")


def test_the_status_says_how_far_each_generation_is(model: Path) -> None:
    User.objects.create_user("badr", "badr@example.com", None, user_type="freelancer")
    _index(IndexState.ACTIVE)
    _run("reindex")
    said = _run("reindex", "--status")
    assert said.count("0 of 1 vectors") == 2


def test_waiting_ends_with_a_status_of_one_when_the_time_is_up(model: Path) -> None:
    User.objects.create_user("badr", "badr@example.com", None, user_type="freelancer")
    _index(IndexState.ACTIVE)
    with pytest.raises(SystemExit) as end:
        _run("reindex", "--wait", "--timeout", "0")
    assert end.value.code == 1


def test_the_pipelines_status_names_every_part_backlog_and_index() -> None:
    Heartbeat.objects.create(name="relay")
    OutboxEvent.objects.create(topic="ping", key="thing:1")
    _index(IndexState.ACTIVE)
    facts = json.loads(_run("pipeline_status", "--json"))
    parts = {part["name"]: part["ok"] for part in facts["parts"]}
    assert (parts["relay"], parts["beat"]) == (True, False)
    assert (facts["unfinished"], facts["dead"]) == (1, 0)
    assert facts["indexes"][0]["dimensions"] == 4
    shown = _run("pipeline_status")
    assert "Unfinished: 1" in shown
    assert "relay" in shown
