"""What somebody looks for: changed field by field, or answered at the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from multitask.accounts.models import User
from multitask.common.errors import Invalid
from multitask.recommendations.models import UserPreference
from multitask.recommendations.services.skills import SkillClaim, preferences_change, user_skills_set
from multitask.tasks.models import Category


@transaction.atomic
def wishes_change(*, actor: User, **values: Any) -> UserPreference:
    """Change fields of `UserPreference`. Raises Invalid unknown_category, budget_order."""
    interests = values.get("interests")
    if interests is not None:
        values["interests"] = list(dict.fromkeys(interests))
        known = set(
            Category.objects.filter(slug__in=interests, is_active=True).values_list("slug", flat=True)
        )
        if set(interests) - known:
            raise Invalid("unknown_category", field="interests")
    if "preferred_task_types" in values:
        values["preferred_task_types"] = list(dict.fromkeys(values["preferred_task_types"]))
    # The user's row: of two changes at once the later must compare its limit with the earlier's.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    before = UserPreference.objects.filter(user=actor).first() or UserPreference()
    low = values.get("min_budget", before.min_budget)
    high = values.get("max_budget", before.max_budget)
    if low is not None and high is not None and low > high:
        raise Invalid("budget_order", field="max_budget" if "max_budget" in values else "min_budget")
    return preferences_change(actor=actor, **values)


@transaction.atomic
def onboarding_complete(
    *, actor: User, claims: Sequence[SkillClaim] | None = None, **values: Any
) -> UserPreference:
    """Take the answers given at the start. Raises as `wishes_change` and, where there are claims, `user_skills_set`."""
    preference = wishes_change(actor=actor, **values)
    if claims is not None:
        user_skills_set(actor=actor, claims=claims)
    if not preference.onboarding_completed:
        preference.onboarding_completed = True
        preference.onboarding_completed_at = timezone.now()
        preference.save(update_fields=["onboarding_completed", "onboarding_completed_at", "updated_at"])
    return preference
