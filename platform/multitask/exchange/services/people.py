"""Import users and skills."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.utils.text import slugify
from django.utils.translation import override

from multitask.accounts.models import Language, User, UserType
from multitask.accounts.services.users import user_register
from multitask.exchange.errors import LineError
from multitask.exchange.fields import Fields, check_text, to_amount
from multitask.exchange.services.context import Context, check_unchanged
from multitask.recommendations.models import Proficiency, Skill
from multitask.recommendations.services.catalogue import skill_write
from multitask.recommendations.services.skills import SkillClaim, preferences_change, user_skills_set
from multitask.tasks.models import MAX_BUDGET, TaskType

SKILLS_LIMIT = 100
_MOST_YEARS = 70
_KILOMETRES = 50_000


def user_import(*, fields: Fields, known: int | None, context: Context) -> int:
    """Register a user with skills and wishes, or change the skills and wishes of a known one. Returns the id.

    Raises LineError and DomainError.
    """
    base = _base(fields)
    password = fields.text("password", limit=128) or None
    claims = _claims(fields, context)
    wishes = _wishes(fields, context)
    fields.done()
    user = User.objects.filter(pk=known).first() if known is not None else None
    if user is None:
        _check_login(base, password)
        user = user_register(**base, password=password)
    else:
        check_unchanged(user, base)
    if claims is not None and (claims or (known is not None and user.may_apply)):
        user_skills_set(actor=user, claims=claims)
    if wishes is not None:
        preferences_change(actor=user, **wishes)
    return user.pk


def _base(fields: Fields) -> dict[str, Any]:
    claimed = fields.text("pending_email", limit=254)
    if claimed and "email" in fields:
        raise LineError("unknown_field", field="pending_email")
    return {
        "username": fields.text("username", limit=150, required=True),
        "email": fields.text("email", limit=254, required=not claimed).lower(),
        "pending_email": claimed.lower(),
        "first_name": fields.text("first_name", limit=150),
        "last_name": fields.text("last_name", limit=150),
        "user_type": fields.choice("user_type", UserType.values, default=UserType.CLIENT),
        "language": fields.choice("language", Language.values, default=Language.ARABIC),
        "bio": fields.text("bio", limit=5000),
        "city": fields.text("city", limit=100),
        "phone_number": fields.text("phone_number", limit=20),
    }


def _check_login(base: dict[str, Any], password: str | None) -> None:
    try:
        UnicodeUsernameValidator()(base["username"])
    except ValidationError as error:
        raise LineError("bad_username", field="username") from error
    for name in ("email", "pending_email"):
        try:
            if base[name]:
                validate_email(base[name])
        except ValidationError as error:
            raise LineError("bad_email", field=name) from error
    if password is None:
        return
    try:
        with override("en"):
            names = ("username", "email", "first_name", "last_name")
            validate_password(password, User(**{name: base[name] for name in names}))
    except ValidationError as error:
        raise LineError("weak_password", field="password", reason=" ".join(error.messages)) from error


def _claims(fields: Fields, context: Context) -> list[SkillClaim] | None:
    found = fields.take("skills", kind=list, expected="a list")
    if found is None:
        return None
    if len(found) > SKILLS_LIMIT:
        raise LineError("too_many_skills", field="skills", limit=SKILLS_LIMIT)
    return [_claim(one, context) for one in found]


def _claim(one: Any, context: Context) -> SkillClaim:
    if isinstance(one, str):
        return SkillClaim(context.skills.resolve(check_text(one, field="skills"), field="skills"))
    if not isinstance(one, dict):
        raise LineError("wrong_kind", field="skills", expected='a name, or {"skill", "level", "years"}')
    inner = Fields(one)
    name = inner.text("skill", limit=200, required=True)
    level = inner.choice("level", Proficiency.values, default=Proficiency.INTERMEDIATE)
    years = inner.take("years", kind=(int, Decimal, str), expected="a number of years")
    inner.done()
    known = None if years is None else to_amount(years, field="years")
    if known is not None and not (known.is_finite() and 0 <= known <= _MOST_YEARS):
        raise LineError("wrong_kind", field="years", expected=f"a number from 0 to {_MOST_YEARS}")
    rounded = None if known is None else known.quantize(Decimal("0.1"))
    return SkillClaim(context.skills.resolve(name, field="skills"), level, rounded)


def _wishes(fields: Fields, context: Context) -> dict[str, Any] | None:
    found = fields.take("preferences", kind=dict, expected="an object")
    if found is None:
        return None
    inner = Fields(found)
    wishes: dict[str, Any] = {}
    if (interests := inner.texts("interests")) is not None:
        wishes["interests"] = [context.category(name, field="interests").slug for name in interests]
    if (types := inner.texts("preferred_task_types")) is not None:
        for name in types:
            if name not in TaskType.values:
                raise LineError(
                    "not_a_choice",
                    field="preferred_task_types",
                    found=name,
                    choices=", ".join(TaskType.values),
                )
        wishes["preferred_task_types"] = types
    for name in ("min_budget", "max_budget"):
        wishes[name] = _budget(inner, name)
    if None not in (low_high := (wishes["min_budget"], wishes["max_budget"])) and low_high[0] > low_high[1]:
        raise LineError("budget_order", field="min_budget")
    wishes["preferred_location"] = inner.text("preferred_location", limit=100)
    wishes["max_distance"] = inner.whole("max_distance", low=0, high=_KILOMETRES)
    wishes["prefer_remote"] = inner.boolean("prefer_remote")
    wishes["prefer_physical"] = inner.boolean("prefer_physical")
    inner.done()
    return wishes


def _budget(fields: Fields, name: str) -> Decimal | None:
    value = fields.take(name, kind=(int, Decimal, str), expected="a number")
    if value is None:
        return None
    found = to_amount(value, field=name)
    if not found.is_finite() or not 0 <= found <= MAX_BUDGET:
        raise LineError("wrong_kind", field=name, expected=f"a number from 0 to {MAX_BUDGET:,}")
    return found


def skill_import(*, fields: Fields, known: int | None, context: Context) -> int:
    """Add a skill, or change the one with its slug. Returns the id. Raises LineError."""
    name_en = fields.text("name_en", limit=100, required=True)
    slug = fields.text("slug", limit=100, default=slugify(name_en))
    category = fields.text("category", limit=100)
    values: dict[str, Any] = {
        "name_en": name_en,
        "name_ar": fields.text("name_ar", limit=100, required=True),
        "aliases": fields.texts("aliases") or [],
        "category": context.category(category) if category else None,
        "description_en": fields.text("description_en", limit=5000),
        "description_ar": fields.text("description_ar", limit=5000),
    }
    fields.done()
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise LineError("wrong_kind", field="slug", expected="letters a-z, digits and hyphens") from error
    if known is not None and not Skill.objects.filter(pk=known, slug=slug).exists():
        raise LineError("cannot_change", field="slug")
    other = Skill.objects.filter(name_en=name_en).exclude(slug=slug).first()
    if other is not None:
        raise LineError("skill_name_taken", field="name_en", slug=other.slug)
    skill = skill_write(slug=slug, **values)
    context.skills.forget()
    return skill.pk
