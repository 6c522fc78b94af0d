"""The list of skills."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from multitask.recommendations.models import Skill
from multitask.tasks.models import Category


@transaction.atomic
def skill_write(
    *,
    slug: str,
    name_en: str,
    name_ar: str,
    aliases: Sequence[str] = (),
    category: Category | None = None,
    description_en: str = "",
    description_ar: str = "",
) -> Skill:
    """Add a skill, or change the one with this slug. The caller has checked that the English name is free."""
    skill, _ = Skill.objects.update_or_create(
        slug=slug,
        defaults={
            "name_en": name_en,
            "name_ar": name_ar,
            "aliases": list(aliases),
            "category": category,
            "description_en": description_en,
            "description_ar": description_ar,
        },
    )
    return skill
