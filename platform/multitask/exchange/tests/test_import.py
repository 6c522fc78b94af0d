from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from multitask.accounts.models import User
from multitask.exchange.models import ImportRef
from multitask.exchange.services import importing, work
from multitask.exchange.tests.helpers import (
    APPLICATION,
    CLIENT,
    FREELANCER,
    REVIEW,
    TASK,
    import_records,
    run_import,
    write,
)
from multitask.outbox.models import OutboxEvent
from multitask.recommendations.models import Skill, UserPreference, UserSkill
from multitask.tasks.models import Review, Task, TaskApplication

pytestmark = pytest.mark.django_db

FINISHED = TASK | {"status": "COMPLETED", "assigned_to": "badr"}
ACCEPTED = APPLICATION | {"status": "ACCEPTED"}


def _rows() -> dict[str, list[tuple[object, ...]]]:
    models = (User, UserSkill, UserPreference, Task, TaskApplication, Review, OutboxEvent, ImportRef, Skill)
    return {model.__name__: sorted(model.objects.order_by().values_list(), key=repr) for model in models}


def test_a_file_of_every_type_goes_in_through_the_services(tmp_path: Path) -> None:
    skill = {
        "type": "skill",
        "ref": "s1",
        "name_en": "Candle making",
        "name_ar": "صناعة الشموع",
        "category": "other",
    }
    task = FINISHED | {"skills": ["s1", "بايثون"]}
    result = import_records(tmp_path, skill, CLIENT, FREELANCER, task, ACCEPTED, REVIEW)
    assert (result.status, result.errors) == (0, [])
    row = Task.objects.get()
    assert (row.status, row.budget, row.assigned_to.username) == ("COMPLETED", Decimal("7500.50"), "badr")
    assert set(row.required_skills.values_list("slug", flat=True)) == {"candle-making", "python"}
    assert row.applications_count == 1
    assert TaskApplication.objects.get().status == "ACCEPTED"
    badr = User.objects.get(username="badr")
    assert (badr.average_rating, badr.total_reviews) == (Decimal("4.00"), 1)
    assert set(badr.user_skills.values_list("skill__slug", "proficiency_level")) == {
        ("python", "INTERMEDIATE"),
        ("django", "EXPERT"),
        ("logo-design", "INTERMEDIATE"),
    }
    assert badr.preference.interests == ["programming"]
    topics = set(OutboxEvent.objects.values_list("topic", flat=True))
    expected = {
        "task.created",
        "profile.changed",
        "application.created",
        "application.accepted",
        "task.completed",
    }
    assert expected <= topics


def test_importing_a_file_again_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", [CLIENT, FREELANCER, FINISHED, ACCEPTED, REVIEW])
    run_import(path)
    before = _rows()
    result = run_import(path)
    assert result.status == 0
    assert _rows() == before


def test_a_changed_line_updates_its_row_and_never_adds_one(tmp_path: Path) -> None:
    import_records(tmp_path, CLIENT, FREELANCER, TASK)
    version = Task.objects.get().content_version
    other = TASK | {"budget": 9000, "title": "متجر إلكتروني كبير"}
    result = import_records(tmp_path, CLIENT, FREELANCER | {"skills": ["react"]}, other)
    assert result.errors == []
    task = Task.objects.get()
    assert (task.title, task.budget, task.content_version) == (other["title"], Decimal(9000), version + 1)
    assert list(UserSkill.objects.values_list("skill__slug", flat=True)) == ["react"]


def test_a_task_moves_on_when_its_line_says_so_later(tmp_path: Path) -> None:
    import_records(tmp_path, CLIENT, FREELANCER, TASK, APPLICATION)
    import_records(tmp_path, TASK | {"status": "IN_PROGRESS", "assigned_to": "badr"})
    assert (Task.objects.get().status, TaskApplication.objects.get().status) == ("IN_PROGRESS", "ACCEPTED")
    result = import_records(tmp_path, TASK)
    assert result.codes == [(1, "cannot_change")]
    assert Task.objects.get().status == "IN_PROGRESS"


def test_what_the_services_cannot_change_is_reported_not_overwritten(tmp_path: Path) -> None:
    import_records(tmp_path, CLIENT, FREELANCER, TASK, APPLICATION)
    result = import_records(
        tmp_path, CLIENT | {"email": "other@example.com"}, APPLICATION | {"offered_price": 1}
    )
    assert result.codes == [(1, "cannot_change"), (2, "cannot_change")]
    assert User.objects.get(username="amal").email == "amal@example.com"


