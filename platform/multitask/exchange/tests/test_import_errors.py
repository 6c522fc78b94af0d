from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from multitask.accounts.models import User
from multitask.exchange.errors import LINE_MESSAGES
from multitask.exchange.tests.helpers import (
    APPLICATION,
    CLIENT,
    FREELANCER,
    REVIEW,
    TASK,
    import_records,
    run_import,
)
from multitask.outbox.models import OutboxEvent
from multitask.tasks.models import Task, TaskApplication

pytestmark = pytest.mark.django_db

BOTH = FREELANCER | {"ref": "amal", "username": "amal", "email": "amal@example.com", "user_type": "both"}


def test_bad_lines_are_listed_by_number_while_the_rest_goes_in(tmp_path: Path) -> None:
    lines = [
        CLIENT,
        "garbage",
        TASK | {"ref": "bad", "budget": 5},
        "",
        TASK,
        '{"type": "task"',
        "[1, 2]",
        b'{"a": "\xff"}',
    ]
    result = import_records(tmp_path, *lines)
    assert result.status == 1
    assert result.codes == [
        (2, "bad_json"),
        (3, "budget_range"),
        (6, "bad_json"),
        (7, "not_object"),
        (8, "bad_utf8"),
    ]
    assert all(error["reason"] and error["reason_ar"] for error in result.errors)
    assert Task.objects.get().title == TASK["title"]


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (TASK | {"description": "x" * 100_000}, "too_long", "description"),
        (TASK | {"description": "؟!؟ *** 123"}, "no_words", "description"),
        (TASK | {"description": ""}, "blank", "description"),
        (TASK | {"description": None}, "missing", "description"),
        (TASK | {"title": 5}, "wrong_kind", "title"),
        (TASK | {"title": "a\0b"}, "bad_character", "title"),
        (TASK | {"title": "\ud800"}, "bad_character", "title"),
        (TASK | {"budget": True}, "wrong_kind", "budget"),
        (TASK | {"budget": "many"}, "wrong_kind", "budget"),
        (TASK | {"budget": "1e400"}, "budget_range", "budget"),
        (TASK | {"budget": "NaN"}, "budget_range", "budget"),
        (TASK | {"budget": 10**12}, "budget_range", "budget"),
        (TASK | {"deadline": "2001-01-01"}, "deadline_past", "deadline"),
        (TASK | {"deadline": "2030-13-45"}, "wrong_kind", "deadline"),
        (TASK | {"category": "nothing"}, "unknown_category", "category"),
        (TASK | {"skills": ["levitation"]}, "unknown_skill", "skills"),
        (TASK | {"skills": ["python"] * 11}, "too_many_skills", "skills"),
        (TASK | {"client": "nobody"}, "unknown_ref", "client"),
        (TASK | {"client": "badr"}, "not_a_client", ""),
        (TASK | {"status": "LOST"}, "not_a_choice", "status"),
        (TASK | {"status": "COMPLETED"}, "missing", "assigned_to"),
        (TASK | {"assigned_to": "badr"}, "open_is_unassigned", "assigned_to"),
        (TASK | {"colour": "red"}, "unknown_field", "colour"),
        (TASK | {"ref": ""}, "bad_ref", "ref"),
        (TASK | {"ref": "r" * 201}, "bad_ref", "ref"),
        (TASK | {"type": "spaceship"}, "unknown_type", "type"),
        (APPLICATION, "unknown_ref", "task"),
        (REVIEW, "unknown_ref", "task"),
        (CLIENT | {"ref": "b"}, "username_taken", "username"),
        (CLIENT | {"ref": "b", "username": "other"}, "email_taken", "email"),
        (CLIENT | {"ref": "b", "username": "a b"}, "bad_username", "username"),
        (CLIENT | {"ref": "b", "username": "c", "email": "c"}, "bad_email", "email"),
        (CLIENT | {"ref": "b", "username": "c", "email": None, "pending_email": "c"}, "bad_email", "pending_email"),
        (CLIENT | {"ref": "b", "username": "c", "pending_email": "c@example.com"}, "unknown_field", "pending_email"),
        (CLIENT | {"ref": "b", "username": "c", "email": "c@example.com", "password": "1234"}, "weak_password", "password"),
        (CLIENT | {"ref": "b", "username": "c", "email": "c@example.com", "skills": ["python"]}, "not_a_freelancer", ""),
        (FREELANCER | {"skills": [{"skill": "python", "years": 400}]}, "wrong_kind", "years"),
        (FREELANCER | {"preferences": {"min_budget": 9, "max_budget": 3}}, "budget_order", "min_budget"),
        (
            {"type": "skill", "ref": "s", "slug": "snake", "name_en": "Python", "name_ar": "ثعبان"},
            "skill_name_taken",
            "name_en",
        ),
    ],
)  # fmt: skip
def test_a_line_that_breaks_a_rule_says_which_and_changes_nothing(
    tmp_path: Path, line: dict[str, Any], code: str, field: str
) -> None:
    import_records(tmp_path, CLIENT, FREELANCER)
    events, users = OutboxEvent.objects.count(), User.objects.count()
    result = run_import(_ascii(tmp_path / "in.jsonl", line))
    assert [(error["code"], error["field"]) for error in result.errors] == [(code, field)]
    assert (OutboxEvent.objects.count(), User.objects.count(), Task.objects.count()) == (events, users, 0)


