"""What the database itself refuses, whoever writes, and the indexes that the product is read by."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import translation

from multitask.accounts.factories import FreelancerFactory
from multitask.common.errors import DomainError
from multitask.tasks.factories import (
    ApplicationFactory,
    CompletedTaskFactory,
    ReviewFactory,
    StartedTaskFactory,
    TaskFactory,
)
from multitask.tasks.models import (
    ApplicationStatus,
    Category,
    Review,
    Task,
    TaskApplication,
    TaskStatus,
)
from multitask.tasks.state import (
    APPLICATION_MOVES,
    TASK_MOVES,
    check_application_move,
    check_task_move,
)

pytestmark = pytest.mark.django_db


def _refused(row: models.Model, constraint: str, **changes: Any) -> None:
    """The change is refused by the named constraint, behind every check in Python."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(**changes)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("task_budget_range", {"budget": Decimal("9.99")}),
        ("task_budget_range", {"budget": Decimal("10000000.01")}),
        ("task_status_known", {"status": "LOST"}),
        ("task_type_known", {"task_type": "SOMEHOW"}),
        ("task_listing_type_known", {"listing_type": "gift"}),
        ("task_title_given", {"title": ""}),
        ("task_started_is_assigned", {"status": "IN_PROGRESS"}),
        ("task_started_is_assigned", {"status": "COMPLETED"}),
        ("applications_count", {"applications_count": -1}),
        ("views_count", {"views_count": -1}),
    ],
)
def test_an_impossible_task_is_refused(constraint: str, changes: dict[str, Any]) -> None:
    _refused(TaskFactory(), constraint, **changes)


def test_a_task_is_never_assigned_to_its_client_nor_open_and_assigned() -> None:
    task = StartedTaskFactory()
    _refused(task, "task_not_assigned_to_client", assigned_to=task.client_id)
    _refused(task, "task_open_is_unassigned", status="OPEN")


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("application_status_known", {"status": "PERHAPS"}),
        ("application_price_range", {"offered_price": Decimal(9)}),
        ("application_price_range", {"offered_price": Decimal("10000000.01")}),
    ],
)
def test_an_impossible_application_is_refused(constraint: str, changes: dict[str, Any]) -> None:
    _refused(ApplicationFactory(), constraint, **changes)


def test_nobody_s_row_applies_to_their_own_task() -> None:
    task = TaskFactory()
    with pytest.raises(IntegrityError, match="application_not_to_oneself"), transaction.atomic():
        TaskApplication.objects.bulk_create(
            [ApplicationFactory.build(task=task, client=task.client, freelancer=task.client)]
        )


def test_an_application_cannot_name_a_client_who_is_not_the_tasks() -> None:
    """The way around the check of a self-application: the composite key closes it."""
    task, another = TaskFactory(), FreelancerFactory()

    def apply_as_if_it_were_anothers() -> None:
        with transaction.atomic():
            ApplicationFactory(task=task, client=another, freelancer=task.client)
            connection.check_constraints()  # as at the commit

    with pytest.raises(IntegrityError, match="application_client_is_the_tasks"):
        apply_as_if_it_were_anothers()


def test_a_task_has_one_accepted_application_and_a_freelancer_one_at_most() -> None:
    first = ApplicationFactory(status="ACCEPTED")
    second = ApplicationFactory(task=first.task)
    _refused(second, "application_one_accepted", status="ACCEPTED")
    _refused(second, "application_once", freelancer=first.freelancer_id)


@pytest.mark.parametrize(
    "field", ["rating", "communication_rating", "quality_rating", "professionalism_rating"]
)
@pytest.mark.parametrize("stars", [0, 6])
def test_a_rating_outside_one_to_five_is_refused(field: str, stars: int) -> None:
    _refused(ReviewFactory(), f"review_{field}_range", **{field: stars})


def test_nobody_s_row_reviews_themselves_or_twice() -> None:
    review = ReviewFactory()
    _refused(review, "review_not_of_oneself", reviewee=review.reviewer_id)
    other = ReviewFactory(task=review.task, reviewer=review.reviewee, reviewee=review.reviewer)
    _refused(other, "review_once", reviewer=review.reviewer_id, reviewee=review.reviewee_id)


