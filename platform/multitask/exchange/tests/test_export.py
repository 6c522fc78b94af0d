from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from multitask.accounts.models import User
from multitask.exchange.models import ImportRef
from multitask.exchange.tests.helpers import (
    APPLICATION,
    CLIENT,
    FREELANCER,
    REVIEW,
    TASK,
    import_records,
    run_import,
)
from multitask.recommendations.models import Skill
from multitask.tasks.models import Review, Task, TaskApplication

pytestmark = pytest.mark.django_db

SKILL = {
    "type": "skill",
    "ref": "s1",
    "name_en": "Candle making",
    "name_ar": "صناعة الشموع",
    "aliases": ["شموع"],
}


def _fill(path: Path) -> None:
    result = import_records(
        path,
        SKILL,
        CLIENT | {"password": "Tarboosh-91-Nile"},
        FREELANCER,
        FREELANCER | {"ref": "samy", "username": "samy", "email": "samy@example.com", "user_type": "both"},
        TASK | {"status": "COMPLETED", "assigned_to": "badr", "skills": ["s1", "python"]},
        APPLICATION | {"status": "ACCEPTED"},
        APPLICATION | {"ref": "second", "freelancer": "samy"},
        REVIEW,
        REVIEW | {"ref": "thanks", "reviewer": "badr", "rating": 5, "quality_rating": 3},
        TASK
        | {"ref": "open", "deadline": "2099-05-01T12:00:00+03:00", "city": "Tanta", "is_negotiable": True},
        APPLICATION | {"ref": "third", "task": "open", "offered_price": "6999.99"},
        TASK | {"ref": "dropped", "status": "CANCELLED"},
        TASK | {"ref": "offer", "client": "samy", "listing_type": "service_offer"},
    )
    assert result.errors == []


def _empty() -> None:
    for model in (Review, TaskApplication, Task, User, ImportRef):
        model.objects.all().delete()
    Skill.objects.filter(slug="candle-making").delete()
    Skill.objects.update(usage_count=0)


def _export(path: Path, *options: str) -> list[dict[str, object]]:
    call_command("export_marketplace", str(path), *options, stdout=io.StringIO())
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _without_refs(records: list[dict[str, object]]) -> list[str]:
    # Keys of another database differ; what they stand for must not.
    named = {"client", "freelancer", "reviewer", "assigned_to"}
    return sorted(
        json.dumps(
            {name: value for name, value in record.items() if name not in {"ref", "task"} or name in named}
        )
        for record in records
    )


def test_an_export_imported_into_an_empty_database_gives_the_same(tmp_path: Path) -> None:
    _fill(tmp_path)
    first = _export(tmp_path / "out.jsonl")
    assert {record["type"] for record in first} == {"skill", "user", "task", "application", "review"}
    _empty()
    result = run_import(tmp_path / "out.jsonl")
    assert (result.status, result.errors) == (0, [])
    assert _without_refs(_export(tmp_path / "again.jsonl")) == _without_refs(first)
    assert User.objects.get(username="badr").total_reviews == 1
    assert Task.objects.get(status="COMPLETED").applications_count == 2
    assert run_import(tmp_path / "out.jsonl").errors == []


def test_who_only_claims_an_address_claims_it_again_after_an_import(tmp_path: Path) -> None:
    _fill(tmp_path)
    User.objects.filter(username="badr").update(email="", pending_email="amal@example.com")
    User.objects.filter(username="amal").update(is_verified=True, pending_email="new@example.com")
    _export(tmp_path / "out.jsonl", "--types", "user")
    _empty()
    assert run_import(tmp_path / "out.jsonl").errors == []
    kept = dict(User.objects.values_list("username", "email"))
    assert (kept["amal"], kept["badr"]) == ("amal@example.com", "")
    assert set(User.objects.exclude(pending_email="").values_list("username", "pending_email")) == {
        ("badr", "amal@example.com")
    }


def test_an_export_has_addresses_but_no_password_in_any_form(tmp_path: Path) -> None:
    _fill(tmp_path)
    _export(tmp_path / "out.jsonl")
    text = (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert "amal@example.com" in text
    assert "password" not in text
    assert User.objects.get(username="amal").password not in text
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o077 == 0


def test_administrators_stay_behind(tmp_path: Path) -> None:
    User.objects.create_superuser("boss", "boss@example.com", None)
    assert _export(tmp_path / "out.jsonl", "--types", "user") == []


def test_only_the_types_asked_for_are_exported(tmp_path: Path) -> None:
    _fill(tmp_path)
    assert {record["type"] for record in _export(tmp_path / "out.jsonl", "--types", "task, user")} == {
        "user",
        "task",
    }
    with pytest.raises(CommandError, match="no type spaceship"):
        _export(tmp_path / "out.jsonl", "--types", "spaceship")


def test_an_export_that_fails_leaves_the_older_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(tmp_path)
    path = tmp_path / "out.jsonl"
    path.write_text("older", encoding="utf-8")

    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(CommandError, match="No space left"):
        _export(path)
    assert path.read_text(encoding="utf-8") == "older"
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".part"] == []


def test_a_dash_exports_to_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _fill(tmp_path)
    call_command("export_marketplace", "-", "--types", "review")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["type"] for line in lines] == ["review", "review"]
