"""What plain listings are compared with."""

from __future__ import annotations

from multitask.exchange.listings import Catalogue
from multitask.recommendations.models import Skill
from multitask.tasks.models import Category


def catalogue() -> Catalogue:
    """The active skills and categories, read once for one import."""
    rows = list(Skill.objects.filter(is_active=True).select_related("category").order_by("pk"))
    return Catalogue(
        vocabulary={row.pk: (row.name_en, row.name_ar, *row.aliases) for row in rows},
        category_of={row.pk: row.category.slug if row.category else None for row in rows},
        slug_of={row.pk: row.slug for row in rows},
        categories={
            row.slug: (row.name_en, row.name_ar)
            for row in Category.objects.filter(is_active=True).exclude(slug="other").order_by("order", "pk")
        },
    )
