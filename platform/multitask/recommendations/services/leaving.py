"""What becomes of the counts of skills when an account ends."""

from __future__ import annotations

from django.db.models import F

from multitask.accounts.models import User
from multitask.recommendations.models import Skill, UserSkill


def skills_release(user: User) -> None:
    """Take the user's skills out of the counts. The caller holds the user's row and deletes the rows themselves."""
    # In the order of ids, as every change of several counts.
    for skill_id in sorted(UserSkill.objects.filter(user=user).values_list("skill_id", flat=True)):
        Skill.objects.filter(pk=skill_id).update(usage_count=F("usage_count") - 1)