def test_a_dry_run_writes_nothing_not_even_events_and_reports_the_same(tmp_path: Path) -> None:
    path = write(
        tmp_path / "in.jsonl",
        [CLIENT, FREELANCER, FINISHED, ACCEPTED, REVIEW, TASK | {"ref": "x", "budget": 1}],
    )
    before = _rows()
    tried = run_import(path, "--dry-run")
    assert _rows() == before
    assert tried.status == 1
    assert tried.errors == run_import(path).errors
    assert Task.objects.count() == 1


def test_an_assignment_without_an_application_line_gets_one(tmp_path: Path) -> None:
    result = import_records(tmp_path, CLIENT, FREELANCER, FINISHED)
    assert result.errors == []
    application = TaskApplication.objects.get()
    assert (application.status, application.offered_price) == ("ACCEPTED", Decimal("7500.50"))


def test_other_applications_of_an_assigned_task_are_rejected(tmp_path: Path) -> None:
    other = FREELANCER | {"ref": "samy", "username": "samy", "email": "samy@example.com"}
    second = APPLICATION | {"ref": "second", "freelancer": "samy"}
    result = import_records(tmp_path, CLIENT, FREELANCER, other, FINISHED, ACCEPTED, second)
    assert result.errors == []
    assert TaskApplication.objects.get(freelancer__username="samy").status == "REJECTED"


def test_a_cancelled_task_is_cancelled(tmp_path: Path) -> None:
    assert import_records(tmp_path, CLIENT, TASK | {"status": "CANCELLED"}).errors == []
    assert Task.objects.get().status == "CANCELLED"


def test_a_password_of_a_line_logs_in_and_without_one_nobody_can(tmp_path: Path) -> None:
    import_records(tmp_path, CLIENT | {"password": "Tarboosh-91-Nile"}, FREELANCER)
    amal, badr = User.objects.get(username="amal"), User.objects.get(username="badr")
    assert amal.check_password("Tarboosh-91-Nile")
    assert not badr.has_usable_password()


def test_the_mark_of_a_line_says_nothing_about_its_password(tmp_path: Path) -> None:
    import_records(tmp_path, CLIENT | {"password": "Tarboosh-91-Nile"})
    mark = ImportRef.objects.get(kind="user").digest
    import_records(tmp_path, CLIENT | {"password": "Something-else-77"})
    assert ImportRef.objects.get(kind="user").digest == mark


def test_refs_that_are_numbers_are_taken(tmp_path: Path) -> None:
    result = import_records(tmp_path, CLIENT | {"ref": 7}, TASK | {"ref": 9, "client": 7})
    assert result.errors == []
    assert Task.objects.get().client.username == "amal"


def test_a_known_skill_is_linked_by_its_slug(tmp_path: Path) -> None:
    line = {
        "type": "skill",
        "ref": "py",
        "slug": "python",
        "name_en": "Python",
        "name_ar": "بايثون",
        "aliases": ["بايثن"],
    }
    before = Skill.objects.count()
    assert import_records(tmp_path, line).errors == []
    assert Skill.objects.count() == before


def test_of_two_imports_at_once_one_makes_the_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_records(tmp_path, CLIENT, TASK)
    find = importing.ref_find

    # The other import's row is not committed yet when this one looks for it.
    monkeypatch.setattr(
        importing, "ref_find", lambda *, kind, ref: None if kind == "task" else find(kind=kind, ref=ref)
    )
    result = import_records(tmp_path, CLIENT, TASK)
    assert result.codes == [(2, "conflict")]
    assert Task.objects.count() == 1


def test_an_interrupted_import_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "in.jsonl", [CLIENT, FREELANCER, FINISHED, ACCEPTED, REVIEW])
    settle = work.task_settle

    def interrupt(**values: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "task_settle", interrupt)
    stopped = run_import(path)
    assert stopped.status == 130
    assert Task.objects.get().status == "OPEN"
    monkeypatch.setattr(work, "task_settle", settle)
    assert run_import(path).errors == []
    assert (Task.objects.get().status, Review.objects.count()) == ("COMPLETED", 1)
