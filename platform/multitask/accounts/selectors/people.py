"""Read people as anyone may see them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from ml.text import normalise
from multitask.accounts.models import MAY_APPLY, User
from multitask.common.errors import NotFound

WORDS_LIMIT = 8
ID_DIGITS = 18


def _skills_model() -> Any:
    return User._meta.get_field("user_skills").related_model  # by name: skills live in an app above


def _shown(people: QuerySet[User]) -> QuerySet[User]:
    """With their skills in `shown_skills`: one more query whatever the number of people."""
    rows = _skills_model()._default_manager.filter(skill__is_active=True).select_related("skill")
    return people.filter(is_active=True).prefetch_related(
        Prefetch("user_skills", queryset=rows.order_by("created_at", "pk"), to_attr="shown_skills")
    )


def person_shown(*, user_id: int) -> User:
    """One person with their skills. Raises NotFound, for a deleted or deactivated account too."""
    found = _shown(User.objects.filter(pk=user_id)).first() if len(str(user_id)) <= ID_DIGITS else None
    if found is None:
        raise NotFound
    return found


def freelancers_found(
    *, search: str = "", skill: str = "", city: str = "", min_rating: Decimal | None = None
) -> QuerySet[User]:
    """Freelancers, the best rated first.

    Every word of `search` is in the name, the bio or the name of a skill, in either language and any spelling that
    `ml.text.normalise` takes for the same. `skill` is an id or a slug. Two queries at most before the list's own.
    """
    people = User.objects.filter(user_type__in=MAY_APPLY)
    words = normalise(search).split()[:WORDS_LIMIT]
    if search.strip() and not words:
        return _shown(people.none())
    if words:
        people = people.filter(_with_words(words))
    if skill.strip():
        people = people.filter(pk__in=_with_skill(skill.strip()))
    if city.strip():
        people = people.filter(city__in=_spellings(city))
    if min_rating is not None:
        people = people.filter(average_rating__gte=min_rating)
    return _shown(people).order_by("-average_rating", "-total_reviews", "pk")


def _with_words(words: list[str]) -> Q:
    names = [
        (pk, normalise(f"{en} {ar} {' '.join(map(str, aliases))}"))
        for pk, en, ar, aliases in _skills_model()
        ._meta.get_field("skill")
        .related_model._default_manager.filter(is_active=True)
        .values_list("pk", "name_en", "name_ar", "aliases")
    ]
    wanted = Q()
    for word in words:
        skills = [pk for pk, name in names if word in name]
        holders = _skills_model()._default_manager.filter(skill__in=skills).values("user_id")
        wanted &= Q(search_text__contains=word) | (Q(pk__in=holders) if skills else Q(pk__in=[]))
    return wanted


def _with_skill(said: str) -> Any:
    chosen = (
        Q(skill=int(said))
        if said.isascii() and said.isdecimal() and len(said) <= ID_DIGITS
        else Q(skill__slug=said)
    )
    return _skills_model()._default_manager.filter(chosen).values("user_id")


def _spellings(city: str) -> list[str]:
    """The ways in which people have written this city."""
    wanted = normalise(city)
    known = (
        User.objects.filter(user_type__in=MAY_APPLY)
        .exclude(city="")
        .order_by()
        .values_list("city", flat=True)
    )
    return [one for one in known.distinct() if normalise(one) == wanted]
