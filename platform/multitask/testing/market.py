"""Short words for tests: what people do in the marketplace, through the real services."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from itertools import count
from typing import Any

from multitask.accounts.models import User
from multitask.accounts.services.users import user_register
from multitask.recommendations.models import RecommendationEntry, Skill, UserSkill
from multitask.recommendations.services.skills import SkillClaim, user_skills_set
from multitask.tasks.models import Category, Task, TaskApplication
from multitask.tasks.services.applications import application_create
from multitask.tasks.services.tasks import task_create

_numbers = count(1)


def skill_ids(*slugs: str) -> list[int]:
    found = dict(Skill.objects.filter(slug__in=slugs).values_list("slug", "id"))
    return [found[slug] for slug in slugs]


def join(user_type: str, *, skills: Collection[int] = (), **more: Any) -> User:
    """Register somebody, with skills."""
    number = next(_numbers)
    user = user_register(
        username=f"member{number}",
        email=f"member{number}@example.org",
        password=None,
        user_type=user_type,
        **more,
    )
    if skills:
        user_skills_set(actor=user, claims=[SkillClaim(skill) for skill in skills])
    return user


def post(client: User, *, category: str = "programming", skills: Collection[int] = (), **more: Any) -> Task:
    """Post a task."""
    values: dict[str, Any] = {
        "title": "A shop for the web",
        "description": "Products, a basket, payment on delivery.",
        "budget": Decimal("1500.00"),
    }
    return task_create(
        actor=client, category=Category.objects.get(slug=category), required_skills=skills, **(values | more)
    )


def bid(freelancer: User, task: Task, **more: Any) -> TaskApplication:
    """Apply to a task."""
    values: dict[str, Any] = {
        "proposal": "I have done this before and can begin today.",
        "offered_price": Decimal("1400.00"),
        "estimated_time": "two weeks",
    }
    return application_create(actor=freelancer, task_id=task.pk, **(values | more))


def lists() -> dict[int, list[tuple[Any, ...]]]:
    """{user id: what the list holds, best first}, without the times."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    rows = RecommendationEntry.objects.order_by("-score", "-task_id").select_related("recommendation_list")
    for row in rows:
        found.setdefault(row.recommendation_list.user_id, []).append(
            (
                row.task_id,
                row.score,
                row.match_percentage,
                row.parts,
                row.reasons,
                row.algorithm,
                row.content_version,
            )
        )
    return found


def usage_recount() -> dict[int, int]:
    """{skill id: how many people have it}, of the skills that anybody has."""
    counted: dict[int, int] = {}
    for skill_id in UserSkill.objects.values_list("skill_id", flat=True):
        counted[skill_id] = counted.get(skill_id, 0) + 1
    return counted