def _ascii(path: Path, line: dict[str, Any]) -> Path:
    # Escaped, so that half a pair can be written at all.
    path.write_text(json.dumps(line) + "\n", encoding="ascii")
    return path


def test_an_administrator_is_refused(tmp_path: Path) -> None:
    result = import_records(tmp_path, CLIENT | {"user_type": "admin"})
    assert result.codes == [(1, "admin_refused")]
    assert not User.objects.exists()


def test_nobody_applies_to_their_own_task(tmp_path: Path) -> None:
    result = import_records(tmp_path, BOTH, TASK, APPLICATION | {"freelancer": "amal"})
    assert result.codes == [(3, "own_task")]
    assert not TaskApplication.objects.exists()


def test_nobody_is_assigned_their_own_task(tmp_path: Path) -> None:
    result = import_records(tmp_path, BOTH, TASK | {"status": "COMPLETED", "assigned_to": "amal"})
    assert result.codes == [(2, "own_task")]
    assert Task.objects.get().status == "OPEN"


def test_a_task_goes_to_one_freelancer_only(tmp_path: Path) -> None:
    other = FREELANCER | {"ref": "samy", "username": "samy", "email": "samy@example.com"}
    accepted = APPLICATION | {"status": "ACCEPTED"}
    second = accepted | {"ref": "second", "freelancer": "samy"}
    result = import_records(tmp_path, CLIENT, FREELANCER, other, TASK, accepted, second)
    assert result.codes == [(6, "other_assignee")]
    assert Task.objects.get().assigned_to.username == "badr"


def test_one_freelancer_applies_once(tmp_path: Path) -> None:
    result = import_records(tmp_path, CLIENT, FREELANCER, TASK, APPLICATION, APPLICATION | {"ref": "again"})
    assert result.codes == [(5, "already_applied")]
    assert Task.objects.get().applications_count == 1


def test_an_open_task_is_not_reviewed(tmp_path: Path) -> None:
    taken = TASK | {"status": "IN_PROGRESS", "assigned_to": "badr"}
    assert import_records(tmp_path, CLIENT, FREELANCER, taken, REVIEW).codes == [(4, "task_not_completed")]
    assert not Task.objects.get().reviews.exists()


def test_a_line_of_five_megabytes_is_one_error(tmp_path: Path) -> None:
    result = import_records(tmp_path, CLIENT, TASK | {"description": "x" * 5_000_000}, TASK)
    assert result.codes == [(2, "line_too_long")]
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        ('{"type": "user"}'.encode("utf-16"), "UTF-16"),
        (b"", "empty"),
        (b" \n\n", "empty"),
    ],
)
def test_a_file_that_is_no_text_is_refused_whole(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(content)
    result = run_import(path)
    assert result.status == 2
    assert said in result.output


def test_a_file_that_is_not_there_is_an_exit_status_of_two(tmp_path: Path) -> None:
    assert run_import(tmp_path / "nothing.jsonl").status == 2
    assert run_import(tmp_path).status == 2


def test_an_import_without_errors_removes_the_list_of_an_earlier_one(tmp_path: Path) -> None:
    assert import_records(tmp_path, "garbage").errors
    assert import_records(tmp_path, CLIENT).errors == []


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(CLIENT).encode() + b"\r\n" + json.dumps(TASK).encode())
    assert run_import(path).status == 0
    assert Task.objects.count() == 1


def test_a_csv_file_taken_for_json_lines_is_told_about_the_option(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text("title,description\nLogo,A logo for a bakery\n", encoding="utf-8")
    assert "--csv" in run_import(path).output


def test_every_reason_is_there_in_both_languages() -> None:
    for message in LINE_MESSAGES.values():
        assert any("\u0600" <= letter <= "\u06ff" for letter in message.ar)
        assert not any("\u0600" <= letter <= "\u06ff" for letter in message.en)


def test_an_unfinished_ending_is_made_up_for_by_the_next_import(tmp_path: Path) -> None:
    finished = TASK | {"status": "COMPLETED", "assigned_to": "amal"}
    import_records(tmp_path, BOTH, finished)
    right = TASK | {"status": "COMPLETED", "assigned_to": "badr"}
    assert import_records(tmp_path, FREELANCER, right).errors == []
    assert Task.objects.get().status == "COMPLETED"