def test_people_with_tasks_and_categories_in_use_cannot_be_deleted() -> None:
    task = CompletedTaskFactory()
    for row in (task.client, task.assigned_to, task.category):
        with pytest.raises(models.ProtectedError), transaction.atomic():
            row.delete()


INDEXES: list[tuple[type[models.Model], list[str]]] = [
    (Task, ["status", "created_at"]),
    (Task, ["category_id", "status"]),
    (Task, ["client_id"]),
    (Task, ["assigned_to_id"]),
    (Task, ["city"]),
    (Category, ["slug"]),
    (Category, ["is_active"]),
    (TaskApplication, ["task_id", "status"]),
    (TaskApplication, ["freelancer_id", "status"]),
    (TaskApplication, ["status", "created_at"]),
    (Review, ["reviewee_id", "created_at"]),
    (Review, ["rating"]),
    (Review, ["task_id"]),
]


@pytest.mark.parametrize(("model", "columns"), INDEXES, ids=lambda value: getattr(value, "__name__", value))
def test_the_description_s_indexes_are_there(model: type[models.Model], columns: list[str]) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert any(one["index"] and one["columns"][: len(columns)] == columns for one in found.values())


def test_the_newest_open_tasks_are_found_by_their_index() -> None:
    # Of a table with nothing in it every index costs the same.
    TaskFactory.create_batch(20, status=TaskStatus.CANCELLED)
    TaskFactory.create_batch(2)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_task")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM tasks_task WHERE status = 'OPEN' ORDER BY created_at DESC, id DESC LIMIT 12"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "task_status_newest" in plan


def test_there_are_nine_categories_with_both_names() -> None:
    rows = list(Category.objects.all())
    assert len(rows) == 9
    for row in rows:
        assert row.name_ar != row.name_en
        with translation.override("ar"):
            assert str(row) == row.name_ar
            assert row.description == row.description_ar
        with translation.override("en"):
            assert str(row) == row.name_en
            assert row.description == row.description_en
        assert row.description_ar
        assert row.description_en
    assert [row.order for row in rows] == sorted(row.order for row in rows)


def test_the_file_of_categories_is_what_the_database_holds() -> None:
    path = Path(__file__).resolve().parents[1] / "data" / "categories.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert {row["slug"] for row in rows} == set(Category.objects.values_list("slug", flat=True))


@pytest.mark.parametrize("current", TaskStatus.values)
@pytest.mark.parametrize("wanted", TaskStatus.values)
def test_a_task_moves_only_forward(current: str, wanted: str) -> None:
    allowed = {
        ("OPEN", "IN_PROGRESS"),
        ("OPEN", "CANCELLED"),
        ("IN_PROGRESS", "COMPLETED"),
        ("IN_PROGRESS", "CANCELLED"),
    }
    if (current, wanted) in allowed:
        check_task_move(current, wanted)
    else:
        with pytest.raises(DomainError):
            check_task_move(current, wanted)
    assert set(TASK_MOVES) == set(TaskStatus.values)


@pytest.mark.parametrize("current", ApplicationStatus.values)
@pytest.mark.parametrize("wanted", ApplicationStatus.values)
def test_an_application_is_decided_once_and_only_a_withdrawn_one_is_sent_again(
    current: str, wanted: str
) -> None:
    sent_again = (current, wanted) == ("WITHDRAWN", "PENDING")
    if sent_again or (current == "PENDING" and wanted != "PENDING"):
        check_application_move(current, wanted)
    else:
        with pytest.raises(DomainError):
            check_application_move(current, wanted)
    assert set(APPLICATION_MOVES) == set(ApplicationStatus.values)


def test_the_admin_looks_tasks_up_and_changes_nothing(admin_user: Any, client: Any) -> None:
    application = ApplicationFactory()
    review = ReviewFactory()
    client.force_login(admin_user)
    for name, row in (("task", application.task), ("taskapplication", application), ("review", review)):
        assert client.get(f"/admin/tasks/{name}/").status_code == 200
        assert client.get(f"/admin/tasks/{name}/{row.pk}/change/").status_code == 200
        assert client.get(f"/admin/tasks/{name}/add/").status_code == 403
        assert client.post(f"/admin/tasks/{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"/admin/tasks/task/{application.task_id}/change/", {"title": "Changed behind the service"})
    assert Task.objects.get(pk=application.task_id).title == application.task.title
