"""What the database itself refuses of skills, wishes, vectors and lists, and the indexes they are read by."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.utils import translation

from multitask.recommendations.factories import (
    EntryFactory,
    ListFactory,
    PreferenceFactory,
    UserSkillFactory,
)
from multitask.recommendations.models import (
    LexicalModelVersion,
    RecommendationFeedback,
    RecommendationLog,
    Skill,
    UserPreference,
    UserSkill,
    VectorIndex,
)
from multitask.tasks.factories import TaskFactory
from multitask.tasks.models import Category

pytestmark = pytest.mark.django_db


def _refused(row: models.Model, constraint: str, **changes: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(**changes)


def test_there_are_the_description_s_skills_with_both_names() -> None:
    skills = list(Skill.objects.select_related("category"))
    assert len(skills) >= 150
    assert {skill.category.slug for skill in skills if skill.category} == set(
        Category.objects.values_list("slug", flat=True)
    )
    for skill in skills:
        assert skill.name_en
        assert skill.name_ar
        with translation.override("ar"):
            assert str(skill) == skill.name_ar
        with translation.override("en"):
            assert str(skill) == skill.name_en


def test_nobody_has_a_skill_twice_nor_an_impossible_one() -> None:
    row = UserSkillFactory()
    other = UserSkillFactory(user=row.user)
    _refused(other, "user_skill_once", skill=row.skill_id)
    _refused(row, "user_skill_level_known", proficiency_level="WIZARD")
    _refused(row, "user_skill_years_range", years_experience=Decimal("-0.5"))
    _refused(row, "user_skill_years_range", years_experience=Decimal("70.5"))
    with pytest.raises(models.ProtectedError), transaction.atomic():
        row.skill.delete()


def test_a_lowest_budget_is_not_above_the_highest() -> None:
    row = PreferenceFactory(min_budget=100, max_budget=100)
    _refused(row, "preference_budget_order", max_budget=99)
    UserPreference.objects.filter(pk=row.pk).update(max_budget=None, min_budget=500)


def test_a_task_is_in_a_list_once_and_matches_at_most_fully() -> None:
    row = EntryFactory()
    other = EntryFactory(recommendation_list=row.recommendation_list)
    _refused(other, "entry_once", task=row.task_id)
    _refused(row, "entry_percentage_range", match_percentage=101)
    with pytest.raises(IntegrityError, match="user_id"), transaction.atomic():
        ListFactory(user=row.recommendation_list.user)


def test_one_generation_of_vectors_serves_and_one_is_built() -> None:
    lexical = LexicalModelVersion.objects.create(identifier="x", data=b"", documents=0)
    values = {
        "encoder_model": "m",
        "encoder_revision": "1",
        "dimensions": 3,
        "lexical": lexical,
        "text_version": "t",
    }
    for state in ("active", "building"):
        VectorIndex.objects.create(state=state, **values)
        with pytest.raises(IntegrityError, match=f"vector_index_one_{state}"), transaction.atomic():
            VectorIndex.objects.create(state=state, **values)
    for _ in range(2):
        VectorIndex.objects.create(state="retired", **values)


def test_the_same_feedback_is_kept_once() -> None:
    row = UserSkillFactory()
    task = TaskFactory()
    RecommendationFeedback.objects.create(user=row.user, task=task, action="saved")
    RecommendationFeedback.objects.create(user=row.user, task=task, action="dismissed")
    with pytest.raises(IntegrityError, match="feedback_once"), transaction.atomic():
        RecommendationFeedback.objects.create(user=row.user, task=task, action="saved")


INDEXES: list[tuple[type[models.Model], list[str]]] = [
    (Skill, ["category_id", "is_active"]),
    (Skill, ["is_active"]),
    (Skill, ["usage_count"]),
    (UserSkill, ["user_id", "created_at"]),
    (UserSkill, ["skill_id", "proficiency_level"]),
    (UserPreference, ["user_id"]),
    (RecommendationLog, ["user_id", "created_at"]),
    (RecommendationLog, ["recommendation_type"]),
]


@pytest.mark.parametrize(("model", "columns"), INDEXES, ids=lambda value: getattr(value, "__name__", value))
def test_the_description_s_indexes_are_there(model: type[models.Model], columns: list[str]) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert any(
        (one["index"] or one["unique"]) and one["columns"][: len(columns)] == columns
        for one in found.values()
    )


@pytest.mark.parametrize("table", ["recommendations_taskvector", "recommendations_profilevector"])
def test_vectors_have_an_hnsw_index_for_the_cosine_that_the_search_uses(table: str) -> None:
    zeros = "[1" + ",0" * 383 + "]"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(
            f"""EXPLAIN SELECT id FROM {table} WHERE readable AND vector_dims(vector) = 384
                ORDER BY vector::vector(384) <=> %s::vector(384) LIMIT 10""",
            [zeros],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"{table}_hnsw_384" in plan


def test_the_admin_shows_why_somebody_sees_what_they_see(admin_user: Any, client: Any) -> None:
    entry = EntryFactory()
    client.force_login(admin_user)
    page = client.get(f"/admin/recommendations/recommendationlist/{entry.recommendation_list_id}/change/")
    assert page.status_code == 200
    assert str(entry.task) in page.content.decode()
    for name in ("skill", "vectorindex", "recommendationlist"):
        assert client.get(f"/admin/recommendations/{name}/").status_code == 200
    assert client.get("/admin/recommendations/recommendationlist/add/").status_code == 403
