"""A freelancer's skills and wishes: what their list is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from multitask.accounts.models import MAY_OFFER, User
from multitask.common.errors import DomainError, Forbidden, Invalid, NotFound
from multitask.recommendations.models import Proficiency, Skill, UserPreference, UserSkill
from multitask.recommendations.services.lists import profile_changed


@dataclass(frozen=True, slots=True)
class SkillClaim:
    """A skill a user says they have; `level` one of `Proficiency`, `years` 0 to 70 or None."""

    skill_id: int
    level: str = Proficiency.INTERMEDIATE
    years: Decimal | None = None


def _lock(actor: User) -> None:
    # The user's row: of two changes of one person's skills at once the later must see what the earlier left, or
    # both would count the same skill.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)


@transaction.atomic
def user_skill_add(*, actor: User, claim: SkillClaim) -> UserSkill:
    """Add one skill. Raises Forbidden for a client, Invalid unknown_skill, DomainError skill_exists (409)."""
    if actor.user_type not in MAY_OFFER:
        raise Forbidden("not_a_freelancer")
    if not Skill.objects.filter(pk=claim.skill_id, is_active=True).exists():
        raise Invalid("unknown_skill", field="skill_id", skill=claim.skill_id)
    _lock(actor)
    try:
        with transaction.atomic():
            row = UserSkill.objects.create(
                user=actor,
                skill_id=claim.skill_id,
                proficiency_level=claim.level,
                years_experience=claim.years,
            )
    except IntegrityError as error:
        raise DomainError("skill_exists") from error
    Skill.objects.filter(pk=claim.skill_id).update(usage_count=F("usage_count") + 1)
    profile_changed(user=actor)
    return row


@transaction.atomic
def user_skills_set(*, actor: User, claims: Sequence[SkillClaim]) -> list[UserSkill]:
    """Make `claims` the whole of the user's skills, in one change. Raises as `user_skill_add`."""
    if actor.user_type not in MAY_OFFER:
        raise Forbidden("not_a_freelancer")
    wanted = {claim.skill_id: claim for claim in claims}
    known = set(Skill.objects.filter(pk__in=wanted, is_active=True).values_list("pk", flat=True))
    for skill_id in wanted:
        if skill_id not in known:
            raise Invalid("unknown_skill", field="skill_id", skill=skill_id)
    _lock(actor)
    had = set(UserSkill.objects.filter(user=actor).values_list("skill_id", flat=True))
    UserSkill.objects.filter(user=actor, skill__in=had - set(wanted)).delete()
    rows = [
        UserSkill.objects.update_or_create(
            user=actor,
            skill_id=skill_id,
            defaults={"proficiency_level": claim.level, "years_experience": claim.years},
        )[0]
        for skill_id, claim in wanted.items()
    ]
    # In the order of ids, so that two users who change the same skills at once cannot wait for each other.
    for skill_id in sorted(set(wanted) ^ had):
        step = 1 if skill_id in wanted else -1
        Skill.objects.filter(pk=skill_id).update(usage_count=F("usage_count") + step)
    profile_changed(user=actor)
    return rows


def _owned(actor: User, user_skill_id: int) -> UserSkill:
    row = UserSkill.objects.select_for_update().filter(pk=user_skill_id, user=actor).first()
    if row is None:
        raise NotFound
    return row


@transaction.atomic
def user_skill_change(
    *, actor: User, user_skill_id: int, level: str | None = None, years: Decimal | None = None
) -> UserSkill:
    """Change level or years of one's own skill. Raises NotFound for another's."""
    row = _owned(actor, user_skill_id)
    row.proficiency_level = level or row.proficiency_level
    row.years_experience = row.years_experience if years is None else years
    row.save(update_fields=["proficiency_level", "years_experience", "updated_at"])
    profile_changed(user=actor)
    return row


@transaction.atomic
def user_skill_remove(*, actor: User, user_skill_id: int) -> None:
    """Remove one's own skill. Raises NotFound for another's."""
    row = _owned(actor, user_skill_id)
    Skill.objects.filter(pk=row.skill_id).update(usage_count=F("usage_count") - 1)
    row.delete()
    profile_changed(user=actor)


@transaction.atomic
def preferences_change(*, actor: User, **values: Any) -> UserPreference:
    """Change what the user wishes for: `UserPreference.WISHES`. Raises TypeError for a name that is not one."""
    if unknown := set(values).difference(UserPreference.WISHES):
        raise TypeError(f"UserPreference has no {sorted(unknown)} to change")
    preference, _ = UserPreference.objects.update_or_create(user=actor, defaults=values)
    profile_changed(user=actor)
    return preference
